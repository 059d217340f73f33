"""What objects of every kind have, and how their fields are named."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

_ABBREVIATIONS = {"ip": "IP", "cidr": "CIDR", "id": "ID", "ips": "IPs"}


def _api_name(field: str) -> str:
    """A field's name in the API: camel case, abbreviations at the end in capitals (pod_ip → podIP)."""
    first, *others = field.split("_")
    return first + "".join(_ABBREVIATIONS.get(word, word.capitalize()) for word in others)


class Part(msgspec.Struct, frozen=True, rename=_api_name, gc=False):
    """A part of an object; never part of a reference cycle, so the collector need not look at it."""


class Owner(Part, frozen=True):
    """A controller or another owner of an object."""

    kind: str
    name: str
    uid: str = ""
    controller: bool = False


class Metadata(Part, frozen=True):
    """What every object has."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class Row(Protocol):
    """Any row: what watches need of it."""

    @property
    def metadata(self) -> Metadata | BareMetadata: ...


def identity(row: Row) -> str:
    """What tells a row from every other one of its collection: its uid, or its name where the API gives none."""
    metadata = row.metadata
    return metadata.uid or f"{metadata.namespace}/{metadata.name}"


class Condition(Part, frozen=True):
    """One of an object's conditions; `status` is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class BareMetadata(Part, frozen=True):
    """An object's metadata without its annotations: `kubectl apply` keeps whole objects in them, secrets too."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class AnyRow(Part, frozen=True):
    """An object of which only the metadata matters."""

    metadata: Metadata


class ObjectReference(Part, frozen=True):
    """Another object, as an object names it."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
