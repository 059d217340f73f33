"""What a downloaded file must stand up to: its publisher's checksum, and the architecture of the programs in it."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

from core.engine.errors import Refusal
from core.machines.artifacts.table import Digest

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64,128}")
_MACHINES = {62: "amd64", 183: "arm64", 3: "386", 40: "arm", 243: "riscv64", 21: "ppc64le", 22: "s390x"}
"""`e_machine` of an ELF header; source: elf(5) and <elf.h>."""


def published_sum(text: str, file: str) -> str | None:
    """The checksum of a file in its publisher's text: bare, or on a line with the file's name."""
    words = text.split()
    if len(words) == 1 and _HEXADECIMAL.fullmatch(words[0]):
        return words[0].lower()
    for line in text.splitlines():
        digest, _, name = line.strip().partition(" ")
        if name.strip().lstrip("*").removeprefix("./") == file and _HEXADECIMAL.fullmatch(digest):
            return digest.lower()
    return None


def digest_of(path: Path, kind: Digest = "sha256") -> str:
    """A file's checksum as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def program_architecture(path: Path) -> str | None:
    """The architecture that a program is for, None for a file that is no ELF program."""
    with path.open("rb") as stream:
        header = stream.read(20)
    if len(header) < 20 or header[:4] != b"\x7fELF":
        return None
    order = ">" if header[5] == 2 else "<"
    (machine,) = struct.unpack(f"{order}H", header[18:20])
    return _MACHINES.get(machine, f"machine {machine}")


def check_architecture(path: Path, arch: str, what: str) -> None:
    """Raises `Refusal` where a file is a program for another architecture."""
    found = program_architecture(path)
    if found not in (None, arch):
        raise Refusal(f"{what} is a program for {found}, not for {arch}", fix="use a source that has the right one")
