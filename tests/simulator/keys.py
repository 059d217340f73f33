"""Keys of the machines of these tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from core.machines.access import Access
from core.simulator.addresses import SSH_PORT
from core.simulator.machine.machine import Machine, Wish


@dataclass(frozen=True)
class Keys:
    """`host` is the machines' private key as text, `login` the private key file that may log in."""

    host: str
    host_public: str
    login: Path
    login_public: str

    @classmethod
    def make(cls, folder: Path) -> Keys:
        """New keys, with the login key's file in a folder."""
        host, login = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        path = folder / "login"
        login.write_private_key(path)
        path.chmod(0o600)
        public = [key.export_public_key().decode().strip() for key in (host, login)]
        return cls(host.export_private_key().decode(), public[0], path, public[1])

    def wish(self, name: str, **fields: Any) -> Wish:
        """A machine of environment "env" with these keys."""
        known: dict[str, Any] = {"environment": "env", "component": "kube", "role": "worker"}
        known |= {"host_key": self.host, "login_key": self.login_public, "name": name}
        return Wish(**{**known, **fields})

    def access(self, machine: Machine) -> Access:
        """How the product reaches a machine with these keys."""
        return Access(machine.name, machine.address, SSH_PORT, "root", self.host_public, self.login)
