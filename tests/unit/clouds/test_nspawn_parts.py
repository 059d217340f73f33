"""The pure parts: rules, mounts, control groups, archives, seeds, commands, sizes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.clouds.nspawn import archive, cgroups, facts, firewall, image, launch, mounts, processes, seed, sizes
from core.clouds.nspawn.archive import Source
from core.clouds.nspawn.cgroups import Hierarchy, Limits
from core.clouds.nspawn.names import Names
from core.clouds.nspawn.place import Place, Record, read_record, write_record
from core.engine.errors import Refusal, Trouble

NAMES = Names(Path("/srv/home"), "lab")
FACTS = facts.HostFacts(1, "cgroupfs", "/", True, True, False, False, "/var/cache/gondolier")
SEED = seed.Seed("kube-1", "10.77.0.11", b"PRIVATE", "ssh-ed25519 AAAA me\n", FACTS, ("192.0.2.53",))
MOUNTINFO = """\
24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
33 24 0:27 / /elsewhere rw - cgroup cgroup rw,cpu,cpuacct
34 24 0:40 / /srv/with\\040space rw shared:1 - overlay overlay rw
"""


def test_every_rule_carries_the_environments_comment_and_stays_in_its_chain() -> None:
    lines = firewall.rules(NAMES, "gnd-x").splitlines()
    added = [line for line in lines if line.startswith("-A")]
    assert added
    assert all(f"-A {NAMES.chain} " in line and "--comment gondolier:lab" in line for line in added)
    assert all("gondolier:lab" in rule for _, _, rule in firewall.entrances(NAMES, "10.77.0.0/24"))


def test_mount_points_are_read_with_their_spaces() -> None:
    assert Path("/srv/with space") in mounts.mount_points(MOUNTINFO)


def test_every_control_group_tree_is_found_once() -> None:
    assert cgroups.hierarchies(MOUNTINFO) == [
        Hierarchy(Path("/sys/fs/cgroup/cpu"), 1, frozenset({"rw", "cpu", "cpuacct"})),
        Hierarchy(Path("/sys/fs/cgroup/unified"), 2, frozenset()),
    ]


def test_machines_see_version_two_only_where_nothing_of_version_one_is_mounted() -> None:
    assert cgroups.version(cgroups.hierarchies(MOUNTINFO)) == 1
    assert cgroups.version([Hierarchy(Path("/sys/fs/cgroup"), 2, frozenset())]) == 2


def test_a_limit_that_no_tree_can_hold_is_named() -> None:
    trees = cgroups.hierarchies(MOUNTINFO)
    assert cgroups.unenforced(Limits(memory=1, cpus=1.0), trees[:1]) == ["memory"]
    assert cgroups.unenforced(Limits(), trees[:1]) == []


@pytest.mark.parametrize(
    ("capabilities", "restricted"), [("CapBnd:\t000001fffeffffff", True), ("CapBnd:\t000001ffffffffff", False)]
)
def test_a_host_without_cap_sys_resource_restricts_oom_scores(capabilities: str, restricted: bool) -> None:
    assert facts.may(24, f"Name:\tx\n{capabilities}\n") is not restricted


def test_the_facts_file_is_json_of_properties() -> None:
    assert json.loads(FACTS.text())["cgroup_root"] == "/"


def test_the_host_key_and_the_login_key_are_for_root_alone() -> None:
    written = seed.files(SEED)
    assert written["/etc/ssh/gondolier_host_key"] == (0o600, b"PRIVATE")
    assert written["/root/.ssh/authorized_keys"] == (0o600, b"ssh-ed25519 AAAA me\n")


def test_sowing_replaces_links_instead_of_following_them(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("the host's")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/resolv.conf").symlink_to(outside)
    seed.sow(SEED, root)
    assert outside.read_text() == "the host's"
    assert (root / "etc/resolv.conf").read_text() == "nameserver 192.0.2.53\n"
    assert (root / "root/.ssh").stat().st_mode & 0o777 == 0o700
    assert str((root / "etc/systemd/system/systemd-binfmt.service").readlink()) == "/dev/null"


def test_sowing_again_keeps_the_machine_id(tmp_path: Path) -> None:
    seed.sow(SEED, tmp_path)
    first = (tmp_path / "etc/machine-id").read_text()
    seed.sow(SEED, tmp_path)
    assert (tmp_path / "etc/machine-id").read_text() == first
    assert len(first.strip()) == 32


def test_a_stub_resolver_of_the_host_is_of_no_use_inside_a_machine() -> None:
    stub, real = "nameserver 127.0.0.53\nsearch x\n", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
    assert seed.nameservers([stub, real]) == ("192.0.2.1", "192.0.2.2")
    assert seed.nameservers([stub]) == ()


def test_the_archive_is_the_hosts_own_with_updates_and_security() -> None:
    listed = archive.sources(
        "http://mirror.invalid/debian/ bookworm main\n"
        "http://mirror.invalid/debian/ bookworm contrib\n"
        "http://mirror.invalid/security/ bookworm-security main\n"
        "cdrom://disk/ bookworm main\n"
        "http://other.invalid/ trixie main\n"
    )
    found = archive.chosen(
        listed, 'Acquire::Check-Valid-Until "false";\nDir "/";\nAcquire::http::Proxy "http://p:3142";'
    )
    assert found.mirror == "http://mirror.invalid/debian/"
    assert found.sources == (
        Source("http://mirror.invalid/debian/", "bookworm", ("main", "contrib")),
        Source("http://mirror.invalid/security/", "bookworm-security", ("main",)),
    )
    assert found.proxy == "http://p:3142"
    assert "Dir" not in found.settings
    assert "Check-Valid-Until" in found.settings


def test_a_host_without_the_suite_is_told_to_name_an_image() -> None:
    with pytest.raises(Trouble, match="no http or https source of Debian bookworm") as caught:
        archive.chosen((Source("http://other.invalid/", "noble", ("main",)),), "")
    assert "name an image" in caught.value.fix


def test_a_password_in_the_archives_address_is_never_put_on_a_command_line() -> None:
    with pytest.raises(Trouble, match="has a password in it") as caught:
        archive.chosen((Source("http://me:secret@mirror.invalid/", "bookworm", ("main",)),), "")
    assert "secret" not in str(caught.value)


def test_an_image_of_other_packages_has_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = image.place(tmp_path, None)
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "bird"))
    assert image.place(tmp_path, None) != first


def test_an_image_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="neither a directory nor a tar archive"):
        image.place(tmp_path, str(tmp_path / "absent.tar"))


def test_images_are_kept_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONDOLIER_CACHE", "/srv/cache")
    assert image.cache_root() == Path("/srv/cache")


def test_a_machine_is_started_in_its_own_network_with_its_own_name() -> None:
    place = Place(NAMES, "kube-1", Path("/srv/home/nspawn/lab/kube-1"))
    command = launch.container(place, (Path("/srv/cache"), "/var/cache/gondolier"))
    assert command[:2] == ["nsenter", "--net=/srv/home/nspawn/lab/kube-1/network"]
    assert "--hostname=kube-1" in command
    assert "--bind-ro=/srv/cache:/var/cache/gondolier" in command
    assert sum(word.startswith("--bind=/srv/home/nspawn/lab/kube-1/plain/") for word in command) == 4


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    place, record = Place(NAMES, "kube-1", tmp_path), Record(2, "10.77.0.11", "/image", 1 << 30, 1.5)
    assert read_record(place) is None
    write_record(place, record)
    assert read_record(place) == record
    assert record.limits == Limits(1 << 30, 1.5)


def test_a_machine_that_nothing_carries_is_off() -> None:
    root = Path("/srv/home/nspawn/lab/nowhere/root")
    found = processes.carriers({root})[root]
    assert not found.running
    assert not found.present


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2G", 2 << 30),
        ("2Gi", 2 << 30),
        ("2GiB", 2 << 30),
        ("512m", 512 << 20),
        ("1.5G", 3 << 29),
        ("4096", 4096),
        (7, 7),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str | int, number: int) -> None:
    assert sizes.memory(text) == number


@pytest.mark.parametrize("text", ["much", "", "2X", "G"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no amount of memory"):
        sizes.memory(text)


def test_processors_are_a_number_above_nothing() -> None:
    assert sizes.cpus("1.5") == 1.5
    for bad in ("0", "-1", "some"):
        with pytest.raises(Refusal):
            sizes.cpus(bad)
