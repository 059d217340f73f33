"""The product brings simulated machines into wanted states, and sees that they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from core.engine.errors import Transient, Trouble
from core.engine.step import Level
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import gather
from core.machines.packages import install
from core.machines.state import Desired, Directory, File, Unit
from core.machines.steps import machine_step
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator import app

UNIT_FILE = "/etc/systemd/system/app.service"


def quiet(text: str, level: Level = "info") -> None:
    """Nobody listens."""


def wish(text: str = "", conf: bytes = b"one", **unit: str) -> Desired:
    """A daemon with a configuration."""
    return Desired(
        packages=("socat", "kmod"),
        modules=("br_netfilter",),
        sysctls={"net.bridge.bridge-nf-call-iptables": "1", "net.ipv4.ip_forward": "1"},
        directories=(Directory("/etc/app", 0o700),),
        files=(
            File("/etc/app/conf", conf),
            File("/opt/app/app", (text or "runs").encode(), 0o755),
            File(UNIT_FILE, app.unit_text("app", Type="notify", **unit).encode()),
        ),
        units=(Unit("app.service", reads=("/etc/app/conf", UNIT_FILE)),),
    )


@pytest.fixture(autouse=True)
def nothing_runs() -> Iterator[None]:
    """No program of another test counts."""
    app.RUNNING.clear()
    yield


async def test_everything_is_done_once_and_then_nothing_differs(
    link: Connection, artifacts: Artifacts, machine: Machine, world: World
) -> None:
    wanted = wish()
    assert len(await enact(link, wanted, await gather(link, wanted), artifacts, quiet)) == 9
    assert app.runs("app.service")
    assert diff(wanted, await gather(link, wanted), artifacts) == []
    assert await enact(link, wanted, await gather(link, wanted), artifacts, quiet) == []
    await world.reboot(machine)
    while not app.runs("app.service"):
        await asyncio.sleep(0.01)
    await link.wait(20)
    assert diff(wanted, await gather(link, wanted), artifacts) == []


async def test_only_what_changed_is_restarted(link: Connection, artifacts: Artifacts, machine: Machine) -> None:
    await enact(link, wish(), await gather(link, wish()), artifacts, quiet)
    changed = wish(conf=b"two")
    found = await enact(link, changed, await gather(link, changed), artifacts, quiet)
    assert [(change.action, change.subject) for change in found] == [
        ("update", "file /etc/app/conf"),
        ("restart", "unit app.service"),
    ]
    assert app.words(machine, "app.service").count("stopped") == 1


async def test_a_changed_unit_file_is_read_anew(link: Connection, artifacts: Artifacts, machine: Machine) -> None:
    await enact(link, wish(), await gather(link, wish()), artifacts, quiet)
    changed = wish(ExecStart="/opt/app/app --more")
    await enact(link, changed, await gather(link, changed), artifacts, quiet)
    assert "app.service runs with --more" in app.words(machine, "app.service")
    assert diff(changed, await gather(link, changed), artifacts) == []


async def test_a_unit_that_does_not_stay_up_is_told_with_its_last_words(link: Connection, artifacts: Artifacts) -> None:
    wanted = wish("fails open /etc/app/ca.crt: no such file or directory", Restart="always", RestartSec="2")
    with pytest.raises(Trouble, match=r"app.service does not stay up: it is activating \(auto-restart\)") as caught:
        await enact(link, wanted, await gather(link, wanted), artifacts, quiet)
    assert "open /etc/app/ca.crt: no such file or directory" in caught.value.what


async def test_a_unit_that_shall_not_be_is_stopped_and_disabled(
    link: Connection, artifacts: Artifacts, machine: Machine
) -> None:
    await enact(link, wish(), await gather(link, wish()), artifacts, quiet)
    wanted = Desired(absent=("/etc/app/conf",), units=(Unit("app.service", enabled=False, running=False),))
    await enact(link, wanted, await gather(link, wanted), artifacts, quiet)
    assert not app.runs("app.service")
    assert machine.units.enabled("app") == "disabled"
    assert diff(wanted, await gather(link, wanted), artifacts) == []


async def test_a_package_starts_its_unit_and_one_that_does_not_exist_is_told(
    link: Connection, machine: Machine
) -> None:
    with pytest.raises(
        Trouble, match=r"m1: socat, nope cannot be installed: .*E: Unable to locate package nope"
    ) as caught:
        await install(link, ["socat", "nope"], quiet)
    assert not isinstance(caught.value, Transient)
    assert "socat" not in machine.packages.installed


async def test_apts_locks_are_waited_for(link: Connection, machine: Machine) -> None:
    machine.packages.held_by = "unattended-upgr"
    installing = asyncio.create_task(install(link, ["socat"], quiet))
    while not any("setsid" in task.get_name() for task in machine._tasks):
        await asyncio.wait([installing], timeout=0.01)
    assert "socat" not in machine.packages.installed
    machine.packages.held_by = ""
    await installing
    assert "socat" in machine.packages.installed


async def test_locks_that_stay_taken_may_pass(
    link: Connection, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.machines.packages.LOCK_PATIENCE", 0)
    machine.packages.held_by = "unattended-upgr"
    with pytest.raises(Transient, match="dpkg frontend lock"):
        await install(link, ["socat"], quiet)


async def test_a_full_disk_is_told_by_apt(link: Connection, world: World) -> None:
    world.faults.inject("disk-full", "env")
    with pytest.raises(Trouble, match="No space left on device") as caught:
        await install(link, ["socat"], quiet)
    assert caught.value.fix == "make room on the machine"


async def test_settings_and_modules_that_do_not_exist_are_told(link: Connection, artifacts: Artifacts) -> None:
    wanted = Desired(sysctls={"kernel.no_such_setting": "1"})
    with pytest.raises(Trouble, match=r"the kernel refuses a setting: .*no_such_setting"):
        await enact(link, wanted, await gather(link, wanted), artifacts, quiet)
    wanted = Desired(modules=("no_such_module",))
    with pytest.raises(Trouble, match=r"FATAL: Module no_such_module not found in directory /lib/modules/"):
        await enact(link, wanted, await gather(link, wanted), artifacts, quiet)


async def test_a_step_of_the_engine_is_done_after_it_was_applied(
    machine: Machine, connections: Connections, artifacts: Artifacts
) -> None:
    step = machine_step(
        id="kube/m1/app", component="kube", machine="m1", phase="app", title="set up app", requires=frozenset(),
        desired=wish, machines=connections, artifacts=artifacts, exists=lambda: machine.powered,
    )  # fmt: skip
    found = await step.probe()
    assert len(found) == 9
    await step.apply(found, quiet)
    assert await step.probe() == []


async def test_a_unit_that_its_package_starts_reads_what_is_put_in_place_afterwards(
    link: Connection, artifacts: Artifacts, machine: Machine
) -> None:
    drop_in = File("/etc/systemd/system/haproxy.service.d/ours.conf", b"[Service]\nRestartSec=1\n")
    wanted = Desired(packages=("haproxy",), files=(drop_in,), units=(Unit("haproxy.service", reads=(drop_in.path,)),))
    await enact(link, wanted, await gather(link, wanted), artifacts, quiet)
    assert diff(wanted, await gather(link, wanted), artifacts) == []
    assert machine.units.service("haproxy").definition.restart_seconds == 1
