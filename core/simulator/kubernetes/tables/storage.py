"""Rows of what holds data.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.tables.column import AGE, NAME, UNSET, Cell, at

Object = dict[str, Any]

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(path: str) -> Cell:
    find = at(path, ())
    return Cell("Access Modes", lambda obj: ",".join(_MODES.get(mode, mode) for mode in find(obj)))  # type: ignore[attr-defined]


def _items(obj: Object) -> str:
    return str(len(obj.get("data") or ()) + len(obj.get("binaryData") or ()))


def _claim(volume: Object) -> str:
    found = volume.get("spec", {}).get("claimRef")
    return f"{found['namespace']}/{found['name']}" if found else ""


def _phase(obj: Object) -> object:
    return "Terminating" if "deletionTimestamp" in obj["metadata"] else at("status.phase")(obj)


_ATTRIBUTES = Cell("VolumeAttributesClass", at("spec.volumeAttributesClassName", UNSET))
_MODE = Cell("VolumeMode", at("spec.volumeMode", UNSET), priority=1)

CONFIG_MAP = (NAME, Cell("Data", _items), AGE)
SECRET = (NAME, Cell("Type", at("type")), Cell("Data", _items), AGE)
SERVICE_ACCOUNT = (NAME, AGE)
VOLUME = (
    NAME,
    Cell("Capacity", at("spec.capacity.storage")),
    _modes("spec.accessModes"),
    Cell("Reclaim Policy", at("spec.persistentVolumeReclaimPolicy")),
    Cell("Status", _phase),
    Cell("Claim", _claim),
    Cell("StorageClass", at("spec.storageClassName")),
    _ATTRIBUTES,
    Cell("Reason", at("status.reason")),
    AGE,
    _MODE,
)
CLAIM = (
    NAME,
    Cell("Status", _phase),
    Cell("Volume", at("spec.volumeName")),
    Cell("Capacity", at("status.capacity.storage")),
    _modes("status.accessModes"),
    Cell("StorageClass", at("spec.storageClassName")),
    _ATTRIBUTES,
    AGE,
    _MODE,
)
STORAGE_CLASS = (
    NAME,
    Cell("Provisioner", at("provisioner")),
    Cell("ReclaimPolicy", at("reclaimPolicy")),
    Cell("VolumeBindingMode", at("volumeBindingMode")),
    Cell("AllowVolumeExpansion", lambda obj: str(bool(obj.get("allowVolumeExpansion"))).lower()),
    AGE,
)
