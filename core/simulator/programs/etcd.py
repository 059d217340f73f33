"""etcd: a process that is its machine's member of a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.simulator.errors import MachineError
from core.simulator.etcd.bootstrap import Configuration, Identity, StartFailed, enter
from core.simulator.etcd.clusters import identity, kept, make_cluster, write_identity
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member, Process
from core.simulator.programs.base import Context, ProgramFailed, program

_REMOVED = "the member has been permanently removed from the cluster"
_LOOK_AGAIN = 0.5
"""Seconds after which a start looks again although nothing was told: a fault may just have passed."""

_TOLD = 0.05
"""Seconds until a removed member that starts is told so by the others."""


@program("etcd")
class Etcd:
    """Ready when a majority of the voters knows it by its name; ends when the others have removed it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = context.machine
        self._told = Configuration.read(context.environ)
        self._joined: tuple[Ensemble, Member] | None = None
        self._unwatch: Callable[[], None] = lambda: None
        self._changed = asyncio.Event()
        self._ready = False

    async def start(self) -> None:
        """Find the cluster and wait for a quorum of it."""
        environ = self._context.environ
        needed = ("ETCD_CERT_FILE", "ETCD_KEY_FILE", "ETCD_TRUSTED_CA_FILE")
        self._context.needed(*(environ[name] for name in needed if name in environ))
        try:
            ensemble, member = self._enter()
        except (StartFailed, MachineError) as failure:
            raise ProgramFailed(f"discovery failed: {failure}") from failure
        if member is None:
            self._leave_soon()
            return
        self._joined = ensemble, member
        self._unwatch = ensemble.watch(self._happened)
        ensemble.come(member, self._process(ensemble))
        await self._published(ensemble, member)
        self._ready = True
        self._context.log(f"ready to serve client requests: member {member.id:x} of cluster {ensemble.id:x}")

    async def stop(self) -> None:
        """Leave the quorum; the data stays."""
        self._unwatch()
        joined, self._joined = self._joined, None
        if joined is not None:
            ensemble, member = joined
            ensemble.go(member)

    def _enter(self) -> tuple[Ensemble, Member | None]:
        world, told = self._context.world, self._told
        ensemble, member = enter(
            told,
            identity(self._machine, told.data),
            world.ensembles,
            lambda token, members: make_cluster(world, token, members),
            lambda cluster: kept(world, cluster),
        )
        if member is not None:
            write_identity(self._machine, told.data, Identity(ensemble.id, member.id))
        return ensemble, member

    def _process(self, ensemble: Ensemble) -> Process:
        machine, environ, faults = self._machine, self._context.environ, self._context.world.faults
        return Process(
            name=self._told.name,
            address=machine.address,
            clients=self._told.clients,
            since=ensemble.clock(),
            reachable=lambda: machine.powered and faults.active("etcd-member-down", machine) is None,
            certificate=machine.files.read(environ.get("ETCD_CERT_FILE", "")) or b"",
            authority=machine.files.read(environ.get("ETCD_TRUSTED_CA_FILE", "")) or b"",
        )

    async def _published(self, ensemble: Ensemble, member: Member) -> None:
        while ensemble.leader is None or not member.started:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), _LOOK_AGAIN)
            except TimeoutError:
                continue

    def _happened(self) -> None:
        self._changed.set()
        if self._joined is None or not self._ready:
            return
        ensemble, member = self._joined
        if member.id in ensemble.removed:
            self._unwatch()
            member.process, self._joined = None, None
            self._context.exited(0, _REMOVED)

    def _leave_soon(self) -> None:
        """A removed member learns of it from the others as soon as it is up, and ends well."""

        async def leave() -> None:
            await asyncio.sleep(_TOLD * self._context.world.pace)
            self._context.exited(0, _REMOVED)

        self._machine.spawn(leave(), "etcd ends")
