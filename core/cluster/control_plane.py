"""The control plane: API server, controller manager and scheduler on one machine."""

from __future__ import annotations

from core.cluster.blueprint import Blueprint, pair_files, secret_file, unit_file
from core.cluster.layout import Node
from core.machines.state import Binary, Desired, File, Unit

_PKI = "/etc/kubernetes/pki"
_PAIRS = ("apiserver", "apiserver-kubelet-client", "apiserver-etcd-client", "front-proxy-client")
_CLIENTS = ("controller-manager", "scheduler")


def control_plane_state(blueprint: Blueprint, node: Node) -> Desired:
    """The three daemons with their certificates; none listens without asking who is there."""
    version = blueprint.versions["kubernetes"]
    certificates = _certificates(blueprint)
    kubeconfigs = tuple(
        secret_file(f"/etc/kubernetes/{name}.kubeconfig", blueprint.kubeconfig(name)) for name in _CLIENTS
    )
    return Desired(
        binaries=tuple(
            Binary(f"/usr/local/bin/{name}", name, version)
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
        ),
        files=(*certificates, *kubeconfigs, *_unit_files(blueprint, node)),
        units=(_api_unit(certificates), *(_client_unit(name) for name in _CLIENTS)),
    )


def _certificates(blueprint: Blueprint) -> tuple[File, ...]:
    pairs = [file for name in _PAIRS for file in pair_files(f"{_PKI}/{name}", blueprint.pair(name))]
    return (
        *pairs,
        File(f"{_PKI}/ca.crt", blueprint.authority("ca")),
        File(f"{_PKI}/front-proxy-ca.crt", blueprint.authority("front-proxy-ca")),
        File("/etc/etcd/pki/ca.crt", blueprint.authority("etcd-ca")),
        File(f"{_PKI}/sa.pub", blueprint.secret("sa.pub")),
        secret_file(f"{_PKI}/sa.key", blueprint.secret("sa.key")),
        secret_file(f"{_PKI}/encryption.yaml", blueprint.secret("encryption.yaml")),
    )


def _unit_files(blueprint: Blueprint, node: Node) -> tuple[File, ...]:
    values = {
        "node": blueprint.addressed(node),
        "cluster": blueprint.cluster,
        "pod_cidr": str(blueprint.cluster.pod_cidr),
    }
    return tuple(
        unit_file(f"{name}.service", **values)
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    )


def _api_unit(certificates: tuple[File, ...]) -> Unit:
    return Unit(
        "kube-apiserver.service",
        reads=(
            "/etc/systemd/system/kube-apiserver.service",
            "/usr/local/bin/kube-apiserver",
            *(file.path for file in certificates),
        ),
    )


def _client_unit(name: str) -> Unit:
    service = f"kube-{name}"
    return Unit(
        f"{service}.service",
        reads=(
            f"/etc/systemd/system/{service}.service",
            f"/usr/local/bin/{service}",
            f"/etc/kubernetes/{name}.kubeconfig",
        ),
    )
