"""Namespaces and claims (kubernetes/pkg/printers/internalversion: printPersistentVolumeClaim)."""

from __future__ import annotations

from core.kube.rows import ClaimRow, NamespaceRow
from core.kube.tables.columns import AGE, LABELS, NAME, NAMESPACE, joined, text
from core.live.tables import Health

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_CLAIMS: dict[str, Health] = {"Bound": "good", "Pending": "busy", "Lost": "bad"}


def namespace_health(row: NamespaceRow) -> Health:
    """A namespace that ends is on its way."""
    return "good" if row.status.phase == "Active" else "busy"


def claim_health(row: ClaimRow) -> Health:
    """Good once it has its volume."""
    return _CLAIMS.get(row.status.phase, "unknown")


NAMESPACES = (NAME, text("STATUS", lambda row: str(row.status.phase)), AGE, LABELS)

CLAIMS = (
    NAMESPACE,
    NAME,
    text("STATUS", lambda row: str(row.status.phase)),
    text("VOLUME", lambda row: str(row.spec.volume_name)),
    text("CAPACITY", lambda row: str(row.status.capacity.get("storage", ""))),
    text("ACCESS MODES", lambda row: joined(_MODES.get(mode, mode) for mode in row.status.access_modes)),
    text("STORAGECLASS", lambda row: str(row.spec.storage_class_name)),
    AGE,
    text("VOLUMEMODE", lambda row: str(row.spec.volume_mode), wide=True),
)
