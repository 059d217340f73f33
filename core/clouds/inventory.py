"""The provider `inventory`: machines that someone has, adopted by name and given back untouched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clouds.base import CloudMachine, MachineWish, Obstacle
from core.clouds.files import write_json
from core.engine.errors import Refusal
from core.engine.step import Report
from core.machines.artifacts import Artifacts
from core.model.allocation import EVERY_PORT

_ANY = 99


@dataclass(frozen=True, slots=True)
class InventoryHost:
    """A machine that someone has; without `roles` it may be used for any.

    `host_key` is its public host key as text, empty where it is not known yet. `jump` names the host to go through.
    """

    name: str
    address: str
    roles: tuple[str, ...] = ()
    user: str = "root"
    port: int = 22
    floating: str | None = None
    jump: str | None = None
    host_key: str = ""


class InventoryCloud:
    """Hands out declared machines and remembers which has become what; never powers one on or off.

    The mapping of machine name to host is kept in `home`/inventory/`environment`.json.
    """

    kind = "inventory"
    simulated = False
    keeps_machines = True
    gateway_ports = EVERY_PORT
    artifacts: Artifacts | None = None

    def __init__(self, environment: str, home: Path, hosts: Sequence[InventoryHost]) -> None:
        self._environment = environment
        self._file = home.resolve() / "inventory" / f"{environment}.json"
        self._hosts = {host.name: host for host in hosts}
        self._lock = asyncio.Lock()

    async def preflight(self, wishes: Sequence[MachineWish]) -> list[Obstacle]:
        """Say which machines no host is left for."""
        given = self._given()
        found: list[Obstacle] = []
        for wish in wishes:
            try:
                given[wish.name] = self._chosen(wish, given).name
            except Refusal as refusal:
                found.append(Obstacle(refusal.what, refusal.fix))
        return found

    async def machines(self) -> dict[str, CloudMachine]:
        """Adopted machines by their name in the environment; whether one answers is for SSH to find out."""
        return {name: _seen(name, self._hosts[host]) for name, host in self._given().items() if host in self._hosts}

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine:
        """Adopt a host: the one named by the wish's option "host", else the first free one of its role.

        Raises:
            Refusal: no host is left, or the named one is not declared or in use.
        """
        async with self._lock:
            given = self._given()
            host = self._chosen(wish, given)
            if given.get(wish.name) != host.name:
                self._keep({**given, wish.name: host.name})
                report(f"machine {wish.name} is host {host.name} at {host.address}")
        return _seen(wish.name, host)

    async def delete(self, name: str, report: Report) -> None:
        """Forget that the host was adopted; the host itself is left as it is."""
        async with self._lock:
            given = self._given()
            host = given.pop(name, None)
            if host is not None:
                self._keep(given)
                report(f"host {host} is given back")

    async def remove_all(self, report: Report) -> None:
        """Forget all hosts of the environment."""
        self._file.unlink(missing_ok=True)
        report("all hosts are given back")

    async def close(self) -> None:
        """Nothing is kept open."""

    def host_of(self, name: str) -> InventoryHost | None:
        """The host that a machine of the environment is."""
        return self._hosts.get(self._given().get(name, ""))

    def _chosen(self, wish: MachineWish, given: dict[str, str]) -> InventoryHost:
        known = given.get(wish.name)
        if known in self._hosts:
            return self._hosts[known]
        free = self._free(given)
        named = dict(wish.options).get("host")
        if named is not None:
            return self._named(named, free)
        return _first_for(wish, free)

    def _named(self, name: str, free: Sequence[InventoryHost]) -> InventoryHost:
        for host in free:
            if host.name == name:
                return host
        why = "is in use already" if name in self._hosts else "is not among the declared hosts"
        raise Refusal(f"host {name} {why}", where="provider inventory", fix="name another host")

    def _free(self, given: dict[str, str]) -> list[InventoryHost]:
        elsewhere = self._used_elsewhere()
        used = set(given.values())
        return [host for host in self._hosts.values() if host.name not in used and _place(host) not in elsewhere]

    def _used_elsewhere(self) -> set[str]:
        """Address and port of hosts that other environments of this home have adopted."""
        found: set[str] = set()
        for path in self._file.parent.glob("*.json"):
            if path != self._file:
                found.update(json.loads(path.read_text())["places"])
        return found

    def _given(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._file.read_text())["hosts"])
        except FileNotFoundError:
            return {}

    def _keep(self, given: dict[str, str]) -> None:
        places = sorted(_place(self._hosts[host]) for host in given.values() if host in self._hosts)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._file, {"hosts": given, "places": places})


def _first_for(wish: MachineWish, free: Iterable[InventoryHost]) -> InventoryHost:
    """Hosts with fewer roles come before those of many or any, so that the latter are left for others."""
    fitting = [host for host in free if not host.roles or wish.role in host.roles]
    for host in sorted(fitting, key=lambda host: len(host.roles) or _ANY):
        return host
    raise Refusal(
        f"no host is left to become {wish.role} {wish.name}",
        where="provider inventory",
        fix=f"declare one more host with role {wish.role}, or one without roles",
    )


def _place(host: InventoryHost) -> str:
    return f"{host.address}:{host.port}"


def _seen(name: str, host: InventoryHost) -> CloudMachine:
    return CloudMachine(name, host.name, "running", host.address, host.user, host.port, host.floating, jump=host.jump)
