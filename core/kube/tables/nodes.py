"""Nodes (kubernetes/pkg/printers/internalversion: printNode)."""

from __future__ import annotations

from core.kube.rows import NodeRow
from core.kube.tables.columns import AGE, LABELS, NAME, joined, text
from core.kube.words import node_address, node_ready, node_words
from core.live.tables import Health

_ROLE = "node-role.kubernetes.io/"
_OLD_ROLE = "kubernetes.io/role"


def roles(node: NodeRow) -> tuple[str, ...]:
    """The node's roles, as its labels say."""
    found = {key.removeprefix(_ROLE) for key in node.metadata.labels if key.startswith(_ROLE)}
    named = node.metadata.labels.get(_OLD_ROLE)
    return tuple(sorted((found | {named} if named else found) - {""}))


def health(node: NodeRow) -> Health:
    """Whether pods can run on it: good, warn where it is cordoned, bad where its kubelet says or tells nothing."""
    if not node_ready(node):
        return "bad"
    return "warn" if node.spec.unschedulable else "good"


def _external(node: NodeRow) -> str:
    return next((known.address for known in node.status.addresses if known.type == "ExternalIP"), "")


COLUMNS = (
    NAME,
    text("STATUS", node_words),
    text("ROLES", lambda node: joined(roles(node))),
    AGE,
    text("VERSION", lambda node: str(node.status.node_info.kubelet_version)),
    text("INTERNAL-IP", node_address),
    text("EXTERNAL-IP", _external, wide=True),
    text("OS-IMAGE", lambda node: str(node.status.node_info.os_image), wide=True),
    text("KERNEL-VERSION", lambda node: str(node.status.node_info.kernel_version), wide=True),
    text("CONTAINER-RUNTIME", lambda node: str(node.status.node_info.container_runtime_version), wide=True),
    text("TAINTS", lambda node: joined(f"{taint.key}:{taint.effect}" for taint in node.spec.taints), wide=True),
    LABELS,
)
