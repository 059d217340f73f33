"""An etcd cluster on machines that are nothing but files, with a clock that is moved by hand."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from core.cluster.pki import Leaf, Pki
from core.machines.outcome import Completed
from core.simulator.etcd.control.command import answered
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member, Process, member_id


@dataclass
class Clock:
    """Seconds."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Files(dict[str, bytes]):
    """A machine's files."""

    def read(self, path: str) -> bytes | None:
        return self.get(path)


@dataclass
class Machine:
    """One machine; it is also what the product calls a connection."""

    world: World
    name: str
    address: str
    files: Files = field(default_factory=Files)
    powered: bool = True

    async def run(self, command: str, *, check: bool = True, timeout: float = 60) -> Completed:
        """Answer an etcdctl command as the product sends it."""
        answer = answered(self.world, self, shlex.split(command)[1:])
        return Completed(answer.status, answer.stdout, answer.stderr)


@dataclass
class World:
    """Machines and etcd clusters."""

    machines: dict[str, Machine] = field(default_factory=dict)
    ensembles: dict[str, Ensemble] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    pace: float = 1.0

    def machine(self, name: str) -> Machine:
        """A machine with etcd's certificates; it is made when first asked for."""
        if name not in self.machines:
            machine = Machine(self, name, f"127.9.0.{len(self.machines) + 11}")
            machine.files.update(certificates())
            self.machines[name] = machine
        return self.machines[name]

    def bootstrapped(self, *names: str) -> Ensemble:
        """A cluster of these, up for a while."""
        members = [Member(member_id([self.peer(name)], "lab-alpha"), (self.peer(name),)) for name in names]
        ensemble = Ensemble("lab-alpha", members, clock=self.clock)
        self.ensembles[f"{ensemble.id:x}"] = ensemble
        for name, member in zip(names, members, strict=True):
            self.start(ensemble, member, name)
        self.clock.now += 10
        return ensemble

    def start(self, ensemble: Ensemble, member: Member, name: str) -> None:
        """Run a member on a machine."""
        machine, pki = self.machine(name), certificates()
        urls = (f"https://{machine.address}:2379",)
        authority = pki["/etc/etcd/pki/ca.crt"]
        process = Process(
            name, machine.address, urls, self.clock(), lambda: machine.powered, pki["server.crt"], authority
        )
        ensemble.come(member, process)

    def peer(self, name: str) -> str:
        """A machine's peer URL."""
        return f"https://{self.machine(name).address}:2380"


@cache
def certificates() -> dict[str, bytes]:
    """etcd's authority, the certificates of the operator and of the network, and a stranger's."""
    pki, other = Pki(Path(mkdtemp())), Pki(Path(mkdtemp()))
    files: dict[str, bytes] = {}
    for keeper, prefix in ((pki, ""), (other, "stranger")):
        keeper.make_authority("etcd-ca", "etcd-ca")
        for name in ("root", "network", "kube-apiserver"):
            keeper.issue(Leaf(name, "etcd-ca", name))
            files[f"{prefix}{name}.crt"] = (keeper.directory / f"{name}.crt").read_bytes()
    authority = (pki.directory / "etcd-ca.crt").read_bytes()
    return files | {
        "/etc/etcd/pki/ca.crt": authority,
        "/etc/etcd/pki/operator.crt": files["root.crt"],
        "/etc/etcd/pki/operator.key": b"",
        "/etc/kubernetes/network/etcd-ca.crt": authority,
        "/etc/kubernetes/network/etcd-client.crt": files["network.crt"],
        "/etc/kubernetes/network/etcd-client.key": b"",
        "server.crt": files["kube-apiserver.crt"],
    }
