"""Which certificates a cluster has: the table behind its PKI.

Source of names, organisations and uses: kubernetes.io, "PKI certificates and requirements".
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable

import yaml

from core.cluster.blueprint import Blueprint
from core.cluster.layout import Node
from core.cluster.pki import Leaf, Pki

AUTHORITIES = {"ca": "kubernetes-ca", "etcd-ca": "etcd-ca", "front-proxy-ca": "front-proxy-ca"}

ADMINISTRATORS = "gondolier:administrators"
GATEWAYS = "gondolier:gateways"

ETCD_MEMBER = "member.etcd.gondolier"
"""A name that only members' certificates have: peers let nobody else in, whatever etcd's authority signed."""

ETCD_OPERATOR = "root"
"""etcd's own name for the user who may do everything once access control is on."""
ETCD_NETWORK = "network"
ETCD_API = "kube-apiserver"

_CLUSTER_LEAVES = (
    Leaf("admin", "ca", "gondolier-admin", ADMINISTRATORS),
    Leaf("super-admin", "ca", "gondolier-super-admin", "system:masters"),
    Leaf("kube-proxy", "ca", "system:kube-proxy"),
    Leaf("controller-manager", "ca", "system:kube-controller-manager"),
    Leaf("scheduler", "ca", "system:kube-scheduler"),
    Leaf("apiserver-kubelet-client", "ca", "kube-apiserver-kubelet-client"),
    Leaf("front-proxy-client", "front-proxy-ca", "front-proxy-client"),
    Leaf("apiserver-etcd-client", "etcd-ca", ETCD_API),
    Leaf("etcd-operator", "etcd-ca", ETCD_OPERATOR),
    Leaf("calico-cni", "ca", "gondolier:calico-cni"),
    Leaf("etcd-network", "etcd-ca", ETCD_NETWORK),
)


_NODE_KINDS = ("kubelet", "kubelet-serving", "etcd", "gateway")
"""What the files of a node's own certificates begin with."""


def cluster_leaves() -> tuple[Leaf, ...]:
    """The certificates that are the same for every node."""
    return _CLUSTER_LEAVES


def node_leaves(blueprint: Blueprint, node: Node) -> tuple[Leaf, ...]:
    """The certificates of one node. Raises `Unknown` while its address is not known."""
    address = blueprint.address(node)
    user = f"system:node:{node.name}"
    leaves = [
        Leaf(f"kubelet-{node.name}", "ca", user, "system:nodes"),
        Leaf(f"kubelet-serving-{node.name}", "ca", user, "system:nodes", ("server",), (node.name, address)),
        Leaf(
            f"etcd-{node.name}",
            "etcd-ca",
            node.name,
            uses=("server", "client"),
            names=(node.name, address, "localhost", "127.0.0.1", "::1", ETCD_MEMBER),
        ),
    ]
    if node.role == "control-plane":
        leaves.append(_api_leaf(blueprint, node))
    if node.role == "gateway":
        leaves.append(Leaf(f"gateway-{node.name}", "ca", f"gondolier:gateway:{node.name}", GATEWAYS))
    return tuple(leaves)


def forget_leaves(pki: Pki, name: str) -> None:
    """Remove the certificates of a node that is gone, with their keys."""
    for kind in _NODE_KINDS:
        for end in ("crt", "key"):
            (pki.directory / f"{kind}-{name}.{end}").unlink(missing_ok=True)


def _api_leaf(blueprint: Blueprint, node: Node) -> Leaf:
    service = f"kubernetes.default.svc.{blueprint.cluster.dns_domain}"
    names = (
        node.name,
        blueprint.address(node),
        *(floating for name, floating in blueprint.floating.items() if name == node.name),
        "127.0.0.1",
        "localhost",
        blueprint.api_service_address,
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        service,
    )
    return Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=names)


def missing_authorities(pki: Pki) -> list[str]:
    """What every cluster has exactly once and this one has not yet."""
    return [
        *(name for name in AUTHORITIES if not pki.has_authority(name)),
        *(file for file in ("sa.key", "encryption.yaml") if not (pki.directory / file).exists()),
    ]


def make_authorities(pki: Pki) -> None:
    """Create the authorities, the service accounts' signing key and the key that encrypts secrets at rest."""
    for name, common_name in AUTHORITIES.items():
        pki.make_authority(name, common_name)
    pki.make_signing_pair("sa")
    pki.make_secret("encryption.yaml", _encryption_configuration())


def stale(pki: Pki, leaves: Iterable[Leaf]) -> list[Leaf]:
    """The leaves that must be issued."""
    return [leaf for leaf in leaves if not pki.current(leaf)]


def _encryption_configuration() -> bytes:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    document = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [
            {
                "resources": ["secrets"],
                "providers": [{"secretbox": {"keys": [{"name": "key-1", "secret": key}]}}, {"identity": {}}],
            }
        ],
    }
    return yaml.safe_dump(document, sort_keys=False).encode()
