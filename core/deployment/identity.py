"""An environment's SSH keys: one that logs in, and one for each machine to show."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.store.keys import read_private, write_private


def login_key(keys: Path) -> str:
    """The public key, in OpenSSH's one-line form, that our machines let in; made where it is missing."""
    return _public(keys / "login")


def host_key(keys: Path, machine: str) -> str:
    """The public host key that a machine must show; made where it is missing."""
    return _public(keys / "hosts" / machine)


def _public(path: Path) -> str:
    content = read_private(path)
    if content is None:
        content = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        write_private(path, content)
    key = serialization.load_ssh_private_key(content, None)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()
