"""Taking a cluster's daemons and their state off a machine that stays."""

from __future__ import annotations

import contextlib

from core.simulator.docker.errors import EngineError
from core.simulator.machine.machine import Machine
from core.simulator.programs.docker import engine_of
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


_HOST_LABEL, _NETWORK = "gondolier.io/host", "gondolier"


@script(r"#!/bin/sh\n# Takes a cluster's daemons and their state off a machine that stays")
async def retire(call: Call, text: str) -> int:
    """Stops and disables the daemons, removes their files, and says how many still run."""
    units, files = call.machine.units, call.machine.files
    daemons = (*_UNITS, "containerd")
    units.disable(*daemons)
    await units.stop(*daemons)
    if units.active("docker"):
        await _remove_containers(call.machine)
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


async def _remove_containers(machine: Machine) -> None:
    """What was run for a Docker host that is given back, and its network unless others use it."""
    engine = engine_of(machine)
    for container in list(engine.containers.values()):
        if _HOST_LABEL in container.labels:
            await engine.remove(container, force=True, volumes=True)
    with contextlib.suppress(EngineError):
        engine.networks.remove(_NETWORK, engine.containers.values())
