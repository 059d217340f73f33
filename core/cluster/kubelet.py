"""kubelet and kube-proxy: what makes a machine a node."""

from __future__ import annotations

from typing import Any

from core.cluster.blueprint import Blueprint, Quirks, pair_files, secret_file, unit_file, yaml_file
from core.cluster.layout import Node, Role
from core.cluster.runtime import SOCKET
from core.machines.state import Binary, Desired, Directory, File, Unit

CONTROL_PLANE_TAINT = "node-role.kubernetes.io/control-plane"
GATEWAY_TAINT = "gondolier.io/gateway"

_TAINTS: dict[Role, list[dict[str, str]]] = {
    "control-plane": [{"key": CONTROL_PLANE_TAINT, "effect": "NoSchedule"}],
    "worker": [],
    "gateway": [{"key": GATEWAY_TAINT, "effect": "NoSchedule"}],
}

_KUBELET_FILES = ("/etc/kubernetes/kubelet.yaml", "/etc/kubernetes/kubelet.kubeconfig")
_PROXY_FILES = ("/etc/kubernetes/kube-proxy.yaml", "/etc/kubernetes/kube-proxy.kubeconfig")


def kubelet_state(blueprint: Blueprint, node: Node) -> Desired:
    """The node's two daemons."""
    version = blueprint.versions["kubernetes"]
    quirks = blueprint.quirks_of(node)
    serving = pair_files("/etc/kubernetes/pki/kubelet", blueprint.pair(f"kubelet-serving-{node.name}"))
    files = (
        File("/etc/kubernetes/pki/ca.crt", blueprint.authority("ca")),
        *serving,
        yaml_file("/etc/kubernetes/kubelet.yaml", kubelet_configuration(blueprint, node, quirks)),
        secret_file("/etc/kubernetes/kubelet.kubeconfig", blueprint.kubeconfig(f"kubelet-{node.name}")),
        yaml_file("/etc/kubernetes/kube-proxy.yaml", proxy_configuration(blueprint, quirks)),
        secret_file("/etc/kubernetes/kube-proxy.kubeconfig", blueprint.kubeconfig("kube-proxy")),
        unit_file("kubelet.service", node=blueprint.addressed(node)),
        unit_file("kube-proxy.service", node=blueprint.addressed(node)),
    )
    return Desired(
        directories=(Directory("/etc/kubernetes/manifests"), Directory("/var/lib/kubelet")),
        binaries=tuple(Binary(f"/usr/local/bin/{name}", name, version) for name in ("kubelet", "kube-proxy")),
        files=files,
        units=(
            _unit("kubelet", (*_KUBELET_FILES, *(file.path for file in serving))),
            _unit("kube-proxy", _PROXY_FILES),
        ),
    )


def kubelet_configuration(blueprint: Blueprint, node: Node, quirks: Quirks) -> dict[str, Any]:
    """KubeletConfiguration, kubelet.config.k8s.io/v1beta1."""
    document: dict[str, Any] = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": blueprint.address(node),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": "/etc/kubernetes/pki/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": quirks.cgroup_driver,
        "clusterDNS": [blueprint.dns_service_address],
        "clusterDomain": blueprint.cluster.dns_domain,
        "containerRuntimeEndpoint": SOCKET,
        "healthzBindAddress": "127.0.0.1",
        "readOnlyPort": 0,
        "registerWithTaints": _TAINTS[node.role],
        "rotateCertificates": False,
        "serializeImagePulls": False,
        "staticPodPath": "/etc/kubernetes/manifests",
        "tlsCertFile": "/etc/kubernetes/pki/kubelet.crt",
        "tlsPrivateKeyFile": "/etc/kubernetes/pki/kubelet.key",
        "tlsMinVersion": "VersionTLS12",
        "failSwapOn": False,
    }
    if quirks.cgroup_v1:
        document["failCgroupV1"] = False
    if quirks.cgroup_root:
        document["cgroupRoot"] = quirks.cgroup_root
    return document


def proxy_configuration(blueprint: Blueprint, quirks: Quirks) -> dict[str, Any]:
    """KubeProxyConfiguration, kubeproxy.config.k8s.io/v1alpha1; it listens on loopback only."""
    document: dict[str, Any] = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": "/etc/kubernetes/kube-proxy.kubeconfig"},
        "clusterCIDR": str(blueprint.cluster.pod_cidr),
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "mode": "iptables",
    }
    if quirks.conntrack_unwritable:
        document["conntrack"] = {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        }
    return document


def _unit(name: str, reads: tuple[str, ...]) -> Unit:
    own = (f"/etc/systemd/system/{name}.service", f"/usr/local/bin/{name}")
    return Unit(f"{name}.service", reads=(*own, *reads))
