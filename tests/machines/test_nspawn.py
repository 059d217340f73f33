"""Real machines on this box: they answer SSH, survive, stay apart, and leave nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clouds.nspawn import cgroups, facts, image, mounts
from core.clouds.process import run
from core.engine.errors import Refusal, Trouble
from tests.machines.nspawn_box import Box, traces, why_not

pytestmark = [
    pytest.mark.machines,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "can"),
]

HERE = Path(__file__).resolve().parent


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    made = Box(tmp_path)
    yield made
    await made.cloud().remove_all(made.report)


async def test_preflight_finds_nothing_in_the_way_and_leaves_nothing(box: Box) -> None:
    before = traces(box.home, box.names.mark)
    assert await box.cloud().preflight([box.wish("kube-1")]) == []
    assert traces(box.home, box.names.mark)["files"] == before["files"]


async def test_preflight_refuses_a_subnet_that_another_environment_has(box: Box) -> None:
    await box.cloud().create(box.wish("kube-1"), box.report)
    other = Box(box.home, environment="other", subnet=box.subnet)
    obstacles = [obstacle.what for obstacle in await other.cloud().preflight([])]
    assert any(f"environment {box.environment}" in what for what in obstacles), obstacles
    assert any(f"on {box.names.bridge}" in what for what in obstacles), obstacles


async def test_a_machine_answers_ssh_with_the_pinned_key_under_its_own_name(box: Box) -> None:
    machine = await box.cloud().create(box.wish("kube-1"), box.report)
    assert machine.status == "running"
    assert await box.ssh(machine, "hostname; systemctl is-system-running --wait; systemctl --failed --no-legend") == (
        "kube-1\nrunning"
    )


async def test_an_address_wished_for_is_given_and_others_are_counted_up(box: Box) -> None:
    cloud, prefix = box.cloud(), box.subnet.removesuffix(".0/24")
    first, wished = await asyncio.gather(
        cloud.create(box.wish("kube-1"), box.report),
        cloud.create(box.wish("kube-2", address=f"{prefix}.77"), box.report),
    )
    assert (first.address, wished.address) == (f"{prefix}.11", f"{prefix}.77")
    assert await box.ssh(first, f"ping -c 1 -W 5 -q {wished.address} > /dev/null && echo reached") == "reached"
    with pytest.raises(Refusal, match="cannot be the address"):
        await cloud.create(box.wish("kube-3", address=f"{prefix}.1"), box.report)


async def test_a_machine_can_do_what_kubernetes_needs(box: Box) -> None:
    artifacts = box.home / "artifacts"
    artifacts.mkdir()
    (artifacts / "a").write_text("artifact")
    machine = await box.cloud(artifacts=artifacts).create(box.wish("kube-1"), box.report)
    script = (HERE / "abilities.sh").read_text()
    assert await box.ssh(machine, f"sh -s <<'END'\n{script}\nEND") == "everything works"
    assert await box.ssh(machine, "cat /var/cache/gondolier/a") == "artifact"
    told = json.loads(await box.ssh(machine, f"cat {facts.PATH}"))
    assert told["artifact_cache"] == "/var/cache/gondolier"
    assert told["cgroup_driver"] in ("cgroupfs", "systemd")


@pytest.mark.skipif(bool(cgroups.unenforced(cgroups.Limits(memory=1))), reason="no memory cgroup controller here")
async def test_memory_is_limited_as_declared_or_as_wished(box: Box) -> None:
    cloud = box.cloud(memory="3G")
    await asyncio.gather(
        cloud.create(box.wish("kube-1"), box.report), cloud.create(box.wish("kube-2", memory="1G"), box.report)
    )
    assert _memory_limit(box, "kube-1") == 3 << 30
    assert _memory_limit(box, "kube-2") == 1 << 30


async def test_each_machine_sees_a_control_group_tree_of_its_own(box: Box) -> None:
    cloud = box.cloud()
    first, second = await asyncio.gather(
        cloud.create(box.wish("kube-1"), box.report), cloud.create(box.wish("kube-2"), box.report)
    )
    tree = "$(test -d /sys/fs/cgroup/memory && echo /sys/fs/cgroup/memory || echo /sys/fs/cgroup)"
    await box.ssh(first, f"mkdir {tree}/kubepods")
    assert "kubepods" in await box.ssh(first, f"ls {tree}")
    assert "kubepods" not in await box.ssh(second, f"ls {tree}")


async def test_a_machine_keeps_files_and_address_over_reboot_stop_and_start(box: Box) -> None:
    cloud = box.cloud()
    machine = await cloud.create(box.wish("kube-1"), box.report)
    first = await box.ssh(machine, "echo kept > /srv/file; sync; cat /proc/sys/kernel/random/boot_id")
    await cloud.stop("kube-1", box.report)
    assert (await cloud.machines())["kube-1"].status == "stopped"
    started = await cloud.start("kube-1", box.report)
    assert (started.status, started.address) == ("running", machine.address)
    second = await box.ssh(started, "cat /proc/sys/kernel/random/boot_id; cat /srv/file")
    assert second.endswith("kept")
    assert not second.startswith(first)


async def test_a_machine_that_reboots_itself_comes_back(box: Box) -> None:
    machine = await box.cloud().create(box.wish("kube-1"), box.report)
    first = await box.ssh(machine, "cat /proc/sys/kernel/random/boot_id")
    # The connection ends with the reboot; what counts is the boot id afterwards.
    with pytest.raises(AssertionError):
        await box.ssh(machine, "systemctl reboot; sleep 60")
    assert await box.ssh(machine, "cat /proc/sys/kernel/random/boot_id") != first


async def test_a_machine_outlives_the_process_that_made_it(box: Box) -> None:
    _maker(box, "nothing")
    machine = (await box.cloud().machines())["kube-1"]
    assert machine.status == "running"
    assert await box.ssh(machine, "hostname") == "kube-1"


@pytest.mark.parametrize(
    "moment",
    [
        "state.write",
        "network.ensure_bridge",
        "firewall.ensure",
        "mounts.mount_overlay",
        "seed.sow",
        "machine.prepare",
        "network.attach",
        "network.ensure_link",
        "cgroups.prepare",
        "launch.launch",
    ],
)
async def test_a_creation_killed_at_any_moment_is_completed_by_the_next(box: Box, moment: str) -> None:
    assert _maker(box, moment) == -signal.SIGKILL
    machine = await box.cloud().create(box.wish("kube-1"), box.report)
    assert await box.ssh(machine, "systemctl is-system-running --wait") == "running"
    assert list(await box.cloud().machines()) == ["kube-1"]


@pytest.mark.parametrize(
    "moment", ["network.remove_link", "mounts.unmount_beneath", "machine.destroy", "firewall.remove"]
)
async def test_a_removal_killed_at_any_moment_is_completed_by_the_next(box: Box, moment: str) -> None:
    await box.cloud().create(box.wish("kube-1"), box.report)
    assert _maker(box, moment, "remove") == -signal.SIGKILL
    await box.cloud().remove_all(box.report)
    left = traces(box.home, box.names.mark)
    own = (box.names.mark, str(box.home / "nspawn"))
    assert not [line for lines in left.values() for line in lines if any(word in line for word in own)]


async def test_a_machine_of_an_older_generation_is_replaced(box: Box) -> None:
    cloud = box.cloud()
    machine = await cloud.create(box.wish("kube-1"), box.report)
    await box.ssh(machine, "touch /srv/old")
    fresh = await cloud.create(box.wish("kube-1", generation=2), box.report)
    assert await box.ssh(fresh, "ls /srv") == ""
    assert fresh.address == machine.address


async def test_environments_live_side_by_side_and_end_alone(box: Box, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Box(tmp_path_factory.mktemp("other"), environment=box.environment)
    mine, theirs = await asyncio.gather(
        box.cloud().create(box.wish("kube-1"), box.report), other.cloud().create(other.wish("kube-1"), other.report)
    )
    assert mine.address != theirs.address
    await other.cloud().remove_all(other.report)
    assert await box.ssh(mine, "hostname") == "kube-1"
    left = traces(other.home, other.names.mark)
    assert not [
        line for kind in ("mounts", "links", "rules", "cgroups") for line in left[kind] if other.names.mark in line
    ]


async def test_deleting_a_machine_that_is_gone_succeeds_and_makes_nothing(box: Box) -> None:
    before = traces(box.home, box.names.mark)["files"]
    await box.cloud().delete("kube-9", box.report)
    assert traces(box.home, box.names.mark)["files"] == before


async def test_an_image_that_boots_nothing_is_refused_by_name(box: Box) -> None:
    root = box.home / "image"
    root.mkdir()
    with pytest.raises(Refusal, match="has no /sbin/init"):
        await box.cloud(image=str(root)).create(box.wish("kube-1"), box.report)


async def test_a_given_archive_is_unpacked_once_for_all_who_ask(
    box: Box, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache, archive = box.home / "cache", box.home / "root.tar"
    base = await image.ensure(image.cache_root(), None, box.report)
    await run("tar", "--numeric-owner", "-cf", str(archive), "-C", str(base), ".")
    other = Box(tmp_path_factory.mktemp("other"))
    try:
        mine, _ = await asyncio.gather(
            *(one.cloud(image=str(archive), cache=cache).create(one.wish("kube-1"), one.report) for one in (box, other))
        )
        assert await box.ssh(mine, "hostname") == "kube-1"
    finally:
        await other.cloud().remove_all(other.report)
    assert sum("unpacking" in text for text in (*box.said, *other.said)) == 1


async def test_a_machine_that_ends_at_once_is_reported_with_its_last_words(box: Box) -> None:
    root = box.home / "image"
    for path in ("sbin/init", "usr/sbin/sshd", "etc/os-release", "usr/bin/x"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("ID=none\n")
    with pytest.raises(Trouble, match=r"kube-1 ended while it started: .*init"):
        await box.cloud(image=str(root)).create(box.wish("kube-1"), box.report)


def test_a_tree_with_something_mounted_in_it_is_never_removed(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(tree / "inner")], check=True)
    try:
        with pytest.raises(Trouble, match="is mounted"):
            asyncio.run(mounts.remove_tree(tree))
        assert tree.is_dir()
    finally:
        subprocess.run(["umount", str(tree / "inner")], check=True)


def test_destroy_leaves_nothing_behind(tmp_path: Path) -> None:
    """Compared in mount and network namespaces of its own, so that others at work on this box do not show.

    Where systemd carries machines they run in its namespaces, and the box itself is compared.
    """
    private = [] if cgroups.under_systemd() else ["unshare", "--net", "--mount", "--propagation", "private"]
    box = Box(tmp_path)
    done = subprocess.run([*private, sys.executable, "-m", "tests.machines.nspawn_life", str(tmp_path), box.subnet],
                          cwd=HERE.parents[1], check=False, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["reached"]
    assert told["between"]["mounts"] != told["before"]["mounts"]
    assert told["between"]["rules"] != told["before"]["rules"]
    assert told["between"]["cgroups"] or not told["own_cgroups"]
    left = {kind: [line for line in lines if line not in told["before"][kind]] for kind, lines in told["after"].items()}
    assert not any(left.values()), left


def _memory_limit(box: Box, name: str) -> int:
    """The limit as this box's kernel holds it."""
    if cgroups.under_systemd() and cgroups.version() == 2:
        unit = f"{box.names.machine_id(name)}.service"
        shown = subprocess.run(
            ["systemctl", "show", "-P", "MemoryMax", unit], check=True, capture_output=True, text=True
        )
        return int(shown.stdout)
    groups = [tree.root / box.names.cgroup / name for tree in cgroups.hierarchies()]
    files = [group / file for group in groups for file in ("memory.limit_in_bytes", "memory.max")]
    return int(next(file for file in files if file.exists()).read_text())


def _maker(box: Box, moment: str, task: str = "create") -> int:
    """Create (or remove) in a process of its own, which dies right after `moment`; gives its exit status."""
    arguments = [str(box.home), box.environment, box.subnet, moment, task]
    command = [sys.executable, "-m", "tests.machines.nspawn_maker", *arguments]
    return subprocess.run(command, cwd=HERE.parents[1], env={**os.environ}, check=False).returncode
