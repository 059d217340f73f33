"""A machine's file tree: what facts ask about, and contents up to a mebibyte."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

import msgspec

from core.simulator.errors import MachineError, no_file, no_space, not_a_directory

KEPT_SIZE = 1 << 20
"""Bytes up to which a content is kept; of a larger file size and checksum are."""

Kind = Literal["f", "d", "l"]
"""file, directory, symbolic link: find's letters"""

_ALIASES = {"/bin": "/usr/bin", "/sbin": "/usr/sbin", "/lib": "/usr/lib", "/var/run": "/run", "/var/lock": "/run/lock"}
"""Directories that are links on every Debian machine."""


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """Something at a path. Times are seconds since 1970; `content` is None where it is not kept."""

    kind: Kind
    mode: int
    owner: str = "root"
    group: str = "root"
    size: int = 4096
    sha256: str = ""
    content: bytes | None = None
    target: str = ""
    modified: float = 0.0
    changed: float = 0.0


class Files:
    """The tree. Paths are absolute; parents are made as they are needed; owners are "USER" or "USER:GROUP".

    `full` says whether the disk is full. `keep` is told each path that changed, with its entry or without.
    Everything that writes raises `MachineError` where a real kernel would.
    """

    def __init__(
        self, clock: Callable[[], float], full: Callable[[], bool], keep: Callable[[str, bytes | None], None]
    ) -> None:
        self._clock = clock
        self._full = full
        self._keep = keep
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, set[str]] = {}

    def entry(self, path: str, *, follow: bool = True) -> Entry | None:
        """What is at a path; of a link what it leads to, unless told otherwise."""
        found = self._entries.get(canonical(path))
        for _ in range(8):
            if found is None or found.kind != "l" or not follow:
                return found
            found = self._entries.get(canonical(found.target))
        return None

    def exists(self, path: str) -> bool:
        """Whether there is something."""
        return self.entry(path) is not None

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory."""
        found = self.entry(path)
        return found is not None and found.kind == "d"

    def read(self, path: str) -> bytes | None:
        """A file's content, None where there is no file.

        Raises:
            MachineError: the file is too large for its content to be kept.
        """
        found = self.entry(path)
        if found is None or found.kind != "f":
            return None
        if found.content is None:
            raise MachineError(errno.EIO, "Input/output error: the simulator keeps no content of this size", path)
        return found.content

    def text(self, path: str) -> str:
        """A file's content as text, empty where there is no file."""
        return (self.read(path) or b"").decode(errors="replace")

    def write(self, path: str, content: bytes | str, mode: int = 0o644, owner: str = "root") -> None:
        """Put a whole file in place of what was there."""
        data = content.encode() if isinstance(content, str) else content
        self.write_digest(path, len(data), hashlib.sha256(data).hexdigest(), mode, owner, content=data)

    def write_digest(
        self, path: str, size: int, sha256: str, mode: int, owner: str = "root", *, content: bytes | None = None
    ) -> None:
        """Put a file in place of which size and checksum are known; a content that is small is kept."""
        self._room()
        self._no_directory(path)
        self.mkdir(parent(path))
        user, group = _owner(owner)
        kept = content if content is not None and size <= KEPT_SIZE else None
        now = self._clock()
        self._set(path, Entry("f", mode, user, group, size, sha256, kept, modified=now, changed=now))

    def mkdir(self, path: str, mode: int | None = None, owner: str | None = None) -> None:
        """Make a directory with its parents (0755); of one that is there only mode and owner change, if given."""
        path = canonical(path)
        found = self.entry(path)
        if found is None:
            if path != "/":
                self.mkdir(parent(path))
            self._room()
            now, rights = self._clock(), 0o755 if mode is None else mode
            self._set(path, Entry("d", rights, *_owner(owner or "root"), modified=now, changed=now))
        elif found.kind != "d":
            raise not_a_directory(path)
        else:
            self.rights(path, mode, owner)

    def rights(self, path: str, mode: int | None, owner: str | None) -> None:
        """Change mode and owner, where given."""
        found = self.entry(path)
        if found is None:
            raise no_file(path)
        user, group = _owner(owner, found) if owner else (found.owner, found.group)
        wanted = found.mode if mode is None else mode
        if (wanted, user, group) != (found.mode, found.owner, found.group):
            fields = {"mode": wanted, "owner": user, "group": group, "changed": self._clock()}
            self._set(path, msgspec.structs.replace(found, **fields))

    def link(self, path: str, target: str, owner: str = "root") -> None:
        """Make a symbolic link in place of what was there."""
        self.mkdir(parent(path))
        now = self._clock()
        self._set(path, Entry("l", 0o777, *_owner(owner), size=len(target), target=target, modified=now, changed=now))

    def remove(self, path: str) -> bool:
        """Remove what is there with all under it; says whether there was something."""
        gone = [each for each, _ in self.tree(path)]
        for each in gone:
            del self._entries[each]
            self._names.pop(each, None)
            self._names.get(parent(each), set()).discard(each)
            self._keep(each, None)
        return bool(gone)

    def move(self, source: str, target: str) -> None:
        """Rename, with all that is under it."""
        source, target = canonical(source), canonical(target)
        if self.entry(source, follow=False) is None:
            raise no_file(source)
        moved = [(each.removeprefix(source), entry) for each, entry in self.tree(source)]
        self.remove(source)
        self.remove(target)
        self.mkdir(parent(target))
        for rest, entry in moved:
            self._set(target + rest, msgspec.structs.replace(entry, changed=self._clock()))

    def tree(self, path: str) -> Iterator[tuple[str, Entry]]:
        """What is at a path and under it, by path."""
        path = canonical(path)
        found = self._entries.get(path)
        if found is None:
            return
        yield path, found
        for each in sorted(self._names.get(path, ())):
            yield from self.tree(each)

    def listing(self, path: str) -> list[str]:
        """The names in a directory, in order."""
        return sorted(each.rpartition("/")[2] for each in self._names.get(canonical(path), ()))

    def load(self, items: Iterator[tuple[str, bytes]]) -> None:
        """Take what was kept."""
        decoder = msgspec.msgpack.Decoder(Entry)
        for path, value in items:
            self._index(path, decoder.decode(value))

    def _index(self, path: str, entry: Entry) -> None:
        self._entries[path] = entry
        if path != "/":
            self._names.setdefault(parent(path), set()).add(path)

    def _set(self, path: str, entry: Entry) -> None:
        path = canonical(path)
        self._index(path, entry)
        self._keep(path, msgspec.msgpack.encode(entry))

    def _room(self) -> None:
        if self._full():
            raise no_space()

    def _no_directory(self, path: str) -> None:
        if self.is_directory(path):
            raise MachineError(errno.EISDIR, "Is a directory", path)


@lru_cache(maxsize=8192)
def canonical(path: str) -> str:
    """A path without the directories that are links everywhere, and without superfluous slashes."""
    path = "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
    for alias, real in _ALIASES.items():
        if path == alias or path.startswith(f"{alias}/"):
            return real + path[len(alias) :]
    return path


@lru_cache(maxsize=8192)
def parent(path: str) -> str:
    """The directory that a path is in."""
    return path.rstrip("/").rpartition("/")[0] or "/"


def _owner(owner: str, before: Entry | None = None) -> tuple[str, str]:
    user, colon, group = owner.partition(":")
    if colon:
        return user, group
    return user, before.group if before else "root"
