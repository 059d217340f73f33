"""A machine that was just made: what is waited for, and why one cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from core.clouds.arrival import ROOM_NEEDED, check_host, ssh_step
from core.clouds.machines import MachineContext, Node
from core.engine.errors import Refusal, Trouble, Unreachable
from core.engine.step import Change, Level
from core.machines.facts import HostFacts

NOW = 1_800_000_000.0
NODE = Node("kube-2", "worker", 1, "10.0.0.12")


def host(**changes: Any) -> HostFacts:
    """What a good machine says of itself, but for some of it."""
    known: dict[str, Any] = {
        "arch": "x86_64", "kernel": "6.1", "hostname": "kube-2", "os": "Debian", "os_id": "debian", "os_version": "12",
        "machine_id": "m", "boot_id": "b", "uptime": 1.0, "clock": NOW, "processors": 2, "memory": 4 * 1024**3,
        "free_root": ROOM_NEEDED, "free_var_lib": ROOM_NEEDED, "cgroup_v1": False, "nameservers": (), "machine": {},
    }  # fmt: skip
    return HostFacts(**known | changes)


def test_a_machine_that_can_be_used_passes() -> None:
    for good in (host(), host(arch="aarch64"), host(clock=NOW - 59)):
        check_host("kube-2", good, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"arch": "riscv64"}, "architecture riscv64 is not supported"),
        ({"clock": NOW + 90}, "its clock differs by 90 s from ours"),
        ({"clock": NOW - 90}, "its clock differs by -90 s from ours"),
        ({"free_root": ROOM_NEEDED - 1}, "only 2047 MiB are free on /"),
    ],
)
def test_a_machine_that_cannot_be_used_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as refused:
        check_host("kube-2", host(**changes), NOW)
    assert refused.value.where == "kube-2"
    assert refused.value.fix


class Machine:
    """A connection to a machine that answers, or never does; it keeps the commands that it was given."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.commands: list[str] = []

    async def wait(self, seconds: float) -> None:
        if not self.answers:
            raise Unreachable(f"SSH did not answer within {seconds:.0f} s: connection refused", where="kube-2")

    async def run(self, command: str, *, check: bool, timeout: float) -> None:
        assert timeout > 60
        self.commands.append(command)


class Cloud:
    """A provider that stands machines on something, of which only the console matters here."""

    async def console(self, name: str) -> str:
        return f"booting {name}\n" * 30 + "cloud-init: no datasource\n"

    async def _nothing(self, *given: object) -> None:
        raise AssertionError("not asked here")

    ground_changes = lay_ground = port_changes = open_ports = leftover_changes = clear = _nothing


class Context:
    """As much of a component's context as the step needs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.cloud = Cloud()

    def id(self, phase: str, node: Node) -> str:
        return f"{node.name}/{phase}"

    def step(self, phase: str, title: str, probe: Any, apply: Any, **more: Any) -> Any:
        return apply

    async def connect(self, node: Node) -> Machine:
        return self.machine


def quiet(text: str, level: Level = "info") -> None:
    """A report that nobody reads."""


async def reached(machine: Machine) -> None:
    """Wait for the machine as the step does."""
    changes: Sequence[Change] = [Change("wait", "SSH on kube-2")]
    apply: Any = ssh_step(cast(MachineContext, Context(machine)), NODE)
    await apply(changes, quiet)


async def test_a_machine_that_stays_silent_is_told_with_its_console() -> None:
    with pytest.raises(Trouble, match="did not answer within 240 s") as silent:
        await reached(Machine(answers=False))
    assert "its console ends with:\nbooting kube-2" in silent.value.what
    assert "cloud-init: no datasource" in silent.value.what
    assert silent.value.what.count("\n") <= 22
    assert "security groups" in silent.value.fix


async def test_the_first_boot_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def met(context: object, node: Node) -> HostFacts:
        return host()

    monkeypatch.setattr("core.clouds.arrival._meet", met)
    machine = Machine(answers=True)
    await reached(machine)
    assert machine.commands == ["if command -v cloud-init >/dev/null; then cloud-init status --wait; fi"]
