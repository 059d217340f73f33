"""Waiting until a collection's objects are as wanted, by watching them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from core.kube.access import Cluster
from core.kube.rows import AnyRow, Row
from core.kube.watch import Added, Deleted, Modified, Synced, watch

R = TypeVar("R", bound=Row)


async def until(
    cluster: Cluster,
    path: str,
    row: type[R],
    done: Callable[[Mapping[str, R]], bool],
    *,
    labels: str = "",
    fields: str = "",
) -> Mapping[str, R]:
    """The rows, by uid, as soon as `done` says so of all that the selectors let through.

    Waits through lost connections and without end: put a deadline around it.
    """
    rows: dict[str, R] = {}
    synced = False
    async for delta in watch(cluster, path, row, labels=labels, fields=fields):
        if isinstance(delta, Added | Modified):
            rows[delta.row.metadata.uid] = delta.row
        elif isinstance(delta, Deleted):
            rows.pop(delta.row.metadata.uid, None)
        synced = synced or isinstance(delta, Synced)
        if synced and done(rows):
            break
    return rows


async def until_gone(cluster: Cluster, path: str, name: str, uid: str) -> None:
    """Return when the object with this uid is no longer in the collection."""
    await until(cluster, path, AnyRow, lambda rows: uid not in rows, fields=f"metadata.name={name}")
