"""The workload of a pod: what differs from the declaration, and making it so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.containers.manifest import (
    API_VERSIONS,
    DIGEST,
    ID,
    MANAGED_BY,
    MANAGER,
    NAMESPACE,
    OURS,
    RESOURCES,
    Manifest,
    digest_of,
    workload,
)
from core.containers.outline import changed_values, outline
from core.containers.site import Site
from core.engine.errors import Refusal, Transient
from core.engine.step import Action, Change, Report
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.scale import scale
from core.kube.waiting import until_gone
from core.machines.steps import Unknown
from core.model.pod import KubernetesPod

_GONE_SECONDS = 90.0


def workload_path(kind: str, name: str) -> str:
    """Where the workload of a pod is kept."""
    return paths.item(API_VERSIONS[kind], RESOURCES[kind], NAMESPACE, name)


class Workload:
    """Probe and apply of a pod's Deployment, ReplicationController or bare Pod.

    Raises (both):
        Refusal: an object of this name is there that is not ours.
    """

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._pod = pod

    async def probe(self) -> Sequence[Change]:
        live = await self._live() if self._site.exists() else {}
        try:
            wanted = workload(self._pod, self._site.variables(self._pod, making=False))
        except Unknown as unknown:
            kind = self._pod.effective_workload
            action: Action = "update" if kind in live else "create"
            return [Change(action, f"{kind} {self._pod.name}", after=f"when {unknown} is known")]
        return _changes(self._pod.name, wanted, live)

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        wanted = workload(self._pod, self._site.variables(self._pod, making=True))
        live = await self._live()
        for kind in [found for found in live if not wanted or found != wanted["kind"]]:
            await _remove(cluster, kind, live[kind], report)
        if wanted is not None:
            await self._bring_about(cluster, wanted, live.get(wanted["kind"]), report)

    async def _bring_about(self, cluster: Cluster, wanted: Manifest, live: Object | None, report: Report) -> None:
        if live is not None and not _differs(wanted, live):
            return
        if live is not None and wanted["kind"] != "Pod" and _digest(live) == digest_of(wanted):
            replicas = wanted["spec"]["replicas"]
            before = await scale(cluster, wanted["kind"], NAMESPACE, self._pod.name, replicas)
            report(f"{wanted['kind']} {self._pod.name} scaled from {before} to {replicas}")
            return
        if live is not None and wanted["kind"] == "Pod":
            # Hardly a field of a pod can be changed: it is made anew.
            await _remove(cluster, "Pod", live, report)
        await cluster.apply(wanted)
        report(f"{wanted['kind']} {self._pod.name} {'created' if live is None else 'updated'}")

    async def _live(self) -> dict[str, Object]:
        """The objects of the pod's name, by kind."""
        kinds = list(API_VERSIONS)
        found = await asyncio.gather(*(self._of_kind(kind) for kind in kinds))
        live = {kind: thing | {"kind": kind} for kind, thing in zip(kinds, found, strict=True) if thing}
        for kind, thing in live.items():
            self._check_owner(kind, thing)
        return live

    async def _of_kind(self, kind: str) -> Object | None:
        name = self._pod.name
        if kind == self._pod.effective_workload == "Pod":
            return await (await self._site.cluster()).get(workload_path(kind, name))
        # Of pods only bare ones of ours count, which are few; all others may be thousands.
        labels = f"{OURS},!pod-template-hash" if kind == "Pod" else ""
        found = await self._site.lists.objects(API_VERSIONS[kind], RESOURCES[kind], NAMESPACE, labels)
        return next((each for each in found if each["metadata"]["name"] == name), None)

    def _check_owner(self, kind: str, thing: Object) -> None:
        marks = thing["metadata"].get("labels", {})
        if marks.get(MANAGED_BY) != MANAGER or marks.get(ID) != self._pod.name:
            raise Refusal(
                f"there is a {kind} {self._pod.name} in namespace {NAMESPACE} that Gondolier did not make",
                where=self._site.name,
                fix="delete it, or give the component another name",
            )


def _changes(name: str, wanted: Manifest | None, live: Mapping[str, Object]) -> list[Change]:
    kind = wanted["kind"] if wanted else ""
    changes = [Change("delete", f"{found} {name}", before=outline(live[found])) for found in live if found != kind]
    if wanted is None:
        return changes
    there = live.get(kind)
    if there is None:
        return [*changes, Change("create", f"{kind} {name}", after=outline(wanted))]
    return [*changes, *_update(name, wanted, there)]


def _update(name: str, wanted: Manifest, live: Object) -> list[Change]:
    if not _differs(wanted, live):
        return []
    values = "".join(f"\nnew value of variable {each}" for each in changed_values(live, wanted))
    return [Change("update", f"{wanted['kind']} {name}", before=outline(live), after=outline(wanted) + values)]


def _differs(wanted: Manifest, live: Object) -> bool:
    if _digest(live) != digest_of(wanted):
        return True
    if wanted["kind"] == "Pod":
        # A bare pod that has ended (its node was short of something) does not come back by itself.
        return live.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return bool(live["spec"].get("replicas", 1) != wanted["spec"]["replicas"])


def _digest(live: Object) -> str:
    digest: str = live["metadata"].get("annotations", {}).get(DIGEST, "")
    return digest


async def _remove(cluster: Cluster, kind: str, thing: Object, report: Report) -> None:
    """Delete a workload with its pods, and see it gone."""
    metadata: dict[str, Any] = thing["metadata"]
    await remove_workload(cluster, kind, metadata["name"], metadata["uid"])
    report(f"{kind} {metadata['name']} removed")


async def remove_workload(cluster: Cluster, kind: str, name: str, uid: str) -> None:
    """Delete a workload, its pods first, and return when it is gone.

    Raises:
        Transient: it is still there after 90 seconds.
    """
    collection = paths.collection(API_VERSIONS[kind], RESOURCES[kind], NAMESPACE)
    await cluster.delete(workload_path(kind, name), uid=uid, propagation="Foreground")
    try:
        async with asyncio.timeout(_GONE_SECONDS):
            await until_gone(cluster, collection, name, uid)
    except TimeoutError:
        raise Transient(f"{kind} {name} is still there, its pods do not end", where=cluster.name) from None
