"""What is written into a machine's root before it boots: name, keys, host facts, and which units stay off."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.clouds.nspawn import facts

_HOST_KEY = "/etc/ssh/gondolier_host_key"

# They belong to hardware, to a terminal or to a long life, or would change the kernel that all machines share:
# systemd-binfmt and 50-pid-max do, and udev would replay the host's devices.
_MASKED_UNITS = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "console-getty.service",
    "container-getty@.service",
    "dev-hugepages.mount",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty.target",
    "kmod-static-nodes.service",
    "logrotate.timer",
    "man-db.timer",
    "proc-sys-fs-binfmt_misc.automount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-journald-audit.socket",
    "systemd-networkd-wait-online.service",
    "systemd-networkd.service",
    "systemd-networkd.socket",
    "systemd-pstore.service",
    "systemd-random-seed.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
)
_MASKED = (*(f"/etc/systemd/system/{unit}" for unit in _MASKED_UNITS), "/etc/sysctl.d/50-pid-max.conf")

_SSHD = f"""\
HostKey {_HOST_KEY}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
MaxSessions 64
MaxStartups 64:30:128
"""

# systemd-nspawn mounts version 1 controllers read-only; container runtimes make groups in them. A plain remount is
# refused as busy, a bind remount changes the one mount.
_HOST_SCRIPT = """\
while read -r _ place kind _; do
    if [ "$kind" = cgroup ]; then mount -o remount,bind,rw "$place"; fi
done < /proc/mounts
"""

_HOST_UNIT = """\
[Unit]
Description=Control groups writable for container runtimes
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -e /etc/gondolier/host.sh

[Install]
WantedBy=sysinit.target
"""


@dataclass(frozen=True, slots=True)
class Seed:
    """What distinguishes one machine from its image. `nameservers` are addresses."""

    name: str
    address: str
    host_key: bytes
    login_key: str
    facts: facts.HostFacts
    nameservers: tuple[str, ...]


def files(seed: Seed) -> Mapping[str, tuple[int, bytes]]:
    """Mode and content by path."""
    texts = {
        "/etc/hostname": (0o644, f"{seed.name}\n"),
        "/etc/hosts": (0o644, f"127.0.0.1 localhost\n::1 localhost\n{seed.address} {seed.name}\n"),
        "/etc/resolv.conf": (0o644, "".join(f"nameserver {server}\n" for server in seed.nameservers)),
        "/etc/ssh/sshd_config.d/10-gondolier.conf": (0o644, _SSHD),
        "/etc/systemd/journald.conf.d/gondolier.conf": (0o644, "[Journal]\nSystemMaxUse=128M\n"),
        "/etc/systemd/system.conf.d/gondolier.conf": (0o644, "[Manager]\nDefaultTimeoutStopSec=10s\n"),
        "/etc/systemd/system/gondolier-host.service": (0o644, _HOST_UNIT),
        "/etc/gondolier/host.sh": (0o644, _HOST_SCRIPT),
        facts.PATH: (0o644, seed.facts.text()),
        "/root/.ssh/authorized_keys": (0o600, f"{seed.login_key.strip()}\n"),
    }
    written = {path: (mode, text.encode()) for path, (mode, text) in texts.items()}
    return {**written, _HOST_KEY: (0o600, seed.host_key)}


def links() -> Mapping[str, str]:
    """Symbolic links: target by path."""
    wanted = "/etc/systemd/system/sysinit.target.wants/gondolier-host.service"
    ssh = "/etc/systemd/system/multi-user.target.wants/ssh.service"
    enabled = {wanted: "/etc/systemd/system/gondolier-host.service", ssh: "/lib/systemd/system/ssh.service"}
    return {**enabled, **dict.fromkeys(_MASKED, "/dev/null")}


def sow(seed: Seed, root: Path) -> None:
    """Write it all below `root`; every file is replaced as a whole, so that it is never followed as a link."""
    for path, (mode, content) in files(seed).items():
        _write(root, path, mode, content)
    for path, target in links().items():
        _link(root, path, target)
    identity = root / "etc/machine-id"
    if not identity.exists() or len(identity.read_text().strip()) != 32:
        _write(root, "/etc/machine-id", 0o444, f"{uuid.uuid4().hex}\n".encode())


def nameservers(texts: list[str]) -> tuple[str, ...]:
    """Read name servers out of resolv.conf texts, the first text that has one a machine can reach.

    A loopback address is the host's own stub and means nothing inside a machine.
    """
    for text in texts:
        lines = [line.split() for line in text.splitlines()]
        servers = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
        reachable = tuple(server for server in servers if not server.startswith(("127.", "::1")))
        if reachable:
            return reachable[:3]
    return ()


def _write(root: Path, path: str, mode: int, content: bytes) -> None:
    target = root / path.lstrip("/")
    _parents(target, 0o700 if path.startswith("/root/") else 0o755)
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(content)
    fresh.replace(target)


def _link(root: Path, path: str, target: str) -> None:
    place = root / path.lstrip("/")
    if place.is_symlink() and str(place.readlink()) == target:
        return
    _parents(place, 0o755)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _parents(target: Path, mode: int) -> None:
    if not target.parent.exists():
        target.parent.mkdir(parents=True)
        target.parent.chmod(mode)
