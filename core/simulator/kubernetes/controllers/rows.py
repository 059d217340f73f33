"""What controllers keep in mind of every object: who it is, whose it is, and what it selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from core.simulator.kubernetes.pods import MetaRow, PodRow, pod_row
from core.simulator.kubernetes.shape import Key, Object


class ThingRow(msgspec.Struct, frozen=True, gc=False):
    """Any object: its metadata."""

    metadata: MetaRow


class _Selector(msgspec.Struct, frozen=True):
    selector: dict[str, Any] | None = None


class SelectingRow(msgspec.Struct, frozen=True):
    """An object that picks pods by their labels."""

    metadata: MetaRow
    spec: _Selector = _Selector()

    def label_selector(self) -> Object | None:
        """Its selector as a LabelSelector, None where it selects nothing."""
        found = self.spec.selector
        if not found or "matchLabels" in found or "matchExpressions" in found:
            return found
        return {"matchLabels": found}


Row = PodRow | ThingRow | SelectingRow

SELECTING = (
    "services",
    "replicationcontrollers",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "poddisruptionbudgets.policy",
)
"""The resources that pick pods by labels."""

_thing = msgspec.json.Decoder(ThingRow)
_selecting = msgspec.json.Decoder(SelectingRow)


def row_of(resource: str, raw: bytes) -> Row:
    """The row of an object's JSON."""
    if resource == "pods":
        return pod_row(raw)
    return _selecting.decode(raw) if resource in SELECTING else _thing.decode(raw)


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as it was known before and is now; None where it was not, or is no more."""

    resource: str
    key: Key
    before: Row | None
    after: Row | None

    @property
    def rows(self) -> list[Row]:
        """What is there of both."""
        return [row for row in (self.before, self.after) if row is not None]
