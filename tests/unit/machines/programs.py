"""Artifacts of these tests: small ELF files, and the table and mirror that publish them.

Their publisher is port 9 of this box, where nothing listens.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
from pathlib import Path

from core.machines.artifacts import VersionTable, parse_table

_MACHINES = {"amd64": 62, "arm64": 183}

TABLE = """
kubernetes:
  "1.36": {kubernetes: 1.36.4, etcd: 3.6.16}
artifacts:
  kubelet:
    url: http://127.0.0.1:9/v{version}/{arch}/kubelet
    sums: "{file}.sha256"
  etcd:
    url: http://127.0.0.1:9/etcd/etcd-v{version}-linux-{arch}.tar.gz
    sums: SHA256SUMS
    strip: 1
  cni:
    url: http://127.0.0.1:9/cni/cni-{arch}-{version}.tgz
    sums: "{file}.sha512"
    digest: sha512
  flannel:
    url: http://127.0.0.1:9/flannel/v{version}/flanneld-{arch}
"""


def program(words: str = "", arch: str = "amd64", size: int = 200) -> bytes:
    """Bytes that look like a program for an architecture."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, _MACHINES[arch])
    return (header + words.encode()).ljust(size, b"\0")


def archive(members: dict[str, bytes]) -> bytes:
    """A compressed tar of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def table(**pins: str) -> VersionTable:
    """The table of these tests; pins by artifact, for version 1 on amd64."""
    return parse_table(TABLE, {(name, "1", "amd64"): digest for name, digest in pins.items()})


def sha256(content: bytes) -> str:
    """The checksum of bytes."""
    return hashlib.sha256(content).hexdigest()


def publish(root: Path, path: str, content: bytes, *, digest: str = "sha256", claimed: str = "") -> Path:
    """Put a file and its publisher's checksum in a mirror; `claimed` is a checksum to publish instead."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    real = hashlib.new(digest, content).hexdigest()
    Path(f"{target}.{digest}").write_text(f"{claimed or real}  {target.name}\n")
    return target


def publish_sums(root: Path, path: str, content: bytes) -> Path:
    """Put a file in a mirror with its checksum in SHA256SUMS among others."""
    target = publish(root, path, content)
    Path(f"{target}.sha256").unlink()
    lines = f"{'0' * 64}  something-else\n{sha256(content)}  {target.name}\n"
    (target.parent / "SHA256SUMS").write_text(lines)
    return target
