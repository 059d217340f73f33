"""What software on the machine must know of its host: `/etc/gondolier/machine.json`.

The file speaks of properties, not of providers, so that cluster code treats a machine the same wherever it is from.
A machine without the file has none of these properties.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.clouds.nspawn import cgroups

PATH = "/etc/gondolier/machine.json"
_CAP_SYS_RESOURCE = 24


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Properties of a machine that shares its host's kernel.

    `cgroup_root` is what kubelet's `cgroupRoot` must be, `cgroup_driver` "cgroupfs" or "systemd" for kubelet,
    containerd and dockerd alike. `restrict_oom_score_adj`: negative OOM scores cannot be set. `conntrack_unwritable`:
    nf_conntrack_max and the like belong to the host. `modules_loadable`: modprobe can do something. `swap`: the host
    has swap. `artifact_cache` is a read-only directory of artifacts, empty where there is none.
    """

    cgroup_version: int
    cgroup_driver: str
    cgroup_root: str
    restrict_oom_score_adj: bool
    conntrack_unwritable: bool
    modules_loadable: bool
    swap: bool
    artifact_cache: str

    def text(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"


def gather(artifact_cache: str) -> HostFacts:
    """Read the facts of this host."""
    version = cgroups.version()
    return HostFacts(
        cgroup_version=version,
        # systemd in the machine manages a version 2 tree; its version 1 trees are partly unknown to it.
        cgroup_driver="systemd" if version == 2 else "cgroupfs",
        cgroup_root="/",
        restrict_oom_score_adj=not may(_CAP_SYS_RESOURCE, Path("/proc/self/status").read_text()),
        conntrack_unwritable=True,
        modules_loadable=False,
        swap=len(Path("/proc/swaps").read_text().splitlines()) > 1,
        artifact_cache=artifact_cache,
    )


def may(capability: int, status: str) -> bool:
    """Whether the bounding set of a /proc/PID/status text has the capability."""
    line = next(line for line in status.splitlines() if line.startswith("CapBnd:"))
    return bool(int(line.split()[1], 16) >> capability & 1)
