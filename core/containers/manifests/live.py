"""Raw objects as they are in a cluster: looked up, waited for, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from core.containers.manifests.objects import Name, Wanted, is_ours
from core.engine.errors import Refusal, Transient
from core.engine.pauses import Pauses
from core.engine.step import Report
from core.kube.access import Cluster, Object
from core.kube.waiting import until_gone

_GONE_SECONDS = 120.0


async def look_up(cluster: Cluster, names: Iterable[Name]) -> dict[Name, Object]:
    """Those of the objects that are there."""
    wanted = list(names)
    found = await asyncio.gather(*(_get(cluster, name) for name in wanted))
    return {name: thing for name, thing in zip(wanted, found, strict=True) if thing is not None}


async def serves(cluster: Cluster, name: Name) -> bool:
    """Whether the API server knows the object's kind."""
    try:
        await cluster.path_of(name.stub())
    except Refusal:
        return False
    return True


async def until_served(cluster: Cluster, definition: Wanted) -> None:
    """Return when objects of what a custom resource definition defines can be made; put a deadline around it."""
    spec = definition.body["spec"]
    names = [
        Name(f"{spec['group']}/{version['name']}", spec["names"]["kind"], "default", "any")
        for version in spec["versions"]
        if version.get("served")
    ]
    pauses = Pauses()
    while not all([_established(await _get(cluster, definition.name)), *[await serves(cluster, one) for one in names]]):
        await pauses.wait()


async def remove(cluster: Cluster, component: str, names: Iterable[Name], report: Report) -> None:
    """Remove a component's objects, the last made first; others' objects of the same names stay.

    Raises:
        Transient: one is still there after 120 seconds.
    """
    for name in reversed(list(names)):
        live = await _get(cluster, name)
        if live is not None and is_ours(live, component):
            await _delete(cluster, name, live["metadata"]["uid"])
            report(f"{name} removed: it is no longer declared")


async def _delete(cluster: Cluster, name: Name, uid: str) -> None:
    path = await cluster.path_of(name.stub())
    await cluster.delete(path, uid=uid)
    try:
        async with asyncio.timeout(_GONE_SECONDS):
            await until_gone(cluster, path.rsplit("/", 1)[0], name.name, uid)
    except TimeoutError:
        raise Transient(f"{name} is still there, something holds it", where=cluster.name) from None


async def _get(cluster: Cluster, name: Name) -> Object | None:
    """The object, None also where the server does not know its kind."""
    if not await serves(cluster, name):
        return None
    return await cluster.get(await cluster.path_of(name.stub()))


def _established(definition: Object | None) -> bool:
    conditions = (definition or {}).get("status", {}).get("conditions", ())
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
