"""A real sshd of this box, on 127.0.0.1, that belongs to one test."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from core.machines.access import Access

SSHD = Path("/usr/sbin/sshd")


@dataclass
class Sshd:
    """An sshd with keys of its own. `environment` is what commands see; `port` stays over stop and start."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return once it listens."""
        if not self.port:
            self._prepare()
        self.process = subprocess.Popen(
            [SSHD, "-f", self.folder / "sshd_config", "-D", "-E", self.folder / "sshd.log"], stdin=subprocess.DEVNULL
        )
        while self.process.poll() is None:
            if self._answers():
                return
        raise RuntimeError((self.folder / "sshd.log").read_text())

    def stop(self) -> None:
        """Stop it and every connection it serves, and return once its port is free."""
        if self.process is None:
            return
        # Held still, so that it makes no child after its children were counted.
        self.process.send_signal(signal.SIGSTOP)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (*map(int, children), self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        while self._answers():
            pass

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def access(self, name: str = "m1", jump: Access | None = None) -> Access:
        """How to reach it."""
        public = (self.folder / "host.pub").read_text()
        return Access(name, "127.0.0.1", self.port, getpass.getuser(), public, self.folder / "login", jump)

    def _prepare(self) -> None:
        Path("/run/sshd").mkdir(exist_ok=True)
        for name in ("host", "login"):
            key = asyncssh.generate_private_key("ssh-ed25519")
            key.write_private_key(self.folder / name)
            key.write_public_key(self.folder / f"{name}.pub")
            (self.folder / name).chmod(0o600)
        (self.folder / "authorized_keys").write_bytes((self.folder / "login.pub").read_bytes())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.folder / "sshd_config").write_text(self._configuration())

    def _configuration(self) -> str:
        variables = " ".join(f'"{name}={value}"' for name, value in self.environment.items())
        lines = [
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {self.folder}/host",
            f"AuthorizedKeysFile {self.folder}/authorized_keys",
            "PidFile none",
            "UsePAM no",
            "StrictModes no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            *([f"SetEnv {variables}"] if variables else []),
        ]
        return "\n".join(lines) + "\n"
