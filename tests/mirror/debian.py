"""Root file systems for images, made of Debian packages without installing anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.mirror import store

ARCHITECTURE = "amd64"
# What an image never needs; the licences stay where Debian puts them, in the packages themselves.
DROPPED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/bug")


def closure(packages: Sequence[str]) -> list[str]:
    """Return the packages and all libraries they need; scripts' tools like debconf are left out."""
    command = ["apt-cache", "depends", "--recurse", "--important", *packages]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    reached = {line for line in said.splitlines() if line and line[0].isalnum()}
    libraries = {name for name in reached if name.startswith(("lib", "zlib1g"))}
    return sorted({*packages, *(name for name in libraries if ":" not in name)})


def download(packages: Sequence[str]) -> list[Path]:
    """Fetch the packages' archives into the cache with the machine's own apt set-up."""
    folder = store.cache() / "debs"
    with store.new_folder(folder) as fresh:
        wanted = [f"{name}:{ARCHITECTURE}" for name in packages]
        command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *wanted]
        subprocess.run(command, cwd=fresh, check=True)
    return sorted(folder.glob("*.deb"))


def unpack(packages: Sequence[str], root: Path) -> None:
    """Unpack the packages with their libraries into a folder and drop what no image needs."""
    for archive in download(closure(packages)):
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    for path in DROPPED:
        shutil.rmtree(root / path, ignore_errors=True)


def is_taken(root: Path, name: str) -> bool:
    """Tell whether a program of this name is in the root already; a link counts wherever it points."""
    places = ("bin", "sbin", "usr/bin", "usr/sbin")
    return any(os.path.lexists(root / place / name) for place in places)


def add_shell(root: Path) -> None:
    """Add busybox and its applets where no full program has the name."""
    unpack(["busybox-static"], root)
    busybox = root / "bin/busybox"
    names = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    for name in names:
        if not is_taken(root, name):
            (root / "bin" / name).symlink_to("busybox")


def add_basics(root: Path) -> None:
    """Add the folders and accounts that programs expect of any system."""
    for folder in ("etc", "dev", "proc", "sys", "run", "root", "var/log", "var/lib", "tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    if not os.path.lexists(root / "var/run"):
        (root / "var/run").symlink_to("../run")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\nprotocols: files\n")
