"""Artifacts from local and HTTP mirrors: verified or not used, fetched once, resumed, of the right architecture."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.engine.errors import Refusal, Transient, Trouble
from core.machines.artifacts import Artifacts, mirrors_from, version_table
from core.machines.artifacts.checks import published_sum
from core.machines.state import Binary
from tests.unit.machines.mirror_server import MirrorServer
from tests.unit.machines.programs import archive, program, publish, publish_sums, sha256, table

KUBELET = "127.0.0.1:9/v1/amd64/kubelet"
ETCD = "127.0.0.1:9/etcd/etcd-v1-linux-amd64.tar.gz"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MirrorServer]:
    """A running mirror."""
    (tmp_path / "mirror").mkdir()
    mirror = MirrorServer(tmp_path / "mirror")
    runner = await mirror.start()
    yield mirror
    await runner.cleanup()


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """The root of a local mirror."""
    return tmp_path / "mirror"


def artifacts_of(tmp_path: Path, *mirrors: str, **pins: str) -> Artifacts:
    return Artifacts(tmp_path / "cache", mirrors, table(**pins))


async def test_a_program_comes_from_a_local_mirror_and_needs_it_once(tmp_path: Path, mirror: Path) -> None:
    published = publish(mirror, KUBELET, program("kubelet"))
    binary = Binary("/usr/local/bin/kubelet", "kubelet", "1")
    artifacts = artifacts_of(tmp_path, f"file://{mirror}")
    assert artifacts.known(binary, "x86_64") is None
    path = await artifacts.fetch("kubelet", "1", "x86_64")
    assert path.read_bytes() == program("kubelet")
    published.unlink()
    (known,) = artifacts_of(tmp_path).known(binary, "x86_64") or ()
    assert (known.path, known.place, known.sha256) == (binary.path, KUBELET, sha256(program("kubelet")))
    assert await artifacts_of(tmp_path).fetch("kubelet", "1", "amd64") == path


async def test_members_of_an_archive_are_named_without_its_top_folder(tmp_path: Path, mirror: Path) -> None:
    members = {"etcd-v1/etcd": program("etcd"), "etcd-v1/etcdctl": program("ctl"), "etcd-v1/doc/README.md": b"words"}
    publish_sums(mirror, ETCD, archive(members))
    artifacts = artifacts_of(tmp_path, f"file://{mirror}")
    (etcd,) = await artifacts.programs(Binary("/usr/local/bin/etcd", "etcd", "1", "etcd"), "x86_64")
    assert etcd.local.read_bytes() == program("etcd")
    assert etcd.local == tmp_path / "cache" / etcd.place
    folder = await artifacts.programs(Binary("/opt/etcd", "etcd", "1", "doc/"), "x86_64")
    assert [item.path for item in folder] == ["/opt/etcd/README.md"]
    with pytest.raises(Trouble, match=r"etcd 1 for amd64 holds no nothing – it holds doc/README.md, etcd, etcdctl"):
        artifacts.known(Binary("/x/y", "etcd", "1", "nothing"), "x86_64")


async def test_a_member_cannot_be_written_outside_the_cache(tmp_path: Path, mirror: Path) -> None:
    publish_sums(mirror, ETCD, archive({"../../evil": program("evil")}))
    with pytest.raises(Trouble, match="cannot be unpacked"):
        await artifacts_of(tmp_path, f"file://{mirror}").fetch("etcd", "1", "x86_64")
    assert not list(tmp_path.rglob("evil"))


async def test_a_checksum_may_be_of_another_kind(tmp_path: Path, mirror: Path) -> None:
    publish(mirror, "127.0.0.1:9/cni/cni-amd64-1.tgz", archive({"./bridge": program("bridge")}), digest="sha512")
    artifacts = artifacts_of(tmp_path, f"file://{mirror}")
    (bridge,) = await artifacts.programs(Binary("/opt/cni/bin/bridge", "cni", "1", "bridge"), "amd64")
    assert bridge.sha256 == sha256(program("bridge"))


async def test_a_wrong_checksum_is_never_used_and_told_with_both_sums(tmp_path: Path, mirror: Path) -> None:
    publish(mirror, KUBELET, program("tampered"), claimed="a" * 64)
    artifacts = artifacts_of(tmp_path, f"file://{mirror}")
    with pytest.raises(Refusal) as caught:
        await artifacts.fetch("kubelet", "1", "x86_64")
    assert f"file://{mirror}/{KUBELET}: its sha256 is {sha256(program('tampered'))}" in caught.value.what
    assert "a" * 64 in caught.value.what
    assert not (tmp_path / "cache" / KUBELET).exists()
    assert artifacts.known(Binary("/x/kubelet", "kubelet", "1"), "x86_64") is None


async def test_after_a_bad_mirror_the_next_one_is_asked(tmp_path: Path, server: MirrorServer) -> None:
    bad = tmp_path / "bad"
    publish(bad, KUBELET, program("tampered"), claimed="a" * 64)
    publish(server.root, KUBELET, program("kubelet"))
    artifacts = artifacts_of(tmp_path, "http://127.0.0.1:1", f"file://{tmp_path}/empty", f"file://{bad}", server.url)
    assert (await artifacts.fetch("kubelet", "1", "x86_64")).read_bytes() == program("kubelet")
    await artifacts.close()


async def test_a_cut_download_goes_on_where_it_stopped(tmp_path: Path, server: MirrorServer) -> None:
    content = program("kubelet", size=5000)
    publish(server.root, KUBELET, content)
    server.cuts = [2000, 1000]
    artifacts = artifacts_of(tmp_path, server.url)
    assert (await artifacts.fetch("kubelet", "1", "x86_64")).read_bytes() == content
    assert server.asked("kubelet") == ["", "bytes=2000-", "bytes=3000-"]
    await artifacts.close()


async def test_what_a_killed_run_left_is_built_upon(tmp_path: Path, server: MirrorServer) -> None:
    content = program("kubelet", size=5000)
    publish(server.root, KUBELET, content)
    part = tmp_path / "cache" / f"{KUBELET}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content[:1234])
    artifacts = artifacts_of(tmp_path, server.url)
    assert (await artifacts.fetch("kubelet", "1", "x86_64")).read_bytes() == content
    assert server.asked("kubelet") == ["bytes=1234-"]
    await artifacts.close()


async def test_a_server_that_ignores_ranges_makes_it_start_again(tmp_path: Path, server: MirrorServer) -> None:
    content = program("kubelet", size=5000)
    publish(server.root, KUBELET, content)
    server.cuts, server.ranges = [2000], False
    artifacts = artifacts_of(tmp_path, server.url)
    assert (await artifacts.fetch("kubelet", "1", "x86_64")).read_bytes() == content
    await artifacts.close()


@pytest.mark.parametrize("beginning", [b"x" * 100, b"x" * 9000])
async def test_the_beginning_of_another_file_is_thrown_away(
    tmp_path: Path, server: MirrorServer, beginning: bytes
) -> None:
    content = program("kubelet", size=5000)
    publish(server.root, KUBELET, content)
    part = tmp_path / "cache" / f"{KUBELET}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(beginning)
    artifacts = artifacts_of(tmp_path, server.url)
    assert (await artifacts.fetch("kubelet", "1", "x86_64")).read_bytes() == content
    await artifacts.close()


async def test_a_mirror_in_trouble_is_worth_another_try(tmp_path: Path, server: MirrorServer) -> None:
    server.status = 503
    artifacts = artifacts_of(tmp_path, server.url)
    with pytest.raises(Transient, match="503"):
        await artifacts.fetch("kubelet", "1", "x86_64")
    await artifacts.close()


async def test_a_program_for_another_architecture_is_refused(tmp_path: Path, mirror: Path) -> None:
    publish(mirror, KUBELET, program("kubelet", arch="arm64"))
    with pytest.raises(Refusal, match="kubelet 1 for amd64 is a program for arm64, not for amd64"):
        await artifacts_of(tmp_path, f"file://{mirror}").fetch("kubelet", "1", "x86_64")
    publish_sums(mirror, ETCD, archive({"etcd-v1/etcd": program("etcd", arch="arm64")}))
    with pytest.raises(Refusal, match="etcd of etcd 1 for amd64 is a program for arm64"):
        await artifacts_of(tmp_path, f"file://{mirror}").fetch("etcd", "1", "x86_64")


async def test_machines_of_other_architectures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not published for riscv64"):
        artifacts_of(tmp_path).known(Binary("/x/kubelet", "kubelet", "1"), "riscv64")


async def test_without_a_publishers_checksum_only_a_pin_will_do(tmp_path: Path, server: MirrorServer) -> None:
    path = "127.0.0.1:9/flannel/v1/flanneld-amd64"
    publish(server.root, path, program("flanneld"))
    artifacts = artifacts_of(tmp_path, server.url)
    with pytest.raises(Refusal, match=r"no checksum.*give its sha256 as pin of flannel 1 amd64"):
        await artifacts.fetch("flannel", "1", "x86_64")
    wrong = artifacts_of(tmp_path, server.url, flannel="b" * 64)
    with pytest.raises(Refusal, match="b" * 64):
        await wrong.fetch("flannel", "1", "x86_64")
    pinned = artifacts_of(tmp_path, server.url, flannel=sha256(program("flanneld")))
    assert (await pinned.fetch("flannel", "1", "x86_64")).exists()
    local = Artifacts(tmp_path / "cache2", [f"file://{server.root}"], table())
    with pytest.raises(Refusal, match="no checksum"):
        await local.fetch("flannel", "1", "x86_64")
    for each in (artifacts, wrong, pinned):
        await each.close()


async def test_many_who_want_the_same_make_one_download(tmp_path: Path, server: MirrorServer) -> None:
    publish(server.root, KUBELET, program("kubelet"))
    one, two = artifacts_of(tmp_path, server.url), artifacts_of(tmp_path, server.url)
    await asyncio.gather(*(each.fetch("kubelet", "1", arch) for each in (one, two) for arch in ("x86_64", "amd64") * 3))
    assert len(server.asked("kubelet")) == 1
    await one.close()
    await two.close()


async def test_a_cached_file_that_was_cut_is_fetched_again(tmp_path: Path, mirror: Path) -> None:
    publish(mirror, KUBELET, program("kubelet"))
    await artifacts_of(tmp_path, f"file://{mirror}").fetch("kubelet", "1", "x86_64")
    cached = tmp_path / "cache" / KUBELET
    os.truncate(cached, 10)
    await artifacts_of(tmp_path, f"file://{mirror}").fetch("kubelet", "1", "x86_64")
    assert cached.read_bytes() == program("kubelet")


async def test_an_unwritable_cache_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the cache should be")
    with pytest.raises(Trouble, match="kubelet 1 for amd64 cannot be kept in the cache"):
        await artifacts_of(tmp_path).fetch("kubelet", "1", "x86_64")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A" * 64, "a" * 64),
        (f"{'b' * 64}  kubelet\n", "b" * 64),
        (f"{'c' * 64} *kubelet\n", "c" * 64),
        (f"{'d' * 64}  kubelet.sig\n{'e' * 64}  ./kubelet\n", "e" * 64),
        (f"{'d' * 64}  kubelet.sig\n", None),
        ("<html>not found</html>", None),
        ("abc  kubelet", None),
    ],
)
def test_a_publishers_checksum_is_read_in_its_usual_forms(text: str, found: str | None) -> None:
    assert published_sum(text, "kubelet") == found


def test_mirrors_of_the_variable_come_before_the_configured_ones() -> None:
    assert mirrors_from({"GONDOLIER_MIRROR": "file:///a  http://b"}, ["http://c"]) == [
        "file:///a",
        "http://b",
        "http://c",
    ]
    assert mirrors_from({}) == []


def test_the_table_has_every_part_of_every_minor() -> None:
    shared = version_table()
    assert list(shared.minors) == ["1.37", "1.36", "1.35"]
    for minor in shared.minors:
        assert shared.versions(minor).keys() == shared.versions("1.36").keys()
        assert shared.versions(minor)["kubernetes"].startswith(f"{minor}.")
    with pytest.raises(Refusal, match=r"Kubernetes 1.20 is not supported – use 1.37, 1.36, 1.35"):
        shared.versions("1.20")


def test_the_table_agrees_with_what_the_tests_mirror_builds() -> None:
    built = json.loads((Path(__file__).parents[2] / "mirror/versions.json").read_text())
    built["cni-plugins"] = built.pop("cni")
    row = dict(version_table().versions("1.36"))
    # The mirror publishes the plug-in's predecessor under its release's name: its own source cannot be had there.
    del row["flannel-cni"]
    assert {name: built[name] for name in row} == row
