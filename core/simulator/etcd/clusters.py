"""A world's etcd clusters: made, kept, found again after the simulator was away, let go with their last data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.simulator.etcd.bootstrap import Identity, key_of
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.keeping import dump, load
from core.simulator.etcd.member import Member
from core.simulator.kubernetes.objects import Objects

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine
    from core.simulator.world import World

ROOM = "etcd"
DATA = "/var/lib/etcd/data"
_LOG = "member/wal/0000000000000000-0000000000000000.wal"
"""The first log file, whose head says whose it is."""


def load_clusters(world: World) -> None:
    """Take what was kept; to be called before any machine runs."""
    for _, content in world.keeping.items(ROOM):
        _add(world, load(content))
    # A fault may part members from the others, or bring them back.
    world.faults.listen(lambda: _tell_all(world))


def make_cluster(world: World, token: str, members: list[Member]) -> Ensemble:
    """A new cluster. Those of which nothing is left go."""
    prune(world)
    ensemble = Ensemble(token, members)
    _add(world, ensemble)
    return ensemble


def prune(world: World) -> None:
    """Let go of clusters that no process runs for and no machine has data of."""
    held = {found.cluster for machine in world.machines.values() if (found := identity(machine))}
    for key, ensemble in list(world.ensembles.items()):
        if ensemble.id not in held and not any(member.process for member in ensemble.members.values()):
            del world.ensembles[key]
            world.keeping.put(ROOM, key, None)
            world.keeping.drop(_room(ensemble))


def kept(world: World, cluster: int) -> bool:
    """Whether any machine has data of a cluster."""
    found = (identity(machine) for machine in world.machines.values())
    return any(each is not None and each.cluster == cluster for each in found)


def identity(machine: Machine, data: str = DATA) -> Identity | None:
    """Whose data a machine has, None where it has none."""
    content = machine.files.read(f"{data}/{_LOG}")
    return Identity.read(content) if content else None


def write_identity(machine: Machine, data: str, whose: Identity) -> None:
    """Begin a data directory."""
    machine.files.mkdir(data, 0o700)
    machine.files.write(f"{data}/{_LOG}", whose.write(), 0o600)
    machine.files.write(f"{data}/member/snap/db", b"", 0o600)


def cluster_at(world: World, machine: Machine) -> Ensemble | None:
    """The cluster whose member takes requests on a machine, quorum or not."""
    found = (each for each in world.ensembles.values() if each.at(machine.address) is not None)
    return next(found, None)


def _add(world: World, ensemble: Ensemble) -> None:
    key = key_of(ensemble.id)
    ensemble.pace = lambda: world.pace
    ensemble.objects = Objects(world.keeping.journal(_room(ensemble)))
    ensemble.objects.load(world.keeping.items(_room(ensemble)))
    ensemble.watch(lambda: world.keeping.put(ROOM, key, lambda: dump(ensemble)))
    world.ensembles[key] = ensemble


def _tell_all(world: World) -> None:
    for ensemble in list(world.ensembles.values()):
        ensemble.tell()


def _room(ensemble: Ensemble) -> str:
    return f"objects:{key_of(ensemble.id)}"
