"""Where the mirror lives, and the few safe ways to write there."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


def versions() -> dict[str, str]:
    """Read the table of versions that everything here is keyed by."""
    table: dict[str, str] = json.loads((HERE / "versions.json").read_text())
    return table


def cache() -> Path:
    """Return the cache folder, which is outside the repository and survives test runs."""
    named = os.environ.get("GONDOLIER_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "gondolier-tests"


def mirror() -> Path:
    """Return the root of the release mirror; its top folders are the original host names."""
    return cache() / "mirror"


def image_layout(name: str) -> Path:
    """Return the OCI layout folder of the image with this short name."""
    return cache() / "images" / name


def digest_of(path: Path) -> str:
    """Return a file's sha256 as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def short_key(*parts: bytes) -> str:
    """Return a short digest of everything that decides what a build yields."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _sweep() -> None:
    """Remove what killed runs left half done; its names all begin with a dot."""
    for place in ("", "bin", "images", "mirror"):
        found = (cache() / place).glob(".*") if not place else (cache() / place).rglob(".*")
        for path in list(found):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """Hold the cache for one process, so that two test runs do not build the same thing twice."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _sweep()
        yield


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a temporary path that becomes the target only if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{os.getpid()}"
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder that replaces the target only if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield temporary
        shutil.rmtree(target, ignore_errors=True)
        temporary.chmod(0o755)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
