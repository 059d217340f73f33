"""Kubernetes objects of a cluster's own, as plain manifests: access rules, DNS, Calico's controllers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from core.cluster.blueprint import Blueprint
from core.cluster.certificates import ADMINISTRATORS
from core.cluster.kubelet import CONTROL_PLANE_TAINT

Manifest = dict[str, Any]

LABELS = {"app.kubernetes.io/managed-by": "gondolier"}
DNS_APP = {"k8s-app": "kube-dns"}
_RBAC = "rbac.authorization.k8s.io"


def access_objects(blueprint: Blueprint) -> list[Manifest]:
    """Who may do what: administrators, the API server towards kubelets, kube-proxy, and Calico's CNI plug-in."""
    found = [
        _binding("gondolier:administrators", "cluster-admin", "Group", ADMINISTRATORS),
        _binding("gondolier:kubelet-api", "system:kubelet-api-admin", "User", "kube-apiserver-kubelet-client"),
    ]
    if blueprint.cluster.network == "calico":
        rules = [
            _rule(["pods", "namespaces", "nodes", "serviceaccounts"], ["get"]),
            _rule(["pods/status"], ["patch"]),
        ]
        found += [
            _role("gondolier:calico-cni", rules),
            _binding("gondolier:calico-cni", "gondolier:calico-cni", "User", "gondolier:calico-cni"),
        ]
    return found


def dns_objects(blueprint: Blueprint, nameservers: Sequence[str]) -> list[Manifest]:
    """CoreDNS at the tenth address of the service range, two replicas spread over nodes."""
    domain = blueprint.cluster.dns_domain
    rules = [
        _rule(["endpoints", "services", "pods", "namespaces"], ["list", "watch"]),
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    return [
        _object("v1", "ServiceAccount", "coredns", "kube-system"),
        _role("gondolier:coredns", rules),
        _binding("gondolier:coredns", "gondolier:coredns", "ServiceAccount", "coredns"),
        _object("v1", "ConfigMap", "coredns", "kube-system", data={"Corefile": _corefile(domain, nameservers)}),
        _dns_deployment(blueprint),
        _dns_service(blueprint.dns_service_address),
    ]


def calico_objects(blueprint: Blueprint) -> list[Manifest]:
    """Calico's controllers, which carry namespaces and network policies from Kubernetes into Calico's store."""
    watched = ["nodes", "pods", "namespaces", "serviceaccounts"]
    rules = [
        _rule(watched, ["get", "list", "watch"]),
        {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["list", "watch"]},
    ]
    pair = blueprint.pair("etcd-network")
    secret = {
        "ca.crt": _base64(blueprint.authority("etcd-ca")),
        "client.crt": _base64(pair.certificate),
        "client.key": _base64(pair.key),
    }
    return [
        _object("v1", "ServiceAccount", "calico-kube-controllers", "kube-system"),
        _role("gondolier:calico-kube-controllers", rules),
        _binding(
            "gondolier:calico-kube-controllers",
            "gondolier:calico-kube-controllers",
            "ServiceAccount",
            "calico-kube-controllers",
        ),
        _object("v1", "Secret", "calico-etcd", "kube-system", type="Opaque", data=secret),
        _calico_deployment(blueprint),
    ]


def _corefile(domain: str, nameservers: Sequence[str]) -> str:
    forward = [f"    forward . {' '.join(nameservers)}"] if nameservers else []
    lines = [
        ".:53 {",
        "    errors",
        "    health {",
        "        lameduck 5s",
        "    }",
        "    ready",
        f"    kubernetes {domain} in-addr.arpa ip6.arpa {{",
        "        pods insecure",
        "        fallthrough in-addr.arpa ip6.arpa",
        "        ttl 30",
        "    }",
        *forward,
        "    cache 30",
        "    loop",
        "    reload",
        "    loadbalance",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _dns_deployment(blueprint: Blueprint) -> Manifest:
    container = {
        "name": "coredns",
        "image": f"registry.k8s.io/coredns/coredns:v{blueprint.versions['coredns']}",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ],
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, "failureThreshold": 5, "timeoutSeconds": 5},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 2},
        "resources": {"requests": {"cpu": "50m", "memory": "70Mi"}, "limits": {"memory": "170Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": DNS_APP},
    }
    spec = {
        "serviceAccountName": "coredns",
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "topologySpreadConstraints": [spread],
        "tolerations": [{"key": CONTROL_PLANE_TAINT, "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "coredns"}}],
    }
    return _deployment("coredns", DNS_APP, 2, spec)


def _dns_service(address: str) -> Manifest:
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
    ]
    spec = {"clusterIP": address, "selector": DNS_APP, "ports": ports}
    return _object("v1", "Service", "kube-dns", "kube-system", spec=spec)


def _calico_deployment(blueprint: Blueprint) -> Manifest:
    env = {
        "DATASTORE_TYPE": "etcdv3",
        "ETCD_ENDPOINTS": blueprint.etcd_endpoints,
        "ETCD_CA_CERT_FILE": "/calico-etcd/ca.crt",
        "ETCD_CERT_FILE": "/calico-etcd/client.crt",
        "ETCD_KEY_FILE": "/calico-etcd/client.key",
        "ENABLED_CONTROLLERS": "policy,namespace,serviceaccount,workloadendpoint,node",
    }
    container = {
        "name": "calico-kube-controllers",
        "image": f"quay.io/calico/kube-controllers:v{blueprint.versions['calico']}",
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "volumeMounts": [{"name": "etcd", "mountPath": "/calico-etcd", "readOnly": True}],
    }
    spec = {
        "serviceAccountName": "calico-kube-controllers",
        "priorityClassName": "system-cluster-critical",
        "hostNetwork": True,
        "nodeSelector": {CONTROL_PLANE_TAINT: ""},
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
        "volumes": [{"name": "etcd", "secret": {"secretName": "calico-etcd", "defaultMode": 0o440}}],
        "securityContext": {"runAsUser": 0},
    }
    deployment = _deployment("calico-kube-controllers", {"k8s-app": "calico-kube-controllers"}, 1, spec)
    # They read their certificate once: a new one must make new pods.
    digest = hashlib.sha256(blueprint.pair("etcd-network").certificate).hexdigest()
    deployment["spec"]["template"]["metadata"]["annotations"] = {"gondolier.io/credentials": digest}
    return deployment


def _deployment(name: str, labels: dict[str, str], replicas: int, pod: dict[str, Any]) -> Manifest:
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": {**labels, **LABELS}}, "spec": pod},
    }
    return _object("apps/v1", "Deployment", name, "kube-system", spec=spec)


def _object(version: str, kind: str, name: str, namespace: str = "", **body: object) -> Manifest:
    metadata: dict[str, Any] = {"name": name, "labels": dict(LABELS)}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}


def _rule(resources: list[str], verbs: list[str]) -> dict[str, list[str]]:
    return {"apiGroups": [""], "resources": resources, "verbs": verbs}


def _role(name: str, rules: list[dict[str, list[str]]]) -> Manifest:
    return _object(f"{_RBAC}/v1", "ClusterRole", name, rules=rules)


def _binding(name: str, role: str, kind: str, subject: str) -> Manifest:
    who: dict[str, str] = {"kind": kind, "name": subject}
    who |= {"namespace": "kube-system"} if kind == "ServiceAccount" else {"apiGroup": _RBAC}
    reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}
    return _object(f"{_RBAC}/v1", "ClusterRoleBinding", name, roleRef=reference, subjects=[who])


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def missing_from(wanted: object, live: object) -> list[str]:
    """Paths at which the live object does not say what is wanted; what it says beside that is its own business.

    Lists must have the same length and match element by element.
    """
    return _compare(wanted, live, "")


def _compare(wanted: object, live: object, path: str) -> list[str]:
    if isinstance(wanted, dict) and isinstance(live, dict):
        return [
            found
            for key, value in wanted.items()
            for found in _compare(value, live.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        return [
            found
            for index, (value, other) in enumerate(zip(wanted, live, strict=True))
            for found in _compare(value, other, f"{path}[{index}]")
        ]
    return [] if wanted == live or (wanted == "" and live is None) or (wanted is False and live is None) else [path]
