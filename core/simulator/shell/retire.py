"""Taking a cluster's daemons and their state off a machine that stays."""

from __future__ import annotations

from core.simulator.shell.calls import Call
from core.simulator.shell.scripts import script

_UNITS = (
    "gondolier-gateway", "haproxy", "kube-proxy", "kubelet", "kube-scheduler", "kube-controller-manager",
    "kube-apiserver", "calico-node", "calico-cni", "flanneld", "etcd",
)  # fmt: skip

_GONE = (
    "/etc/systemd/system/haproxy.service.d/gondolier.conf", "/etc/haproxy/haproxy.cfg", "/etc/kubernetes", "/etc/etcd",
    "/etc/cni/net.d/10-gondolier.conflist", "/etc/gondolier/gateway.json", "/etc/gondolier/pki", "/var/lib/etcd/data",
    "/var/lib/kubelet", "/var/lib/gondolier-gateway", "/var/lib/calico", "/var/lib/cni", "/run/flannel",
)  # fmt: skip


@script(r"#!/bin/sh\n# Takes a cluster's daemons and their state off a machine that stays")
async def retire(call: Call, text: str) -> int:
    """Stops and disables the daemons, removes their files, and says how many still run."""
    units, files = call.machine.units, call.machine.files
    daemons = (*_UNITS, "containerd")
    units.disable(*daemons)
    await units.stop(*daemons)
    for name in daemons:
        if name != "haproxy":
            files.remove(f"/etc/systemd/system/{name}.service")
    for path in _GONE:
        files.remove(path)
    units.daemon_reload()
    left = sum(units.active(name) for name in daemons)
    if left:
        call.err(f"{left} daemons still run\n")
    return 1 if left else 0
