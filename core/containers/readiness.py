"""Waiting until a pod's replicas run what is declared, and saying why they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from core.containers.manifest import NAMESPACE, digest_of, pod_selector, workload
from core.containers.rollout import Standing, deployment_standing, is_stale, lasting, obstacles, pods_standing
from core.containers.site import Site
from core.containers.variables import Variables
from core.containers.vault import covered
from core.engine.errors import Trouble
from core.engine.step import Change, Report
from core.kube import paths
from core.kube.access import Cluster
from core.kube.events import event_text, recent_warnings
from core.kube.logs import last_lines
from core.kube.rows import DeploymentRow, PodRow
from core.kube.waiting import until, until_gone
from core.kube.watch import Added, Deleted, Lost, Modified, watch
from core.kube.words import pod_ready
from core.machines.steps import Unknown
from core.model.pod import KubernetesPod

_LAST_EVENTS = 5
_LAST_LINES = 5
_PODS_SHOWN = 3


class Readiness:
    """Probe and apply of a pod's replicas: all of them ready, none from an older declaration.

    `apply` gives up after `patience` seconds with a Trouble that has the pods' reasons, events and log lines.
    """

    def __init__(self, site: Site, pod: KubernetesPod, patience: float) -> None:
        self._site = site
        self._pod = pod
        self._patience = patience
        self._digest = ""
        self._kind = pod.effective_workload if pod.applications else ""
        self._wanted = max(1, pod.replicas)

    async def probe(self) -> Sequence[Change]:
        if not self._kind:
            return []
        found = await self._found()
        if found.complete:
            return []
        return [Change("wait", f"pod {self._pod.name}", before=str(found), after=f"{self._wanted} ready")]

    async def _found(self) -> Standing:
        try:
            self._digest = self._declared()
        except Unknown:
            return Standing(0, 0, False)
        return await self._standing() if self._site.exists() else Standing(0, 0, False)

    def _declared(self) -> str:
        manifest = workload(self._pod, self._site.variables(self._pod, making=False))
        return digest_of(manifest) if manifest else ""

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        self._digest = self._declared()
        try:
            async with asyncio.timeout(self._patience):
                await self._wait(cluster, report)
        except TimeoutError:
            raise await self._give_up(cluster) from None
        report(f"pod {self._pod.name}: {self._wanted} of {self._wanted} ready")

    async def _wait(self, cluster: Cluster, report: Report) -> None:
        telling = asyncio.create_task(_tell(cluster, self._pod.name, report))
        try:
            if self._kind == "Deployment":
                await self._rolled_out(cluster)
            else:
                await self._replaced(cluster, report)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _rolled_out(self, cluster: Cluster) -> None:
        path = paths.collection("apps/v1", "deployments", NAMESPACE)
        fields = f"metadata.name={self._pod.name}"
        await until(cluster, path, DeploymentRow, lambda rows: _complete(rows.values()), fields=fields)

    async def _replaced(self, cluster: Cluster, report: Report) -> None:
        """Replace a ReplicationController's old pods one after another, each when all new ones are ready."""
        for stale in [pod for pod in await self._pods(cluster) if is_stale(pod, self._digest)]:
            name = stale.metadata.name
            await cluster.delete(paths.pod(NAMESPACE, name), uid=stale.metadata.uid)
            await until_gone(cluster, paths.pods(NAMESPACE), name, stale.metadata.uid)
            report(f"pod {name} comes from an older declaration: replaced")
            await self._pods_until(cluster, self._none_missing)
        await self._pods_until(cluster, self._all_fresh)

    async def _pods_until(self, cluster: Cluster, done: Callable[[Iterable[PodRow]], bool]) -> None:
        path, labels = paths.pods(NAMESPACE), pod_selector(self._pod.name)
        await until(cluster, path, PodRow, lambda rows: done(rows.values()), labels=labels)

    def _none_missing(self, rows: Iterable[PodRow]) -> bool:
        """Old pods may be broken, which is why they are replaced: only new ones must be ready."""
        pods = lasting(rows)
        return len(pods) >= self._wanted and all(pod_ready(pod) for pod in pods if not is_stale(pod, self._digest))

    def _all_fresh(self, rows: Iterable[PodRow]) -> bool:
        return pods_standing(self._wanted, self._digest, rows).complete

    async def _standing(self) -> Standing:
        if self._kind == "Deployment":
            rows = await self._site.lists.rows(paths.collection("apps/v1", "deployments", NAMESPACE), DeploymentRow)
            return deployment_standing(next((row for row in rows if row.metadata.name == self._pod.name), None))
        return pods_standing(self._wanted, self._digest, await self._pods(await self._site.cluster()))

    async def _pods(self, cluster: Cluster) -> Sequence[PodRow]:
        return await cluster.list(paths.pods(NAMESPACE), PodRow, labels=pod_selector(self._pod.name))

    async def _give_up(self, cluster: Cluster) -> Trouble:
        found = await self._standing()
        variables = self._site.variables(self._pod, making=False)
        details = "\n".join(await diagnosis(cluster, self._pod.name, await self._pods(cluster), variables))
        return Trouble(
            f"pod {self._pod.name}: {found} after {self._patience:.0f} s\n{details}".rstrip(),
            where=self._site.name,
            fix="put right what its pods say, then deploy again",
        )


async def diagnosis(cluster: Cluster, name: str, pods: Sequence[PodRow], variables: Variables) -> list[str]:
    """Why a pod's replicas are not ready: what they say, the last warnings about them, their last log lines.

    No line shows a secret of the pod's variables.
    """
    lines = obstacles(pods) or [f"there is no replica of {name}"]
    owners = {owner.name for pod in pods for owner in pod.metadata.owner_references}
    names = {name} | owners | {pod.metadata.name for pod in pods}
    lines += [event_text(event) for event in await recent_warnings(cluster, NAMESPACE, names, _LAST_EVENTS)]
    waiting = [pod for pod in pods if obstacles([pod])]
    for pod in waiting[:_PODS_SHOWN]:
        lines += await last_lines(cluster, pod, _LAST_LINES)
    secrets = [value for values in variables.values() for value in values.values()]
    return [covered(line, secrets) for line in lines]


async def _tell(cluster: Cluster, name: str, report: Report) -> None:
    """Report each new reason why a replica is not ready, once."""
    said: dict[str, str] = {}
    async for delta in watch(cluster, paths.pods(NAMESPACE), PodRow, labels=pod_selector(name)):
        if isinstance(delta, Lost):
            report(f"the cluster's API is away, waiting: {delta.reason}", "warning")
        elif isinstance(delta, Deleted):
            said.pop(delta.row.metadata.uid, None)
        elif isinstance(delta, Added | Modified):
            text = "; ".join(obstacles([delta.row]))
            if text and said.get(delta.row.metadata.uid) != text:
                report(text)
            said[delta.row.metadata.uid] = text


def _complete(rows: Iterable[DeploymentRow]) -> bool:
    return any(deployment_standing(row).complete for row in rows)


def deadline_for(patience: float) -> float:
    """Seconds for a step that waits `patience`: giving up takes a moment, too."""
    return patience + 30.0
