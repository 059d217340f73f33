"""Private keys: files of mode 0600 below `keys/<environment>/`, never in the database."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from core.store.errors import Refusal, Trouble
from core.store.home import private_directory


def keys_directory(home: Path, environment: str) -> Path:
    """Where an environment's keys are; made by the first `write_private` below it.

    Raises:
        Refusal: the name would lead out of the home.
    """
    if "/" in environment or "\0" in environment or environment in ("", ".", ".."):
        raise Refusal(f"{environment!r} cannot be the name of an environment's key directory")
    return home / "keys" / environment


def host_key_file(home: Path, environment: str, machine: str) -> Path:
    """Where the private host key is that a machine was given."""
    return keys_directory(home, environment) / "hosts" / machine


def delete_host_key(home: Path, environment: str, machine: str) -> None:
    """Remove the host key of a machine that is gone: the next one of its name must not be one that its disk can play.

    Raises:
        Trouble: it is still there.
    """
    path = host_key_file(home, environment, machine)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Trouble(f"the host key cannot be removed: {error.strerror}", where=str(path)) from error


def write_private(path: Path, content: bytes) -> None:
    """Write a file that is its owner's alone from its first byte on; after a power cut it is the old or the new one.

    Raises:
        Trouble: it cannot be written; the text names the path, never the content.
    """
    try:
        private_directory(path.parent)
        _replace(path, content)
    except OSError as error:
        raise Trouble(f"the file cannot be written: {error.strerror}", where=str(path)) from error


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        _write_new(draft, content)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_private(path: Path) -> bytes | None:
    """The content of a file, None where there is none.

    Raises:
        Trouble: it is there but cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Trouble(f"the file cannot be read: {error.strerror}", where=str(path)) from error


def delete_keys(home: Path, environment: str) -> None:
    """Remove all keys of an environment; it is no trouble where there are none.

    Raises:
        Trouble: something is left.
    """
    directory = keys_directory(home, environment)
    try:
        shutil.rmtree(directory)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Trouble(f"the keys cannot be removed: {error.strerror}", where=str(directory)) from error
    _sync_directory(directory.parent)
