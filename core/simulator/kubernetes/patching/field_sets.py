"""Which fields an object says something about, in the form in which `managedFields` keeps it.

"f:name" is a field, 'k:{"name":"x"}' an element of a list, 'v:"x"' a value in a set; "." stands for the thing itself.
Source: sigs.k8s.io/structured-merge-diff, "fieldpath/serialize.go".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.simulator.kubernetes.patching.list_keys import SETS, apply_keys, key_value

Object = dict[str, Any]
Fields = dict[str, Any]
Path = tuple[str, ...]

SELF = "."
# What identifies an object is nobody's.
_UNOWNED = {"apiVersion", "kind"}
_UNOWNED_METADATA = {
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "managedFields",
    "selfLink",
}


def fields_of(obj: Object) -> Fields:
    """The fields that an object as applied says something about."""
    own = {key: value for key, value in obj.items() if key not in _UNOWNED}
    own["metadata"] = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in _UNOWNED_METADATA}
    found = _of_map(own, "")
    return {key: value for key, value in found.items() if value or key != "f:metadata"}


def element_name(element: Object, keys: tuple[str, ...]) -> str:
    """How an element of a list is named in a set of fields."""
    return "k:" + json.dumps({key: key_value(element, key) for key in sorted(keys)}, separators=(",", ":"))


def leaves(fields: Fields, path: Path = ()) -> Iterator[Path]:
    """The paths of all that has nothing further in it."""
    for name, inner in fields.items():
        if inner:
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name)


def holds(fields: Fields, path: Path) -> bool:
    """Whether a path is in a set, as a leaf or on the way to one."""
    found: Any = fields
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True


def without(fields: Fields, paths: set[Path], at: Path = ()) -> Fields:
    """A set with some leaves taken out, and what is empty then."""
    result: Fields = {}
    for name, inner in fields.items():
        path = (*at, name)
        if inner:
            if rest := without(inner, paths, path):
                result[name] = rest
        elif path not in paths:
            result[name] = inner
    return result


def _of_map(value: Object, name: str) -> Fields:
    return {f"f:{key}": _of_value(inner, name, key) for key, inner in value.items() if inner is not None}


def _of_value(value: Any, parent: str, name: str) -> Fields:
    if isinstance(value, dict):
        return _of_map(value, name)
    keys = apply_keys(parent, name)
    if keys and isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return {element_name(each, keys): {SELF: {}} | _of_map(each, name) for each in value}
    if name in SETS and isinstance(value, list):
        return {f"v:{json.dumps(each)}": {} for each in value}
    return {}
