"""Where machines come from: the contract that every provider keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.engine.step import Change, Report
from core.machines.artifacts import Artifacts
from core.model.allocation import PortRoom


@dataclass(frozen=True, slots=True)
class MachineWish:
    """A machine to be made. `name` is unique in the environment; `host_key` is the private key file of the pinned host
    key, `login_key` the text of the public key that may log in. `flavor` and friends are read from `options`."""

    environment: str
    component: str
    role: str
    name: str
    host_key: Path
    login_key: str
    generation: int = 1
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CloudMachine:
    """A machine as its provider sees it.

    `status` is "running", "stopped", "building" or "error", with `fault` in the provider's words. `address` is where
    the cluster's other machines reach it; `floating` is its public address.
    """

    name: str
    id: str
    status: str
    address: str | None
    user: str = "root"
    port: int = 22
    floating: str | None = None
    fault: str = ""
    jump: str | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that must be put right before anything is created: a sentence and its fix."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True, order=True)
class OpenPort:
    """A port that machines take from outside: from their own network, a `public` one from the world, too."""

    port: int
    protocol: str
    public: bool


class Cloud(Protocol):
    """Makes, finds and removes machines of one environment; touches nothing that is not its own.

    `create` and `delete` may be called again after any interruption: they find what is there and go on. `create`
    returns when the machine runs, not when SSH answers. `delete` of a machine that is gone succeeds.
    `keeps_machines` says that a deleted machine goes on running: what was set up on it must be taken down before.
    `gateway_ports` are the ports that can be published on its machines. `artifacts` is where its machines get their
    programs from, None where that is for the operator to say. Raises `Trouble`, `Transient` or `Refusal` only.
    """

    kind: str
    simulated: bool
    keeps_machines: bool
    gateway_ports: PortRoom
    artifacts: Artifacts | None

    async def preflight(self, wishes: Sequence[MachineWish]) -> list[Obstacle]: ...

    async def machines(self) -> dict[str, CloudMachine]: ...

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine: ...

    async def delete(self, name: str, report: Report) -> None: ...

    async def remove_all(self, report: Report) -> None:
        """Remove what the environment has in the provider beside its machines (bridge, rules, files)."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Grounded(Protocol):
    """A provider whose machines stand on something that is made before them: a network, and groups of rules.

    Each part is looked at and brought about like a step: `…_changes` touches nothing. `ports` are what the machines
    of a component take from outside. `console` is what a machine wrote on its console, for when SSH never comes up.
    """

    async def ground_changes(self, wishes: Sequence[MachineWish]) -> list[Change]: ...

    async def lay_ground(self, wishes: Sequence[MachineWish], report: Report) -> None: ...

    async def port_changes(self, component: str, ports: Sequence[OpenPort]) -> list[Change]: ...

    async def open_ports(self, component: str, ports: Sequence[OpenPort], report: Report) -> None: ...

    async def leftover_changes(self, component: str) -> list[Change]:
        """What a component without machines still has."""
        ...

    async def clear(self, component: str, report: Report) -> None: ...

    async def console(self, name: str) -> str: ...
