"""How lists in objects are merged: by which fields their elements are told apart.

Source: the `patchMergeKey`, `patchStrategy`, `listType` and `listMapKey` marks in k8s.io/api.
"""

from __future__ import annotations

MERGE_KEYS: dict[str, str] = {
    "addresses": "type",
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "limits": "type",
    "ownerReferences": "uid",
    "podIPs": "ip",
    "schedulingGates": "name",
    "secrets": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumeDevices": "devicePath",
    "volumeMounts": "mountPath",
    "volumes": "name",
    "webhooks": "name",
}
"""Lists whose elements are merged by a strategic merge patch, and the field that tells them apart."""

PORT_KEYS: dict[str, str] = {"containers": "containerPort", "initContainers": "containerPort"}
"""The list "ports" has another key in containers than in a Service."""

SETS = frozenset({"finalizers"})
"""Lists of plain values that are united."""

APPLY_KEYS: dict[str, tuple[str, ...]] = {name: (key,) for name, key in MERGE_KEYS.items()} | {
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
"""Lists whose elements have owners of their own in a server-side apply."""

_DEFAULTED = {"protocol": "TCP"}


def merge_key(parent: str, name: str) -> str:
    """The key of a list called `name` whose owner is an element of a list called `parent`; empty for atomic ones.

    `limits` is a list in a LimitRange only, and a map in resources: a map is merged as a map anyway.
    """
    if name == "ports":
        return PORT_KEYS.get(parent, "port")
    return MERGE_KEYS.get(name, "")


def apply_keys(parent: str, name: str) -> tuple[str, ...]:
    """As `merge_key`, for a server-side apply; empty for atomic lists."""
    if name == "ports":
        return (PORT_KEYS.get(parent, "port"), "protocol")
    return APPLY_KEYS.get(name, ())


def key_value(element: dict[str, object], key: str) -> object:
    """The value of a key in an element; a protocol that is left out is TCP."""
    return element.get(key, _DEFAULTED.get(key))
