"""Controllers take up what their selector picks and nobody has, and let go of what it no longer picks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Change, Update
from core.simulator.kubernetes.controllers.rows import Row
from core.simulator.kubernetes.controllers.view import View
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.selectors import selects
from core.simulator.kubernetes.shape import Key, Object, amended, key_of, leaving, owner_reference, uid_of


def adoption(view: View, resource: str, owner: Object, selector: Object | None, children: str) -> Iterator[Change]:
    """The changes to `children` (a resource) that make the owner theirs, or no longer."""
    if leaving(owner):
        return
    namespace, _ = key_of(owner)
    free = [row for row in view.loose(children, namespace) if _picked(row, selector)]
    for found in _read(view, children, free):
        yield Update(children, with_owner(found, owner_reference(resource, owner)))
    owned = [view.row(children, key) for known, key in view.dependents(uid_of(owner)) if known == children]
    lost = [row for row in owned if row is not None and not selects(selector, row.metadata.labels or {})]
    for found in _read(view, children, lost):
        yield Update(children, without_owner(found, uid_of(owner)))


def with_owner(thing: Object, reference: Object) -> Object:
    """The object with one more owner."""
    owners = thing["metadata"].get("ownerReferences", [])
    return amended(thing, {"metadata": {"ownerReferences": [*owners, reference]}})


def without_owner(thing: Object, uid: str) -> Object:
    """The object without this owner."""
    owners = [owner for owner in thing["metadata"].get("ownerReferences", []) if owner["uid"] != uid]
    return amended(thing, {"metadata": {"ownerReferences": owners or None}})


def _picked(row: Row, selector: Object | None) -> bool:
    alive = row.active if isinstance(row, PodRow) else not row.metadata.deletion_timestamp
    return alive and selects(selector, row.metadata.labels or {})


def _read(view: View, resource: str, rows: Sequence[Row]) -> list[Object]:
    keys: list[Key] = [(row.metadata.namespace, row.metadata.name) for row in rows]
    return [found for key in keys if (found := view.get(resource, key)) is not None]
