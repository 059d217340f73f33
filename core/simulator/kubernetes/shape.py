"""Reading and amending Kubernetes objects as they are kept: plain dictionaries that nobody mutates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from core.simulator.kubernetes.kinds import BY_RESOURCE

Object = dict[str, Any]
Key = tuple[str, str]
"""Namespace ("" for what has none) and name."""

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters that make no words (apimachinery's rand package)."""


def key_of(thing: Object) -> Key:
    """The namespace and name of an object."""
    metadata = thing["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def uid_of(thing: Object) -> str:
    """The uid, empty for what is not created yet."""
    return str(thing["metadata"].get("uid", ""))


def labels_of(thing: Object) -> dict[str, str]:
    """The labels; not to be mutated."""
    return thing["metadata"].get("labels") or {}


def annotations_of(thing: Object) -> dict[str, str]:
    """The annotations; not to be mutated."""
    return thing["metadata"].get("annotations") or {}


def leaving(thing: Object) -> bool:
    """Whether the object is on its way out."""
    return "deletionTimestamp" in thing["metadata"]


def controller_of(thing: Object) -> Object | None:
    """The owner reference of the controller, if there is one."""
    return next((owner for owner in thing["metadata"].get("ownerReferences", ()) if owner.get("controller")), None)


def owner_reference(resource: str, owner: Object) -> Object:
    """The reference by which a controller marks what it makes."""
    kind = BY_RESOURCE[resource]
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "name": owner["metadata"]["name"],
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def reference(resource: str, thing: Object) -> Object:
    """What events say that they are about."""
    kind, metadata = BY_RESOURCE[resource], thing["metadata"]
    found = {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "name": metadata["name"],
        "uid": uid_of(thing),
        "resourceVersion": metadata.get("resourceVersion", ""),
    }
    return found | ({"namespace": metadata["namespace"]} if metadata.get("namespace") else {})


def replicas_of(thing: Object) -> int:
    """How many replicas are wanted; the API's default is one."""
    return int(thing["spec"].get("replicas", 1))


def headed(resource: str, metadata: Object, **body: Any) -> Object:
    """A new object of a resource's kind."""
    kind = BY_RESOURCE[resource]
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **body}


def amended(thing: Object, change: Mapping[str, Any]) -> Object:
    """A copy with these fields merged in, None for one that goes; what is not touched is shared with the original."""
    result = dict(thing)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = amended(result[name], value)
        else:
            result[name] = value
    return result


def condition(thing: Object, kind: str) -> Object | None:
    """One of the conditions in an object's status."""
    listed = thing.get("status", {}).get("conditions") or ()
    return next((found for found in listed if found["type"] == kind), None)


def holds(thing: Object, kind: str) -> bool:
    """Whether a condition is there and true."""
    found = condition(thing, kind)
    return found is not None and found["status"] == "True"


def with_condition(conditions: Iterable[Object], new: Object, now: float) -> list[Object]:
    """The conditions with one replaced or added; its `lastTransitionTime` moves only with its status."""
    listed = list(conditions)
    old = next((found for found in listed if found["type"] == new["type"]), None)
    since = old["lastTransitionTime"] if old and old["status"] == new["status"] else stamp(now)
    new = new | {"lastTransitionTime": since}
    if old is None:
        return [*listed, new]
    return [new if found is old else found for found in listed]


def stamp(moment: float) -> str:
    """A moment as the API writes it, in whole seconds."""
    return _stamp(int(moment))


@lru_cache(maxsize=1024)
def _stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_stamp(moment: float) -> str:
    """A moment with microseconds, as leases and events have them."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=4096)
def moment_of(text: str) -> float:
    """The moment that a timestamp of the API says, in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def safe_hash(text: str, length: int) -> str:
    """A hash of a text in letters that make no words: the ends of generated names."""
    digest = hashlib.blake2b(text.encode(), digest_size=length).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)


_UNITS = {
    "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
}  # fmt: skip


@lru_cache(maxsize=1024)
def quantity(text: str) -> float:
    """A resource quantity as a number: "100m" is 0.1, "1Ki" is 1024.

    Raises:
        ValueError: it is none.
    """
    digits = text.rstrip("mkMGTKi")
    return float(digits) * _UNITS[text[len(digits) :]]
