"""What is no longer declared: workloads, services, secrets and files of pods that left the document.

Volume claims stay: data is never removed because a pod went.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from core.containers.manifest import API_VERSIONS, ID, NAMESPACE, OURS
from core.containers.manifest import RESOURCES as WORKLOADS
from core.containers.ports import is_ours
from core.containers.settings import RESOURCES
from core.containers.site import Site
from core.containers.workload import remove_workload
from core.engine.step import Change, Report
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import AnyRow, Metadata, ServiceRow

_PLAIN = {"Service": "services"} | RESOURCES
"""What goes at once: nothing depends on it."""


@dataclass(frozen=True, slots=True)
class _Leftover:
    """A workload, service, secret or ConfigMap of a pod that is not declared."""

    kind: str
    metadata: Metadata

    @property
    def pod(self) -> str:
        return self.metadata.labels[ID]


class Removal:
    """Probe and apply of everything that comes from pods that left the document."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._declared = {pod.name for pod in site.declaration.pods(site.name)}

    async def probe(self) -> Sequence[Change]:
        found = await self._leftovers() if self._site.exists() else []
        return [Change("delete", f"{each.kind} {each.metadata.name}") for each in found]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        found = await self._leftovers()
        # First, so that a run that ends here finds the objects again.
        for pod in {left.pod for left in found}:
            self._site.record(pod, [])
        # All at once: a container that does not heed its signal takes half a minute to end.
        ended = await asyncio.gather(*(self._remove(left, report) for left in found), return_exceptions=True)
        if failed := next((each for each in ended if each is not None), None):
            raise failed

    async def _remove(self, left: _Leftover, report: Report) -> None:
        await _remove(await self._site.cluster(), left)
        report(f"{left.kind} {left.metadata.name} removed: it is no longer declared")

    async def _leftovers(self) -> list[_Leftover]:
        cluster = await self._site.cluster()
        lists = await asyncio.gather(*(_of_kind(cluster, kind) for kind in API_VERSIONS))
        services = await cluster.list(paths.services(NAMESPACE), ServiceRow, labels=OURS)
        settings = await asyncio.gather(*(_settings(cluster, kind) for kind in RESOURCES))
        found = [each for group in (*lists, *settings) for each in group]
        found += [_Leftover("Service", row.metadata) for row in services if is_ours(row)]
        return [each for each in found if each.pod not in self._declared]


async def _settings(cluster: Cluster, kind: str) -> list[_Leftover]:
    rows = await cluster.list(paths.collection("v1", RESOURCES[kind], NAMESPACE), AnyRow, labels=OURS)
    return [_Leftover(kind, row.metadata) for row in rows]


async def _of_kind(cluster: Cluster, kind: str) -> list[_Leftover]:
    path = paths.collection(API_VERSIONS[kind], WORKLOADS[kind], NAMESPACE)
    rows = await cluster.list(path, AnyRow, labels=OURS)
    # What a controller made goes with the controller.
    return [_Leftover(kind, row.metadata) for row in rows if not row.metadata.owner_references]


async def _remove(cluster: Cluster, left: _Leftover) -> None:
    if left.kind in _PLAIN:
        path = paths.item("v1", _PLAIN[left.kind], NAMESPACE, left.metadata.name)
        await cluster.delete(path, uid=left.metadata.uid)
    else:
        await remove_workload(cluster, left.kind, left.metadata.name, left.metadata.uid)
