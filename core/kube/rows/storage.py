"""Namespaces, and the claims of storage in them."""

from __future__ import annotations

from core.kube.rows.parts import Metadata, Part


class Phase(Part, frozen=True):
    """A status that is one word."""

    phase: str = ""


class NamespaceRow(Part, frozen=True):
    """A Namespace."""

    metadata: Metadata
    status: Phase = Phase()


class ClaimSpec(Part, frozen=True):
    """The volume that a claim has, once it has one."""

    volume_name: str = ""
    storage_class_name: str = ""
    volume_mode: str = ""


class ClaimStatus(Part, frozen=True):
    """What a claim got."""

    phase: str = ""
    access_modes: tuple[str, ...] = ()
    capacity: dict[str, str] = {}


class ClaimRow(Part, frozen=True):
    """A PersistentVolumeClaim."""

    metadata: Metadata
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()
