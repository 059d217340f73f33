"""Gateway: a node whose HAProxy and nftables publish the cluster's Services, kept right by an agent of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.cluster.certificates import GATEWAYS
from core.machines.state import Desired, Directory, File, Unit

AGENT = "/usr/local/lib/gondolier/gateway.py"
CONFIGURATION = "/etc/gondolier/gateway.json"
STATUS = "/var/lib/gondolier-gateway/status.json"
"""What the agent says of itself: `updated`, `api`, `services`, `reloads`, `last_reload`, `errors`."""

_PARTS = Path(__file__).with_name("agent")
_KEYS = "/etc/gondolier/pki"
_UNIT = "/etc/systemd/system/gondolier-gateway.service"
_DROP_IN = "/etc/systemd/system/haproxy.service.d/gondolier.conf"

RESERVED_PORTS: dict[str, str] = {
    "22": "ssh",
    "68/UDP": "DHCP client",
    "179/TCP": "BGP",
    "2379/TCP": "etcd clients",
    "2380/TCP": "etcd peers",
    "4789/UDP": "VXLAN (Calico)",
    "6443/TCP": "Kubernetes API",
    "8472/UDP": "VXLAN (Flannel)",
    "9098/TCP": "Calico Typha health",
    "9099/TCP": "Calico Felix health",
    "10248/TCP": "kubelet health",
    "10249/TCP": "kube-proxy metrics",
    "10250/TCP": "kubelet",
    "10256/TCP": "kube-proxy health",
    "10257/TCP": "kube-controller-manager",
    "10259/TCP": "kube-scheduler",
    "51820/UDP": "WireGuard",
}
"""Ports that no Service can have on a gateway, and whose they are; without a protocol it is both."""


def gateway_state(
    *, node: str, server: str, authority: bytes, certificate: bytes, key: bytes, reserved: Iterable[str | int] = ()
) -> Desired:
    """What makes a node a gateway. HAProxy's configuration is no part of it: that file is the agent's alone.

    `server` is the API's URL; `certificate` and `key` (PEM) are a client's of the group that `gateway_rbac` lets
    read; `reserved` are ports beside `RESERVED_PORTS`, such as 8080 or "5353/UDP".
    """
    configuration = _configuration(node, server, [*RESERVED_PORTS, *map(str, reserved)])
    return Desired(
        # procps: the distribution's haproxy.service reloads with /bin/kill.
        packages=("haproxy", "nftables", "conntrack", "python3", "procps"),
        sysctls={"net.ipv4.ip_forward": "1"},
        directories=(Directory("/usr/local/lib/gondolier"), Directory("/etc/gondolier"), Directory(_KEYS, 0o700)),
        files=(
            File(AGENT, _part("gondolier_gateway.py"), 0o755),
            File(CONFIGURATION, (json.dumps(configuration, indent=2) + "\n").encode()),
            File(f"{_KEYS}/ca.crt", authority),
            File(f"{_KEYS}/gateway.crt", certificate),
            File(f"{_KEYS}/gateway.key", key, 0o600, secret=True),
            File(_UNIT, _part("gondolier-gateway.service")),
            File(_DROP_IN, _part("haproxy.conf")),
        ),
        units=(
            # The certificate is read anew at every connection: it is no reason for a restart.
            Unit("gondolier-gateway.service", reads=(AGENT, CONFIGURATION, _UNIT)),
            Unit("haproxy.service", reads=(_DROP_IN,)),
        ),
    )


def gateway_rbac() -> list[dict[str, Any]]:
    """Manifests that let the gateways' group read Services and EndpointSlices, and nothing else."""
    group, name = "rbac.authorization.k8s.io", "gondolier:gateway"
    rules = [
        {"apiGroups": [""], "resources": ["services"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    return [
        {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules},
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": group, "kind": "Group", "name": GATEWAYS}],
        },
    ]


def _configuration(node: str, server: str, reserved: list[str]) -> dict[str, Any]:
    return {
        "node": node,
        "server": server,
        "ca": f"{_KEYS}/ca.crt",
        "cert": f"{_KEYS}/gateway.crt",
        "key": f"{_KEYS}/gateway.key",
        "reserved_ports": reserved,
    }


def _part(name: str) -> bytes:
    return (_PARTS / name).read_bytes()
