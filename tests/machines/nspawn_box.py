"""What the tests of the provider `nspawn` share: whether this box can, an environment of its own, SSH, and traces."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path

from core.clouds.base import CloudMachine, MachineWish
from core.clouds.nspawn import NspawnCloud
from core.clouds.nspawn.names import Names
from core.engine.step import Level

_PROGRAMS = ("systemd-nspawn", "debootstrap", "ip", "iptables", "ssh", "ssh-keygen", "unshare")


def why_not() -> str:
    """Why machines cannot be made here; empty where they can."""
    if os.geteuid():
        return "machines are made by root"
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def free_subnet() -> str:
    """A subnet that no route of this box touches; random, so that tests running at once do not meet."""
    routes = json.loads(subprocess.run(["ip", "-json", "-4", "route"], check=True, capture_output=True).stdout or "[]")
    taken = [IPv4Network(route["dst"], strict=False) for route in routes if route["dst"] != "default"]
    while True:
        subnet = IPv4Network(f"10.{random.randrange(160, 220)}.{random.randrange(256)}.0/24")
        if not any(network.overlaps(subnet) for network in taken):
            return str(subnet)


@dataclass
class Box:
    """One environment with its keys in a home of its own."""

    home: Path
    environment: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}")
    subnet: str = field(default_factory=free_subnet)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("host", "login"):
            key = self.home / name
            if not key.exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)

    @property
    def names(self) -> Names:
        return Names(self.home, self.environment)

    def cloud(self, **options: object) -> NspawnCloud:
        return NspawnCloud(self.environment, self.home, self.subnet, **options)  # type: ignore[arg-type]

    def wish(self, name: str, generation: int = 1, **options: str) -> MachineWish:
        login = (self.home / "login.pub").read_text()
        pairs = tuple(options.items())
        return MachineWish(self.environment, "alpha", "worker", name, self.home / "host", login, generation, pairs)

    def report(self, text: str, level: Level = "info") -> None:
        self.said.append(text)

    async def ssh(self, machine: CloudMachine, command: str) -> str:
        """Run a command over SSH with the pinned host key and no other; waits until sshd answers."""
        known = self.home / f"known-{machine.name}"
        known.write_text(f"{machine.address} {(self.home / 'host.pub').read_text()}")
        options = ("StrictHostKeyChecking=yes", f"UserKnownHostsFile={known}", "BatchMode=yes", "LogLevel=ERROR")
        waiting = ("ConnectTimeout=2", "ConnectionAttempts=30", f"IdentityFile={self.home / 'login'}")
        flags = [word for option in (*options, *waiting) for word in ("-o", option)]
        process = await asyncio.create_subprocess_exec(
            "ssh",
            *flags,
            f"root@{machine.address}",
            command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        known.unlink()
        assert process.returncode == 0, f"`{command}` on {machine.name}: {err.decode()}{out.decode()}"
        return out.decode().strip()


def traces(home: Path, mark: str) -> dict[str, list[str]]:
    """All that is on this box now and could be left behind by an environment, by kind."""
    return {
        "mounts": sorted(line.split(" ", 4)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        "links": _lines("ip", "-oneline", "link"),
        "routes": _lines("ip", "route"),
        "rules": [line for line in _lines("iptables-save") if line.startswith("-A")],
        # Built-in chains have a policy instead of "-"; the kernel makes them when a table is first read.
        "chains": [line.split()[0] for line in _lines("iptables-save") if line.split()[1:2] == ["-"]],
        "cgroups": [str(path) for path in Path("/sys/fs/cgroup").rglob(f"*{mark}*")],
        "processes": list(_processes(str(home), mark)),
        "run": [str(path) for path in Path("/run/systemd/nspawn").rglob(f"*{mark}*")],
        "files": sorted(str(path) for path in home.rglob("*")),
    }


def _processes(*words: str) -> Iterator[str]:
    """Processes that have one of the words among their arguments, or run in a cgroup named after it.

    One that has ended and waits for this box's init to take note of it is none.
    """
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                text = (entry / "cmdline").read_text(errors="replace") + (entry / "cgroup").read_text()
            except OSError:
                continue
            if any(word in text for word in words):
                yield text.replace("\0", " ")


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
