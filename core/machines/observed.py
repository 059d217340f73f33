"""What was seen on a machine, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["file", "directory", "link", "other"]


@dataclass(frozen=True, slots=True)
class PathFact:
    """Something at a path. `changed` is its ctime in seconds since 1970, `sha256` only a file's.

    `content` is there for a wanted file that is small, not secret, and differs.
    """

    kind: Kind
    mode: int
    owner: str
    group: str
    size: int
    changed: float
    sha256: str = ""
    content: bytes | None = None

    def belongs_to(self, owner: str) -> bool:
        """Whether it has this owner: USER, or USER:GROUP where the group matters."""
        return owner in (self.owner, f"{self.owner}:{self.group}")


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A unit as systemd sees it, in systemd's words.

    `started` is when its main process was started, `settled` when it last changed its state (a reload is such a
    change); both in seconds since 1970, None where it never did.
    """

    load: str = "not-found"
    active: str = "inactive"
    sub: str = "dead"
    enabled: str = ""
    started: float | None = None
    settled: float | None = None
    needs_reload: bool = False


@dataclass(frozen=True, slots=True)
class SysctlFact:
    """A kernel setting's value with single spaces between its words, and whether we may write it."""

    value: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """A machine's state as far as a wish asked for it. What is not in a mapping is not on the machine.

    `clock` is the machine's time in seconds since 1970, `arch` as `uname -m` says it, empty for a machine that does
    not exist. `packages` maps installed ones to versions; `kept_sysctls` and `kept_modules` are set again at boot.
    """

    paths: Mapping[str, PathFact] = field(default_factory=dict)
    units: Mapping[str, UnitFact] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    sysctls: Mapping[str, SysctlFact] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    kept_sysctls: Mapping[str, str] = field(default_factory=dict)
    kept_modules: frozenset[str] = frozenset()
    clock: float = 0.0
    arch: str = ""

    @classmethod
    def absent(cls) -> Facts:
        """A machine that has nothing, because it does not exist yet."""
        return cls()


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a machine is, whatever is wanted of it.

    `free_*` and `memory` are bytes, `uptime` seconds, `clock` seconds since 1970. `machine` is what the machine's
    provider says in /etc/gondolier/machine.json. `nameservers` never holds the machine's own resolver stub.
    """

    arch: str
    kernel: str
    hostname: str
    os: str
    os_id: str
    os_version: str
    machine_id: str
    boot_id: str
    uptime: float
    clock: float
    processors: int
    memory: int
    free_root: int
    free_var_lib: int
    cgroup_v1: bool
    nameservers: tuple[str, ...]
    machine: Mapping[str, Any]
