"""The Node object that a kubelet keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.simulator.kubernetes.kubelet.images import size_of
from core.simulator.kubernetes.shape import Object, headed, micro_stamp, stamp, with_condition

KUBERNETES = "1.36.4"
"""The version of a kubelet that does not say its own."""

LEASES = "leases.coordination.k8s.io"
LEASE_NAMESPACE = "kube-node-lease"

_LEASE_SECONDS = 40
_IMAGES_TOLD = 50
_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What a kubelet knows of its machine. Memory and disk are bytes; `version` is Kubernetes', without the "v"."""

    name: str
    address: str
    version: str = KUBERNETES
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Object] = ()
    cores: int = 2
    memory: int = 4 * 1024**3
    disk: int = 20 * 1024**3
    pods: int = 110
    boot_id: str = ""
    machine_id: str = ""
    kernel: str = "6.12.48+deb13-amd64"
    os_image: str = "Debian GNU/Linux 13 (trixie)"
    runtime: str = "containerd://2.3.6"


def new_node(facts: NodeFacts) -> Object:
    """The node as it registers: labels and taints are given at that moment only."""
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": facts.name,
        "kubernetes.io/os": "linux",
        **facts.labels,
    }
    metadata = {
        "name": facts.name,
        "labels": labels,
        "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
    }
    taints = [*facts.taints, {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
    return headed("nodes", metadata, spec={"taints": taints}, status={})


def node_status(facts: NodeFacts, old: Object, images: Iterable[str], obstacle: str, now: float) -> Object:
    """The status as the kubelet sees it now; `obstacle` says why the node is not ready, empty where it is.

    Heartbeats are told with every status, so that a status is always worth writing.
    """
    return {
        **old,
        "addresses": _addresses(facts),
        "capacity": _resources(facts, 0),
        "allocatable": _resources(facts, 100 * 1024**2),
        "conditions": _conditions(old.get("conditions") or (), obstacle, now),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "images": [_image(name) for name in sorted(images)[:_IMAGES_TOLD]],
        "nodeInfo": _info(facts),
    }


def lease(facts: NodeFacts, node: Object, now: float) -> Object:
    """The lease by which a kubelet shows that it lives."""
    owner = {"apiVersion": "v1", "kind": "Node", "name": facts.name, "uid": node["metadata"]["uid"]}
    metadata = {"name": facts.name, "namespace": LEASE_NAMESPACE, "ownerReferences": [owner]}
    spec = {"holderIdentity": facts.name, "leaseDurationSeconds": _LEASE_SECONDS, "renewTime": micro_stamp(now)}
    return headed(LEASES, metadata, spec=spec)


def _addresses(facts: NodeFacts) -> list[Object]:
    return [{"type": "InternalIP", "address": facts.address}, {"type": "Hostname", "address": facts.name}]


def _resources(facts: NodeFacts, reserved: int) -> Object:
    return {
        "cpu": str(facts.cores),
        "ephemeral-storage": f"{facts.disk // 1024}Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{(facts.memory - reserved) // 1024}Ki",
        "pods": str(facts.pods),
    }


def _conditions(old: Iterable[Object], obstacle: str, now: float) -> list[Object]:
    wanted = [{"type": kind, "status": "False", "reason": reason, "message": text} for kind, reason, text in _PRESSURES]
    if obstacle:
        wanted.append({"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": obstacle})
    else:
        text = "kubelet is posting ready status"
        wanted.append({"type": "Ready", "status": "True", "reason": "KubeletReady", "message": text})
    conditions = list(old)
    for one in wanted:
        conditions = with_condition(conditions, {**one, "lastHeartbeatTime": stamp(now)}, now)
    return conditions


def _image(name: str) -> Object:
    return {"names": [name], "sizeBytes": size_of(name)}


def _info(facts: NodeFacts) -> Object:
    def made_up(what: str) -> str:
        digest = hashlib.blake2b(f"{what}/{facts.name}".encode(), digest_size=16).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"

    return {
        "architecture": "amd64",
        "bootID": facts.boot_id or made_up("boot"),
        "containerRuntimeVersion": facts.runtime,
        "kernelVersion": facts.kernel,
        "kubeletVersion": f"v{facts.version}",
        "machineID": facts.machine_id or made_up("machine").replace("-", ""),
        "operatingSystem": "linux",
        "osImage": facts.os_image,
        "systemUUID": made_up("system"),
    }
