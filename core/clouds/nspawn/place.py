"""Where a machine lives on disk, and the record that lets it start again without the console's database."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.clouds.files import write_json
from core.clouds.nspawn.cgroups import Limits
from core.clouds.nspawn.names import Names

# On plain directories, not on the overlay: container runtimes mount overlays of their own there, which the kernel
# refuses on top of an overlay, and etcd's fsync is faster.
_PLAIN = ("containerd", "docker", "etcd", "kubelet")


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of a machine and the names derived from it."""

    names: Names
    name: str
    directory: Path

    @property
    def root(self) -> Path:
        """Where the machine's root file system is mounted."""
        return self.directory / "root"

    @property
    def network(self) -> Path:
        """Where the machine's network namespace is kept while no process is in it."""
        return self.directory / "network"

    @property
    def log(self) -> Path:
        """What the machine wrote on its console."""
        return self.directory / "console.log"

    @property
    def cgroup(self) -> str:
        return f"{self.names.cgroup}/{self.name}"

    @property
    def binds(self) -> dict[Path, str]:
        """Plain directories of the host and where the machine sees them."""
        return {self.directory / "plain" / name: f"/var/lib/{name}" for name in _PLAIN}


@dataclass(frozen=True, slots=True)
class Record:
    """What a machine was made of; it exists only when the machine is complete enough to boot."""

    generation: int
    address: str
    image: str
    memory: int | None = None
    cpus: float | None = None

    @property
    def limits(self) -> Limits:
        return Limits(self.memory, self.cpus)


def read_record(place: Place) -> Record | None:
    """Give the machine's record, None where it was never completed."""
    try:
        return Record(**json.loads((place.directory / "machine.json").read_text()))
    except FileNotFoundError:
        return None


def write_record(place: Place, record: Record) -> None:
    """Mark the machine as complete."""
    write_json(place.directory / "machine.json", asdict(record))
