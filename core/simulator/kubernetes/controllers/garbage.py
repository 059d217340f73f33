"""Garbage collection: what has owners goes with the last of them, or stays where that was asked for.

Rules: kubernetes/pkg/controller/garbagecollector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.adoption import without_owner
from core.simulator.kubernetes.controllers.changes import Change, Delete, Update
from core.simulator.kubernetes.shape import Object, amended, key_of, leaving, uid_of

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"


def collected(resource: str, thing: Object, owners: Sequence[Object | None]) -> Iterator[Change]:
    """`owners` are what its owner references lead to, None for what is gone.

    An owner that waits for its dependents to go first counts as gone.
    """
    references = thing["metadata"].get("ownerReferences") or []
    if not references or leaving(thing):
        return
    dangling = [one["uid"] for one, owner in zip(references, owners, strict=True) if owner is None or _waits(owner)]
    if len(dangling) == len(references):
        yield Delete(resource, key_of(thing), uid_of(thing))
    elif dangling:
        for uid in dangling:
            thing = without_owner(thing, uid)
        yield Update(resource, thing)


def released(resource: str, owner: Object, dependents: Sequence[tuple[str, Object]]) -> Iterator[Change]:
    """An owner on its way out: its dependents are let go, or it waits for those that hold it.

    `dependents` are resources and objects.
    """
    finalizers = owner["metadata"].get("finalizers") or []
    if not leaving(owner):
        return
    if ORPHAN in finalizers:
        yield from (Update(kind, without_owner(one, uid_of(owner))) for kind, one in dependents)
        yield Update(resource, _without(owner, ORPHAN))
    elif FOREGROUND in finalizers and not any(_holds(one, uid_of(owner)) for _, one in dependents):
        yield Update(resource, _without(owner, FOREGROUND))


def _waits(owner: Object) -> bool:
    return leaving(owner) and FOREGROUND in (owner["metadata"].get("finalizers") or ())


def _holds(dependent: Object, uid: str) -> bool:
    references = dependent["metadata"].get("ownerReferences") or ()
    return any(one["uid"] == uid and one.get("blockOwnerDeletion") for one in references)


def _without(owner: Object, finalizer: str) -> Object:
    left = [one for one in owner["metadata"]["finalizers"] if one != finalizer]
    return amended(owner, {"metadata": {"finalizers": left}})
