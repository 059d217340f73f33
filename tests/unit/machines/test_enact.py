"""A wish carried out on a machine behind a real sshd, with recorded stand-ins for systemd and apt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.engine.errors import Refusal, Transient, Trouble
from core.engine.step import Level
from core.machines import enact as enacting
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import gather
from core.machines.observed import Facts
from core.machines.packages import install
from core.machines.state import Binary, Desired, Directory, File, Unit
from tests.unit.machines.conftest import SshdMaker
from tests.unit.machines.fakes import install_fakes, told, unit_state
from tests.unit.machines.programs import archive, program, publish, publish_sums, table


class Lines:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, level: Level = "info") -> None:
        self.texts.append(text)


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    folder = tmp_path / "fakes"
    folder.mkdir()
    return folder


@pytest.fixture
async def machine(new_sshd: SshdMaker, fakes: Path) -> AsyncIterator[Connection]:
    sshd = new_sshd(PATH=install_fakes(fakes))
    connection = Connection(sshd.access())
    yield connection
    await connection.close()


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "cache", [f"file://{tmp_path}/mirror"], table())


@pytest.fixture
def lines() -> Lines:
    return Lines()


async def test_a_wish_is_fulfilled_and_then_nothing_is_left_to_do(
    machine: Connection, artifacts: Artifacts, lines: Lines, tmp_path: Path, fakes: Path
) -> None:
    publish(tmp_path / "mirror", "127.0.0.1:9/v1/amd64/kubelet", program("kubelet"))
    members = {"etcd-v1/etcd": program("etcd"), "etcd-v1/etcdctl": program("etcdctl")}
    publish_sums(tmp_path / "mirror", "127.0.0.1:9/etcd/etcd-v1-linux-amd64.tar.gz", archive(members))
    (tmp_path / "old").mkdir()
    unit_state(fakes, "app.service")
    root = f"{tmp_path}/machine"
    wish = Desired(
        directories=(Directory(f"{root}/pki", 0o700),),
        binaries=(Binary(f"{root}/bin/kubelet", "kubelet", "1"), Binary(f"{root}/bin/etcd", "etcd", "1", "etcd")),
        files=(File(f"{root}/app.conf", b"x"), File(f"{root}/pki/key", b"s3cret", 0o600, secret=True)),
        absent=(f"{tmp_path}/old",),
        units=(Unit("app.service", reads=(f"{root}/app.conf",)),),
    )
    await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert (tmp_path / "machine/bin/etcd").read_bytes() == program("etcd")
    assert (tmp_path / "machine/bin/kubelet").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "machine/pki/key").read_bytes() == b"s3cret"
    assert not (tmp_path / "old").exists()
    assert told(fakes) == ["systemctl restart app.service"]
    assert "s3cret" not in "\n".join(lines.texts)
    state = fakes / "app.service"
    state.write_text(state.read_text().replace("2026-11-23", "2036-11-23"))
    assert diff(wish, await gather(machine, wish), artifacts) == []


async def test_a_second_pass_tells_systemd_nothing(
    machine: Connection, artifacts: Artifacts, lines: Lines, tmp_path: Path, fakes: Path
) -> None:
    unit_state(fakes, "app.service")
    wish = Desired(units=(Unit("app.service"),))
    assert await enact(machine, wish, await gather(machine, wish), artifacts, lines) == []
    assert (told(fakes), lines.texts) == ([], [])


async def test_programs_are_copied_where_the_machine_sees_our_cache(
    machine: Connection, artifacts: Artifacts, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path / "mirror", "127.0.0.1:9/v1/amd64/kubelet", program("kubelet"))
    monkeypatch.setattr(enacting, "CACHE_ON_MACHINE", str(tmp_path / "cache"))
    wish = Desired(binaries=(Binary(f"{tmp_path}/bin/kubelet", "kubelet", "1"),))
    await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert (tmp_path / "bin/kubelet").read_bytes() == program("kubelet")
    assert lines.texts[-1] == f"m1: copied {tmp_path}/bin/kubelet (0 MB)"


async def test_an_artifact_that_cannot_be_verified_changes_nothing_on_the_machine(
    machine: Connection, artifacts: Artifacts, lines: Lines, tmp_path: Path
) -> None:
    publish(tmp_path / "mirror", "127.0.0.1:9/v1/amd64/kubelet", program("kubelet"), claimed="a" * 64)
    wish = Desired(
        directories=(Directory(f"{tmp_path}/new"),), binaries=(Binary(f"{tmp_path}/bin/kubelet", "kubelet", "1"),)
    )
    with pytest.raises(Refusal, match="sha256"):
        await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "bin").exists()


async def test_units_stop_before_their_data_goes(
    machine: Connection, artifacts: Artifacts, lines: Lines, tmp_path: Path, fakes: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    unit_state(fakes, "app.service")
    wish = Desired(absent=(str(data),), units=(Unit("app.service", enabled=False, running=False),))
    facts = await gather(machine, wish)
    with pytest.raises(Trouble, match=r"app.service does not stop: it is active"):
        await enact(machine, wish, facts, artifacts, lines)
    assert data.exists()
    unit_state(fakes, "app.service", "inactive", "dead", "enabled")
    await enact(machine, wish, facts, artifacts, lines)
    assert not data.exists()
    assert told(fakes)[-2:] == ["systemctl stop app.service", "systemctl disable app.service"]


async def test_a_unit_that_does_not_stay_up_is_told_with_its_last_words(
    machine: Connection, artifacts: Artifacts, lines: Lines, fakes: Path
) -> None:
    unit_state(fakes, "app.service", "activating", "auto-restart")
    wish = Desired(units=(Unit("app.service"),))
    with pytest.raises(Trouble) as caught:
        await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert caught.value.what.startswith("app.service does not stay up: it is activating (auto-restart)")
    assert "cannot bind port 1\nexiting" in caught.value.what
    assert told(fakes)[-1] == "journalctl -u app.service -n 10 --no-pager -o cat"


async def test_a_unit_that_cannot_be_enabled_is_told(
    machine: Connection, artifacts: Artifacts, lines: Lines, fakes: Path
) -> None:
    unit_state(fakes, "app.service", enabled="disabled")
    wish = Desired(units=(Unit("app.service"),))
    with pytest.raises(Trouble, match=r"app.service cannot be enabled"):
        await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert told(fakes) == ["systemctl enable app.service"]


async def test_a_written_unit_file_makes_systemd_read_it_first(
    machine: Connection, artifacts: Artifacts, lines: Lines, fakes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.machines.unit_actions._UNIT_FOLDERS", (f"file {fakes}/systemd/",))
    unit_state(fakes, "app.service")
    file = File(f"{fakes}/systemd/app.service", b"[Service]\n")
    wish = Desired(files=(file,), units=(Unit("app.service", reads=(file.path,)),))
    await enact(machine, wish, await gather(machine, wish), artifacts, lines)
    assert told(fakes) == ["systemctl daemon-reload", "systemctl restart app.service"]


async def test_packages_are_installed_without_asking_and_lists_are_read_only_where_need_be(
    machine: Connection, lines: Lines, fakes: Path
) -> None:
    await install(machine, ["socat", "ipset"], lines)
    assert told(fakes) == ["apt-get install  socat ipset noninteractive"]
    (fakes / "apt.answers").write_text("E: Unable to locate package ebtables\n")
    await install(machine, ["ebtables"], lines)
    assert [line.split()[1] for line in told(fakes)[1:]] == ["install", "update", "install"]


async def test_a_package_that_does_not_exist_is_told_in_apts_words(
    machine: Connection, lines: Lines, fakes: Path
) -> None:
    (fakes / "apt.answers").write_text("E: Unable to locate package nope\n\nE: Unable to locate package nope\n")
    with pytest.raises(Trouble, match=r"m1: nope cannot be installed: E: Unable to locate package nope") as caught:
        await install(machine, ["nope"], lines)
    assert not isinstance(caught.value, Transient)


async def test_lists_that_cannot_be_read_are_tried_once_more_and_may_pass(
    machine: Connection, lines: Lines, fakes: Path
) -> None:
    failed = "E: Failed to fetch http://deb"
    (fakes / "apt.answers").write_text(f"E: Unable to locate package x1\n{failed}\n{failed}\n")
    with pytest.raises(Transient, match="Failed to fetch"):
        await install(machine, ["x1"], lines)
    assert [line.split()[1] for line in told(fakes)] == ["install", "update", "update"]


@pytest.mark.parametrize("name", ["-o=Evil", "a b", "x;y", ""])
async def test_names_of_packages_are_no_place_for_other_words(machine: Connection, lines: Lines, name: str) -> None:
    with pytest.raises(Trouble, match="is no name of a package"):
        await install(machine, [name], lines)


async def test_a_setting_that_the_kernel_refuses_is_told(
    machine: Connection, artifacts: Artifacts, lines: Lines
) -> None:
    wish = Desired(sysctls={"kernel.no_such_setting": "1"})
    with pytest.raises(Trouble, match=r"the kernel refuses a setting: .*no_such_setting"):
        await enact(machine, wish, Facts(arch="x86_64"), artifacts, lines)
