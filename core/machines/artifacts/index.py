"""What the cache remembers of a verified artifact, in a small file beside it: checksums of all that is inside."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

SUFFIX = ".verified.json"
MEMBERS = ".members"


@dataclass(frozen=True, slots=True)
class Member:
    """A file taken out of an artifact: its place relative to the cache, its size and its checksum."""

    place: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An artifact that was verified: its own checksum and size, where it came from, and its members by name.

    An artifact that is the program itself has one member, with its own file name.
    """

    sha256: str
    size: int
    url: str
    members: dict[str, Member]


def read_entry(cache: Path, path: str) -> Entry | None:
    """The entry of an artifact, None where it was never fetched or its files are not what they were."""
    artifact = cache / path
    try:
        entry = msgspec.json.decode((cache / f"{path}{SUFFIX}").read_bytes(), type=Entry)
        whole = artifact.stat().st_size == entry.size
        members = all((cache / member.place).stat().st_size == member.size for member in entry.members.values())
    except (OSError, msgspec.DecodeError):
        return None
    return entry if whole and members else None


def write_entry(cache: Path, path: str, entry: Entry) -> None:
    """Remember an artifact; the last thing done for it, so that an entry stands for all its files."""
    target = cache / f"{path}{SUFFIX}"
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(entry))
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).chmod(0o644)
    Path(temporary).replace(target)
