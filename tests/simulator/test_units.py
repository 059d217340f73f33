"""Units of a simulated machine follow systemd's rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from core.machines.connection import Connection
from core.machines.scripts import script
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator import app


@pytest.fixture(autouse=True)
def nothing_runs() -> Iterator[None]:
    """No program of another test counts."""
    app.RUNNING.clear()
    yield
    app.RUNNING.clear()


async def test_a_unit_is_started_and_stopped(machine: Machine) -> None:
    app.install(machine)
    assert await machine.units.start("app") == []
    shown = machine.units.state("app.service")
    assert (shown.state.active, shown.state.sub, shown.enabled) == ("active", "running", "disabled")
    assert "app.service runs with --name app" in app.words(machine, "app.service")
    assert await machine.units.stop("app") == []
    assert machine.units.state("app").state.active == "inactive"
    assert not app.runs("app.service")


async def test_a_unit_that_is_not_there_is_told_as_systemctl_does(machine: Machine) -> None:
    assert await machine.units.start("none") == ["Failed to start none.service: Unit none.service not found."]
    assert await machine.units.stop("none") == ["Failed to stop none.service: Unit none.service not loaded."]
    assert machine.units.enable("none") == ["Failed to enable unit: Unit file none.service does not exist."]


async def test_a_changed_unit_file_counts_after_a_daemon_reload(machine: Machine) -> None:
    app.install(machine)
    await machine.units.start("app")
    machine.files.write("/etc/systemd/system/app.service", app.unit_text("app", ExecStart="/opt/app/app --new"))
    assert machine.units.state("app").needs_reload
    await _until(lambda: app.runs("app.service"))
    await machine.units.restart("app")
    await _until(lambda: app.words(machine, "app.service").count("app.service runs with --name app") == 2)
    machine.units.daemon_reload()
    assert not machine.units.state("app").needs_reload
    await machine.units.restart("app")
    await _until(lambda: "app.service runs with --new" in app.words(machine, "app.service"))


async def test_drop_ins_add_to_a_unit_and_ask_for_a_reload(machine: Machine) -> None:
    app.install(machine)
    await machine.units.start("app")
    machine.files.write("/etc/systemd/system/app.service.d/ours.conf", "[Unit]\nAfter=other.service\n")
    assert machine.units.state("app").needs_reload
    machine.units.daemon_reload()
    assert machine.units.service("app").definition.after == ("other.service",)


async def test_a_notify_unit_that_fails_says_why_and_is_started_again(machine: Machine) -> None:
    app.install(machine, does="fails no certificate", Type="notify", Restart="always", RestartSec="50ms")
    said = await machine.units.start("app")
    assert said[0].startswith("Job for app.service failed because the control process exited with error code.")
    shown = machine.units.state("app")
    assert (shown.state.active, shown.state.sub, shown.state.result) == ("activating", "auto-restart", "exit-code")
    assert "no certificate" in app.words(machine, "app.service")
    machine.files.write("/opt/app/app", "runs", 0o755)
    await _until(lambda: machine.units.active("app"))
    assert machine.units.state("app").state.restarts >= 1


async def test_a_simple_unit_is_active_at_once_and_fails_afterwards(machine: Machine) -> None:
    app.install(machine, does="fails no kubeconfig")
    assert await machine.units.start("app") == []
    await _until(lambda: machine.units.state("app").state.active == "failed")
    machine.units.reset_failed("app")
    assert machine.units.state("app").state.active == "inactive"


async def test_what_ends_by_itself_is_restarted_as_its_unit_says(machine: Machine) -> None:
    for name, policy in (("always", "always"), ("failing", "on-failure"), ("never", "no")):
        app.install(machine, name, Restart=policy, RestartSec="10ms")
        await machine.units.start(name)
        await _until(lambda unit=f"{name}.service": app.runs(unit))  # type: ignore[misc]
        app.RUNNING[f"{name}.service"].pop().context.exited(0, "leaving")
    await _until(lambda: app.runs("always.service"))
    assert [machine.units.state(name).state.active for name in ("failing", "never")] == ["inactive", "inactive"]
    await machine.units.start("failing")
    await _until(lambda: app.runs("failing.service"))
    app.RUNNING["failing.service"].pop().context.exited(2, "panic")
    await _until(lambda: app.runs("failing.service"))


async def test_too_many_starts_are_refused_until_failures_are_reset(machine: Machine) -> None:
    app.install(machine, does="fails", Restart="always", RestartSec="1ms", Type="notify")
    await machine.units.start("app")
    await _until(lambda: machine.units.state("app").state.active == "failed")
    assert "app.service: Start request repeated too quickly." in app.words(machine, "app.service")
    machine.files.write("/opt/app/app", "runs", 0o755)
    assert await machine.units.start("app") != []
    machine.units.reset_failed("app")
    assert await machine.units.start("app") == []


async def test_a_start_that_takes_too_long_is_given_up(machine: Machine) -> None:
    app.install(machine, does="hangs", Type="notify", TimeoutStartSec="50ms")
    said = await machine.units.start("app")
    assert said[0].startswith("Job for app.service failed because a timeout was exceeded.")
    assert machine.units.state("app").state.result == "timeout"


async def test_a_stop_ends_a_start_that_is_under_way(machine: Machine) -> None:
    app.install(machine, does="hangs", Type="notify")
    starting = asyncio.create_task(machine.units.start("app"))
    await _until(lambda: machine.units.state("app").state.active == "activating")
    await machine.units.stop("app")
    assert (await starting) != []
    assert machine.units.state("app").state.active == "inactive"


async def test_what_a_unit_needs_to_start_is_looked_for(machine: Machine) -> None:
    app.install(machine, EnvironmentFile="/etc/app.env", Type="notify", ExecStartPre="/bin/mkdir -p /var/log/app")
    assert await machine.units.start("app") != []
    assert machine.units.state("app").state.result == "resources"
    machine.files.write("/etc/app.env", "# ours\nCOLOUR=red\n")
    machine.files.write(
        "/etc/systemd/system/app.service",
        app.unit_text(
            "app",
            ExecStart="/opt/app/app $COLOUR ${COLOUR}y",
            EnvironmentFile="/etc/app.env",
            ExecStartPre="/bin/mkdir -p /var/log/app",
        ),
    )
    machine.units.daemon_reload()
    await machine.units.start("app")
    await _until(lambda: "app.service runs with red redy" in app.words(machine, "app.service"))
    assert machine.files.is_directory("/var/log/app")
    machine.files.remove("/opt/app/app")
    await machine.units.restart("app")
    assert machine.units.state("app").state.status == 203


async def test_requirements_start_first_fail_together_and_stop_together(machine: Machine) -> None:
    app.install(machine, "base", Type="notify")
    app.install(machine, "user", Requires="base.service", After="base.service", Type="notify")
    assert await machine.units.start("user") == []
    order = [line.unit for line in machine.journal.lines() if "runs with" in line.text]
    assert order == ["base.service", "user.service"]
    started = machine.units.state("user").state.started
    await machine.units.restart("base")
    assert machine.units.state("user").state.started > started
    await machine.units.stop("base")
    assert not machine.units.active("user")
    machine.files.write("/opt/base/app", "fails", 0o755)
    assert (await machine.units.start("user"))[0].startswith("A dependency job for user.service failed.")


async def test_oneshots_remain_or_are_done(machine: Machine) -> None:
    app.install(machine, "stays", Type="oneshot", RemainAfterExit="yes")
    app.install(machine, "done", Type="oneshot")
    assert await machine.units.start("stays", "done") == []
    assert machine.units.state("stays").state.sub == "exited"
    assert machine.units.state("done").state.active == "inactive"


async def test_a_boot_starts_what_is_enabled_in_its_order(machine: Machine, world: World) -> None:
    app.install(machine, "late", After="early.service")
    app.install(machine, "early", Type="notify")
    app.install(machine, "idle")
    machine.files.write("/run/leftover", b"x")
    assert machine.units.enable("early", "late") != []
    assert machine.units.enable("early") == []
    machine.kernel.set_sysctl("net/ipv4/ip_forward", "1")
    boot_id, kept = machine.boot_id, machine.files.read("/etc/machine-id")
    await world.reboot(machine)
    await _until(lambda: app.runs("late.service"))
    order = [line.unit for line in machine.journal.lines() if "runs with" in line.text]
    assert order == ["early.service", "late.service"]
    assert not machine.units.active("idle")
    assert machine.boot_id != boot_id
    assert machine.files.read("/etc/machine-id") == kept
    assert not machine.files.exists("/run/leftover")
    assert machine.kernel.sysctl("net/ipv4/ip_forward") == "0"
    machine.units.disable("late")
    await world.reboot(machine)
    await _until(lambda: app.runs("early.service"))
    assert machine.units.state("late").state.active == "inactive"


async def test_a_masked_unit_is_not_started(machine: Machine) -> None:
    machine.files.link("/etc/systemd/system/app.service", "/dev/null")
    assert machine.units.state("app").load == "masked"
    assert await machine.units.start("app") == ["Failed to start app.service: Unit app.service is masked."]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


async def test_an_order_that_was_cut_off_on_its_way_is_not_followed(machine: Machine, link: Connection) -> None:
    app.install(machine, "one", Type="notify")
    app.install(machine, "two", Type="notify")
    await link.run(script("units.sh"), stdin="start one.service\nstart two.service")
    assert machine.units.active("one")
    assert not machine.units.active("two")
