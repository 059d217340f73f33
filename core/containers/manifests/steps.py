"""The steps of a cluster's raw objects: what left the document removed, then each component's objects applied."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from core.containers.manifests.inventory import components_with_inventory, read_inventory, write_inventory
from core.containers.manifests.live import look_up, remove, serves, until_served
from core.containers.manifests.objects import Name, Wanted, change, differs, is_ours, promised_kinds, wanted_objects
from core.containers.site import Site
from core.engine.errors import Refusal
from core.engine.step import Change, Report, Step
from core.kube.access import Cluster, Object
from core.model.manifest import KubernetesManifest

_DEADLINE = 600.0

Live = Mapping[Name, Object]


def manifest_steps(site: Site, requires: frozenset[str]) -> list[Step]:
    """All steps for the raw objects of the site's cluster, in the document's order; `requires` make it usable."""
    removal = Removal(site)
    title = "remove raw objects that are no longer declared"
    identity = f"{site.name}/manifests/removed"
    steps = [Step(identity, site.name, site.name, "remove", title, removal.probe, removal.apply, requires, _DEADLINE)]
    for component in site.declaration.manifests(site.name):
        part = Manifests(site, component)
        name, before = component.name, frozenset({steps[-1].id})
        title = f"raw objects of {name}"
        steps.append(Step(f"{name}/manifests", name, name, "apply", title, part.probe, part.apply, before, _DEADLINE))
    return steps


class Manifests:
    """Probe and apply of one component's raw objects.

    Raises (both):
        Refusal: an object of one of these names is there that is not the component's, the server has no such kind,
            or it does not accept an object – then none of them was changed.
    """

    def __init__(self, site: Site, component: KubernetesManifest) -> None:
        self._site = site
        self._component = component.name
        self._wanted = wanted_objects(component)
        self._promised = frozenset(promised_kinds(site.declaration.manifests(site.name)))

    async def probe(self) -> Sequence[Change]:
        if not self._site.exists():
            return [change(one, None, one.body) for one in self._wanted]
        cluster = await self._site.cluster()
        live, listed = await self._look(cluster)
        changes = [await self._change(cluster, one, live) for one in self._wanted if differs(one, live.get(one.name))]
        changes += [Change("delete", str(name)) for name in self._leftovers(live, listed)]
        if not changes and {name.key for name in listed} != {one.name.key for one in self._wanted}:
            changes.append(Change("update", f"inventory of {self._component}"))
        return changes

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        live, listed = await self._look(cluster)
        differing = [one for one in self._wanted if differs(one, live.get(one.name))]
        await self._rehearse(cluster, differing, live)
        mine = [one.name for one in self._wanted]
        known = {name.key for name in mine}
        # Before anything is made: a run that ends here finds again what it may have made.
        await write_inventory(cluster, self._component, [*mine, *(name for name in listed if name.key not in known)])
        for one in differing:
            await cluster.apply(one.body)
            report(f"{one.name} {'updated' if one.name in live else 'created'}")
            if one.name.kind == "CustomResourceDefinition":
                await until_served(cluster, one)
        await remove(cluster, self._component, self._leftovers(live, listed), report)
        await write_inventory(cluster, self._component, mine)

    async def _look(self, cluster: Cluster) -> tuple[Live, tuple[Name, ...]]:
        """What is there of what is wanted or listed, and what is listed."""
        listed = await read_inventory(cluster, self._component)
        live = await look_up(cluster, {one.name for one in self._wanted} | set(listed))
        await self._check_kinds(cluster)
        for one in self._wanted:
            if one.name in live and not is_ours(live[one.name], self._component):
                raise Refusal(
                    f"there is a {one.name} that Gondolier did not make for {self._component}",
                    where=cluster.name,
                    fix="delete it, or take it out of the document",
                )
        return live, listed

    async def _check_kinds(self, cluster: Cluster) -> None:
        for one in self._wanted:
            if one.name.group_kind not in self._promised and not await serves(cluster, one.name):
                what = f"the API server has no kind {one.name.kind} in {one.name.api_version}"
                raise Refusal(what, where=cluster.name, fix="declare what defines it, or another apiVersion")

    def _leftovers(self, live: Live, listed: Sequence[Name]) -> list[Name]:
        known = {one.name.key for one in self._wanted}
        gone = [name for name in listed if name.key not in known]
        return [name for name in gone if name in live and is_ours(live[name], self._component)]

    async def _change(self, cluster: Cluster, one: Wanted, live: Live) -> Change:
        """A change with what the server would make of it, as `kubectl diff` has it."""
        there = live.get(one.name)
        after = one.body if there is None else await cluster.apply(one.body, dry_run=True)
        return change(one, there, after)

    async def _rehearse(self, cluster: Cluster, differing: Sequence[Wanted], live: Live) -> None:
        """Let the server refuse before anything is changed; what is in or of something still to come, it cannot yet."""
        coming = {one.name.name for one in differing if one.name.kind == "Namespace" and one.name not in live}
        ready = [one for one in differing if one.name.namespace not in coming and await serves(cluster, one.name)]
        await asyncio.gather(*(cluster.apply(one.body, dry_run=True) for one in ready))


class Removal:
    """Probe and apply of the raw objects whose components left the document."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._declared = {component.name for component in site.declaration.manifests(site.name)}

    async def probe(self) -> Sequence[Change]:
        if not self._site.exists():
            return []
        cluster = await self._site.cluster()
        return [
            Change("delete", str(name))
            for component in await self._gone(cluster)
            for name in [*await read_inventory(cluster, component), _inventory(component)]
        ]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        for component in await self._gone(cluster):
            await remove(cluster, component, await read_inventory(cluster, component), report)
            await write_inventory(cluster, component, ())

    async def _gone(self, cluster: Cluster) -> list[str]:
        return [each for each in await components_with_inventory(cluster) if each not in self._declared]


def _inventory(component: str) -> str:
    return f"inventory of {component}"
