"""How a machine is reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Access:
    """Everything needed to log in to one machine.

    `host_key` is the machine's pinned public key in OpenSSH form ("ssh-ed25519 AAAA…"), `login_key` the private key
    file that may log in, `jump` the machine through which this one is reached. A user other than root must be allowed
    to run sudo without a password.
    """

    name: str
    address: str
    port: int
    user: str
    host_key: str
    login_key: Path
    jump: Access | None = None
