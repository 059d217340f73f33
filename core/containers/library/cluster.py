"""A live cluster asked directly: objects from definitions, replicas, pods by labels, services of one application.

What is done here is no part of a document. Objects made here are marked as ours and left alone by deployments; what a
document declares is refused, for its next deployment would undo it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.containers.actions import RunOnNode, restart_containers
from core.containers.endpoints import pod_endpoints
from core.containers.manifest import APPLICATION, MANAGED_BY, MANAGER, MANIFEST, NAMESPACE
from core.containers.manifest import identity as identity_of
from core.containers.ports import wanted_services
from core.containers.site import Site, service_path
from core.containers.variables import Resolver
from core.containers.workload import remove_workload, workload_path
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.rows import PodRow, ReplicationControllerRow, ServiceRow
from core.kube.scale import scale
from core.kube.selectors import parse_selector, selector_text
from core.kube.waiting import until
from core.model.endpoint import Endpoint
from core.model.manifest import KubernetesManifest
from core.model.manifest_checks import manifest_contradictions
from core.model.pod import KubernetesPod

BY_HAND = "by.hand"
"""The value of the label of objects that were made here: no component has such a name."""

_PATIENCE = 120.0
_CONTROLLERS = paths.collection("v1", "replicationcontrollers", NAMESPACE)


@dataclass(frozen=True, slots=True)
class ManagedCluster:
    """The cluster of a site; every method answers with a sentence, or raises with one.

    `run_on_node` runs commands on its machines.

    Raises (every method):
        Refusal: what is asked cannot be done to what is there. Trouble: the server does not answer, or refuses.
    """

    site: Site
    run_on_node: RunOnNode
    patience: float = _PATIENCE

    def is_available(self) -> bool:
        """Whether its control plane's machine is there."""
        return self.site.exists()

    async def create_pod(self, definition: Object) -> str:
        """Make a bare pod of namespace `default`; one that was made here before is made anew."""
        return await self._create("Pod", definition)

    async def create_replication_controller(self, definition: Object) -> str:
        """Make a ReplicationController, or bring the one that was made here before up to date."""
        return await self._create("ReplicationController", definition)

    async def delete_replication_controller(self, name: str) -> str:
        """Delete a ReplicationController that was made here, with its pods; returns when all are gone."""
        cluster = await self._cluster()
        live = await self._own(cluster, "ReplicationController", name)
        if live is None:
            return f"there is no ReplicationController {name}"
        await remove_workload(cluster, "ReplicationController", name, live["metadata"]["uid"])
        return f"ReplicationController {name} and its pods are deleted"

    async def scale_rc(self, name: str, size: int) -> str:
        """Give a ReplicationController that was made here another size; returns when it has as many pods, all ready."""
        if size < 0:
            raise Refusal(f"{name} cannot have {size} replicas", where=self.site.name)
        cluster = await self._cluster()
        if await self._own(cluster, "ReplicationController", name) is None:
            raise Refusal(f"there is no ReplicationController {name}", where=self.site.name)
        before = await scale(cluster, "ReplicationController", NAMESPACE, name, size)
        await self._sized(cluster, name, size)
        return f"ReplicationController {name}: {before} → {size} replicas, all of them ready"

    async def delete_pods(self, labels: str) -> str:
        """Delete the pods of namespace `default` that a label selector lets through; controllers make theirs again."""
        selector = selector_text(parse_selector(labels))
        if not selector:
            raise Refusal("no labels were given: this would delete every pod", where=self.site.name)
        cluster = await self._cluster()
        found = await cluster.list(paths.pods(NAMESPACE), PodRow, labels=selector)
        names = sorted(row.metadata.name for row in found)
        gone = (cluster.delete(paths.pod(NAMESPACE, each.metadata.name), uid=each.metadata.uid) for each in found)
        await asyncio.gather(*gone)
        return f"{len(names)} pods deleted: {', '.join(names)}" if names else f"no pod has the labels {selector}"

    async def create_service(self, pod: str, application: str) -> Sequence[Endpoint]:
        """Make the service of one application of a declared pod, or bring it up to date; ports that it has stay.

        The answer are the application's endpoints.
        """
        declared = self._pod(pod, application)
        cluster, site = await self._cluster(), self.site
        live = await site.services()
        for wanted in wanted_services(site.declaration, site.name, declared, live, site.ports):
            if wanted.application == application:
                await cluster.apply(wanted.manifest)
        return await self.endpoints(pod, application)

    async def delete_services(self, pod: str, application: str) -> str:
        """Delete the services of one application of a pod; those of its others stay."""
        cluster = await self._cluster()
        marks = paths.selector(identity_of(pod) | {APPLICATION: application})
        found = await cluster.list(paths.services(NAMESPACE), ServiceRow, labels=marks)
        names = sorted(row.metadata.name for row in found)
        for row in found:
            await cluster.delete(service_path(row.metadata.name), uid=row.metadata.uid)
        kept = [one for one in self.site.recorded(pod) if one.application != application]
        self.site.record(pod, kept)
        return f"service {', '.join(names)} deleted" if names else f"{pod}/{application} has no service"

    async def endpoints(self, pod: str, application: str = "") -> Sequence[Endpoint]:
        """Where the applications of a declared pod, or one of them, can be reached, from what is there now."""
        declared = self._pod(pod, application)
        found = pod_endpoints(declared, await self.site.services(), self.site.gateways())
        return [one for one in found if application in ("", one.application)]

    async def restart_containers(self, pod: str, report: Report) -> str:
        """Restart the application containers of every replica of a declared pod, which keep their names."""
        declared = self._pod(pod)
        variables = Resolver(self.site.around, declared, making=True).all(declared.applications)
        await restart_containers(await self._cluster(), declared, variables, self.run_on_node, report)
        return f"the containers of {pod} were restarted"

    async def _create(self, kind: str, definition: Object) -> str:
        body = _checked(kind, definition, self.site.name)
        name = body["metadata"]["name"]
        cluster = await self._cluster()
        live = await self._own(cluster, kind, name)
        if live is not None and kind == "Pod":
            # Hardly a field of a pod can be changed: it is made anew.
            await remove_workload(cluster, kind, name, live["metadata"]["uid"])
        await cluster.apply(body)
        return f"{kind} {name} {'created' if live is None else 'replaced'}"

    async def _sized(self, cluster: Cluster, name: str, size: int) -> None:
        def reached(rows: Mapping[str, ReplicationControllerRow]) -> bool:
            return any(_has(row, size) for row in rows.values())

        try:
            async with asyncio.timeout(self.patience):
                fields = f"metadata.name={name}"
                await until(cluster, _CONTROLLERS, ReplicationControllerRow, reached, fields=fields)
        except TimeoutError:
            what = f"ReplicationController {name} has not {size} ready replicas after {self.patience:.0f} s"
            raise Trouble(what, where=self.site.name, fix="its pods say why") from None

    async def _own(self, cluster: Cluster, kind: str, name: str) -> Object | None:
        """The object, None where there is none. Raises `Refusal` where it was not made here."""
        live = await cluster.get(workload_path(kind, name))
        if live is not None and live["metadata"].get("labels", {}).get(MANIFEST) != BY_HAND:
            declared = live["metadata"].get("labels", {}).get(MANAGED_BY) == MANAGER
            fix = "change the document and deploy it" if declared else "ask whoever made it"
            raise Refusal(f"{kind} {name} was not made here", where=self.site.name, fix=fix)
        return live

    def _pod(self, name: str, application: str = "") -> KubernetesPod:
        found = next((pod for pod in self.site.declaration.pods(self.site.name) if pod.name == name), None)
        if found is None:
            raise Refusal(f"there is no pod {name} in the document", where=self.site.name)
        if application and application not in (one.name for one in found.applications):
            raise Refusal(f"pod {name} has no application {application}", where=self.site.name)
        return found

    async def _cluster(self) -> Cluster:
        if not self.site.exists():
            raise Refusal("the cluster does not exist", where=self.site.name, fix="deploy the environment first")
        return await self.site.cluster()


def _has(row: ReplicationControllerRow, size: int) -> bool:
    status = row.status
    seen = status.observed_generation >= row.metadata.generation
    return seen and row.spec.replicas == status.replicas == status.ready_replicas == size


def _checked(kind: str, definition: Object, where: str) -> Object:
    """A definition with our marks.

    Raises:
        Refusal: it is not one of this kind in namespace `default`, or has a mistake, by its field.
    """
    component = KubernetesManifest(name="by-hand", cluster=where, manifests=(definition,))
    if found := list(manifest_contradictions(component, ())):
        said = "; ".join(f"{'.'.join(map(str, one.path[2:]))}: {one.found}; allowed: {one.allowed}" for one in found)
        raise Refusal(f"the definition has mistakes: {said}", where=where)
    metadata = definition["metadata"]
    if definition["kind"] != kind or metadata.get("namespace", NAMESPACE) != NAMESPACE:
        raise Refusal(f"the definition is no {kind} of namespace {NAMESPACE}", where=where)
    labels = metadata.get("labels", {}) | {MANAGED_BY: MANAGER, MANIFEST: BY_HAND}
    return definition | {"metadata": metadata | {"labels": labels, "namespace": NAMESPACE}}
