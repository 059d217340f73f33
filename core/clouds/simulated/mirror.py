"""A mirror of stand-ins: files in the shape of the published releases, with tiny programs in them that do nothing.

Each program is a valid ELF header for its architecture and a line of text. The same release gives the same bytes, so
that processes may publish it at the same time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import struct
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.machines.artifacts.table import Release

_ELF_MACHINES = {"amd64": 62, "arm64": 183}
"""`e_machine` of an ELF header; source: elf(5)."""

_ARCHIVED: Mapping[str, Sequence[str]] = {
    "etcd": ("etcd", "etcdctl", "etcdutl"),
    "containerd": ("bin/containerd", "bin/containerd-shim-runc-v2", "bin/containerd-stress", "bin/ctr"),
    "cni-plugins": ("bandwidth", "bridge", "dhcp", "firewall", "host-local", "loopback", "portmap", "ptp", "tuning"),
    "crictl": ("crictl",),
}
"""The programs in the artifacts that are archives, as their publishers pack them; all others are the program itself."""


def publish(mirror: Path, releases: Sequence[Release]) -> None:
    """Put the releases of one artifact and version, and the file of their checksums, into a mirror that lacks them."""
    missing = [release for release in releases if not (mirror / release.path).exists()]
    if not missing:
        return
    by_sums: dict[Path, str] = {}
    for release in releases:
        content = stand_in(release)
        if release.sums:
            place = (mirror / release.path).parent / release.sums
            line = f"{hashlib.new(release.source.digest, content).hexdigest()}  {release.file}\n"
            by_sums[place] = by_sums.get(place, "") + line
    # The checksums come first: a release that is there has them.
    for place, text in by_sums.items():
        _write(place, text.encode())
    for release in missing:
        _write(mirror / release.path, stand_in(release))


def stand_in(release: Release) -> bytes:
    """What is published for a release: a program, or an archive of programs."""
    members = _ARCHIVED.get(release.name)
    if members is None:
        return _program(release.name, release)
    # Where the product strips a folder, the publisher packs one, named as the archive.
    folder = f"{release.file.removesuffix('.tar.gz')}/" if release.source.strip else ""
    return _archive({f"{folder}{member}": _program(member, release) for member in members})


def _program(name: str, release: Release) -> bytes:
    """An ELF header (64 bit, little endian, executable) without any code, and what the file is."""
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = struct.pack("<HHIQQQIHHHHHH", 2, _ELF_MACHINES[release.arch], 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0)
    return (
        ident + header + f"\n{name} {release.version} {release.arch}: stands in for the program, simulated\n".encode()
    )


def _archive(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(temporary).replace(path)
