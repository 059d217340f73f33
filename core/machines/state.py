"""What a machine shall be like, as data: the wish that facts are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory with its mode and owner."""

    path: str
    mode: int = 0o755
    owner: str = "root"


@dataclass(frozen=True, slots=True)
class File:
    """A file with exactly this content. A `secret` one's content is shown nowhere."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = "root"
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Binary:
    """A program taken out of a verified artifact.

    `artifact` is a name in the version table ("kubelet", "etcd"), `version` the artifact's version, `member` the
    path inside an archive, empty where the artifact is the program itself. `member` may be a directory prefix ending
    in "/": then every file under it is installed below `path`, which is then a directory.
    """

    path: str
    artifact: str
    version: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit that shall be enabled and running.

    It is restarted only when one of the paths in `reads` (files, binaries, the unit file itself) changed after it
    was started, and by daemon-reload first where its unit file changed. `reload` asks for a reload instead.
    """

    name: str
    reads: tuple[str, ...] = ()
    enabled: bool = True
    running: bool = True
    reload: bool = False


@dataclass(frozen=True, slots=True)
class Desired:
    """A machine's wanted state; every part is independent of order, `enact` knows the right one.

    `absent` are paths that shall not exist. `sysctls` map a key to its value, both as text; one that the kernel does
    not let us write is accepted when it already holds the value or a larger one.
    """

    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    sysctls: dict[str, str] = field(default_factory=dict)
    directories: tuple[Directory, ...] = ()
    binaries: tuple[Binary, ...] = ()
    files: tuple[File, ...] = ()
    absent: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
