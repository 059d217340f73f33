"""Operations for the script that puts directories and files in place: pure text and bytes, all for its standard input.

Contents and their checksums are part of the input, so nothing of them shows among a machine's processes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from core.engine.errors import Trouble
from core.machines.outcome import Completed, last_lines
from core.machines.scripts import script
from core.machines.state import Directory, File

PLACE = script("place.sh")

_CHUNK = 1 << 18
_OWNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?")


def directory_pieces(directory: Directory) -> Iterator[bytes]:
    """A directory with its parents."""
    yield _line("directory", directory.path, mode=f"{directory.mode:04o}", owner=directory.owner)


def absent_pieces(path: str) -> Iterator[bytes]:
    """A path that shall not be, with all that is under it.

    Raises:
        Trouble: the path is the root or a directory directly under it.
    """
    if len(PurePosixPath(path).parts) < 3:
        raise Trouble(f"{path} will not be removed", fix="name a path at least two levels deep")
    yield _line("absent", path)


def file_pieces(file: File) -> Iterator[bytes]:
    """A file and its content."""
    digest = hashlib.sha256(file.content).hexdigest()
    size, mode = str(len(file.content)), f"{file.mode:04o}"
    yield _line("file", file.path, digest=digest, size=size, mode=mode, owner=file.owner)
    yield file.content


def copy_pieces(path: str, source: str, digest: str, mode: int = 0o755) -> Iterator[bytes]:
    """A copy of a file that the machine may have; the script says where it has not."""
    yield _line("copy", path, digest=digest, mode=f"{mode:04o}", owner="root")
    yield f"{_checked(source)}\n".encode()


def upload_pieces(local: Path, path: str, mode: int, digest: str = "") -> Iterable[bytes]:
    """A file of ours, read piece by piece; its sha256 is taken before where it is not known.

    Raises:
        Trouble: it cannot be read.
    """
    try:
        size = str(local.stat().st_size)
        header = _line("file", path, digest=digest or _digest(local), size=size, mode=f"{mode:04o}", owner="root")
    except OSError as error:
        raise Trouble(f"{local} cannot be read: {error.strerror}", where="this machine") from error
    return _upload(local, header)


def _digest(local: Path) -> str:
    with local.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def missing_copies(answer: str) -> set[str]:
    """Paths that the script could not copy because the machine has no such source."""
    return {line.partition("\t")[2] for line in answer.splitlines() if line.startswith("missing\t")}


def placing_failure(machine: str, done: Completed) -> Trouble:
    """The error for a script that stopped, with the path and, where the disk is full, its usage."""
    marked = dict(line.split("\t", 1) for line in done.stderr.splitlines() if line.startswith(("failed\t", "usage\t")))
    said = [line for line in done.stderr.splitlines() if not line.startswith(("failed\t", "usage\t"))]
    path, usage = marked.get("failed", "a file"), marked.get("usage", "").split()
    if any("No space left" in line for line in said) and len(usage) >= 6:
        room = f"{usage[4]} of {usage[1]} are used on {usage[5]}, {usage[3]} are free"
        what = f"{path} cannot be written: no space left on the device ({room})"
        return Trouble(what, where=machine, fix="make room")
    return Trouble(f"{path} cannot be put in place: {last_lines(chr(10).join(said), 3)}", where=machine)


def _upload(local: Path, header: bytes) -> Iterator[bytes]:
    yield header
    with local.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _line(operation: str, path: str, *, digest: str = "-", size: str = "-", mode: str = "-", owner: str = "-") -> bytes:
    if owner != "-" and not _OWNER.fullmatch(owner):
        raise Trouble(f"{owner!r} is no owner of {path}", fix="use USER or USER:GROUP")
    return f"{operation} {digest} {size} {mode} {owner} {_checked(path)}\n".encode()


def _checked(path: str) -> str:
    if not path.startswith("/") or path != path.strip() or any(character in path for character in "\n\t\\\0"):
        raise Trouble(f"{path!r} cannot be a path on a machine", fix="use an absolute path of plain characters")
    return path
