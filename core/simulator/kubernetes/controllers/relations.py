"""Whom the change of an object concerns: the usual answers."""

from __future__ import annotations

from collections.abc import Iterator

from core.simulator.kubernetes.controllers.driver import Relation
from core.simulator.kubernetes.controllers.rows import Seen
from core.simulator.kubernetes.controllers.view import Place, View
from core.simulator.kubernetes.kinds import BY_RESOURCE
from core.simulator.kubernetes.pods import PodRow


def itself(view: View, seen: Seen) -> Iterator[Place]:
    """The object, while it is there."""
    if seen.after is not None:
        yield seen.resource, seen.key


def always(view: View, seen: Seen) -> Iterator[Place]:
    """The object, even when it is gone."""
    yield seen.resource, seen.key


def controller_in(resource: str) -> Relation:
    """Its controller, where that is one of this resource; the one that it had before, too."""
    kind = BY_RESOURCE[resource].name

    def found(view: View, seen: Seen) -> Iterator[Place]:
        for row in seen.rows:
            for owner in row.metadata.owner_references:
                if owner.controller and owner.kind == kind:
                    yield resource, (row.metadata.namespace, owner.name)

    return found


def controller_or_adopter(resource: str) -> Relation:
    """Its controller of this resource, or all that would take it up while it has none."""
    controller = controller_in(resource)

    def found(view: View, seen: Seen) -> Iterator[Place]:
        yield from controller(view, seen)
        row = seen.after
        if row is not None and not any(owner.controller for owner in row.metadata.owner_references):
            yield from ((resource, key) for key in view.selecting(resource, seen.key[0], row.metadata.labels or {}))

    return found


def selecting(resource: str) -> Relation:
    """All of this resource in the same namespace whose selectors let it through, now or before."""

    def found(view: View, seen: Seen) -> Iterator[Place]:
        for row in seen.rows:
            yield from ((resource, key) for key in view.selecting(resource, seen.key[0], row.metadata.labels or {}))

    return found


def every(resource: str) -> Relation:
    """All objects of a resource."""

    def found(view: View, seen: Seen) -> Iterator[Place]:
        yield from ((resource, key) for key in view.keys(resource))

    return found


def its_node(view: View, seen: Seen) -> Iterator[Place]:
    """The node that a pod is bound to, where that is gone."""
    row = seen.after
    if isinstance(row, PodRow) and row.node and view.row("nodes", ("", row.node)) is None:
        yield "nodes", ("", row.node)


def its_namespace(view: View, seen: Seen) -> Iterator[Place]:
    """The namespace of what is gone, or of what has come into one that goes."""
    name = seen.key[0]
    home = view.row("namespaces", ("", name)) if name else None
    if home is not None and (seen.after is None or home.metadata.deletion_timestamp):
        yield "namespaces", ("", name)


def kin(view: View, seen: Seen) -> Iterator[Place]:
    """What depends on an object that is gone, what waited for it; itself, when it is new, and with what depends on it
    when it is on its way out.
    """
    if seen.after is None and seen.before is not None:
        yield from view.dependents(seen.before.metadata.uid)
        owners = (view.place_of(owner, seen.key[0]) for owner in seen.before.metadata.owner_references)
        yield from (place for place in owners if place is not None)
    elif seen.after is not None:
        meta = seen.after.metadata
        leaving = meta.deletion_timestamp and meta.finalizers
        if leaving:
            # What waits for its dependents to go first is what makes them go.
            yield from view.dependents(meta.uid)
        if leaving or (seen.before is None and meta.owner_references):
            yield seen.resource, seen.key
