"""Whether this host can carry machines, said in sentences before anything is made."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path

from core.clouds.base import Obstacle
from core.clouds.nspawn import archive, cgroups
from core.clouds.nspawn.cgroups import Limits
from core.clouds.process import run

# Debian package by program.
_PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "mount": "mount",
}
_GIGABYTE = 1 << 30
_IMAGE_ROOM = 2 * _GIGABYTE
_MACHINE_ROOM = 2 * _GIGABYTE

# Made and lost within namespaces of their own: trying leaves nothing behind.
_TRY_OVERLAY = """\
mkdir "$1/lower" "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/root"
"""
_TRY_BRIDGE = "ip link add gnd-try type bridge && ip link add gnv-try type veth peer name gnv-peer"
# What machines need and cannot load themselves; a kernel that has them built in does not know these names.
_MODULES = ("overlay", "bridge", "veth", "br_netfilter", "vxlan", "nf_conntrack", "nf_tables", "ip_set", "ip_tables")


def is_root() -> bool:
    """Whether this process may make machines."""
    return os.geteuid() == 0


def missing_programs(builds: bool) -> dict[str, str]:
    """Programs this host lacks, with the Debian package of each. `builds`: the base image is still to be made."""
    wanted = {**_PROGRAMS, **({"debootstrap": "debootstrap", "apt-get": "apt"} if builds else {})}
    return {program: package for program, package in wanted.items() if shutil.which(program) is None}


def root_obstacle() -> Obstacle:
    return Obstacle(
        "machines on this box are made by root, and gondolier runs as another user",
        "run it as root, for example by sudo",
    )


def program_obstacle(missing: Mapping[str, str]) -> Obstacle:
    """One sentence for all programs that are missing."""
    packages = " ".join(dict.fromkeys(missing.values()))
    return Obstacle(f"this box lacks {', '.join(missing)}", f"apt-get install {packages}")


async def kernel_obstacles(directory: Path) -> list[Obstacle]:
    """Try what machines need of the kernel, and of the file system that `directory` is or will be on."""
    if shutil.which("modprobe"):
        await run("modprobe", "--all", "--quiet", *_MODULES, check=False)
    private = ("unshare", "--mount", "--propagation", "private", "sh", "-ec")
    with tempfile.TemporaryDirectory(prefix=".gondolier-try-", dir=_existing(directory)) as scratch:
        overlay = await run(*private, _TRY_OVERLAY, "try", scratch, check=False)
    bridge = await run("unshare", "--net", "sh", "-ec", _TRY_BRIDGE, check=False)
    found: list[Obstacle] = []
    if overlay.status:
        found.append(Obstacle(f"no overlay can be mounted in {directory}: {_last(overlay.stderr)}", _OVERLAY_FIX))
    if bridge.status:
        found.append(Obstacle(f"the kernel makes no bridge or veth: {_last(bridge.stderr)}", _KERNEL_FIX))
    return found


_OVERLAY_FIX = "set GONDOLIER_HOME to an ext4, xfs or btrfs file system, on a kernel with overlay"
_KERNEL_FIX = "use a kernel with bridge and veth, outside a container or in a privileged one"


def keyring_obstacle() -> Obstacle | None:
    """Without the keyring packages cannot be verified, and unverified ones are not installed."""
    if archive.KEYRING.exists():
        return None
    what = f"{archive.KEYRING} is missing: packages cannot be verified"
    return Obstacle(what, "apt-get install debian-archive-keyring")


def limit_obstacles(limits: Limits) -> list[Obstacle]:
    """One sentence for each limit that this host cannot hold machines to."""
    return [
        Obstacle(f"this kernel has no {name} cgroup controller to limit machines with", "leave the limit out")
        for name in cgroups.unenforced(limits)
    ]


def room_obstacle(directory: Path, machines: int, builds: bool) -> Obstacle | None:
    """Whether the file system of `directory` has room for the machines."""
    existing = _existing(directory)
    needed = machines * _MACHINE_ROOM + (_IMAGE_ROOM if builds else 0)
    free = shutil.disk_usage(existing).free
    if free >= needed:
        return None
    return Obstacle(
        f"{existing} has {free / _GIGABYTE:.1f} GiB free, {machines} machines want {needed / _GIGABYTE:.0f} GiB",
        "make room, or set GONDOLIER_HOME to a larger file system",
    )


def overlap_obstacles(subnet: IPv4Network, taken: Mapping[str, IPv4Network]) -> list[Obstacle]:
    """One sentence for each network that shares addresses with the subnet; `taken` is by its description."""
    return [
        Obstacle(f"the subnet {subnet} overlaps with {what}", "name another subnet for the environment's provider")
        for what, network in taken.items()
        if network.overlaps(subnet)
    ]


def _existing(directory: Path) -> Path:
    return next(path for path in (directory, *directory.parents) if path.exists())


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"
