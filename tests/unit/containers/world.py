"""A declaration on a fake cluster whose controllers act at once, and the book of endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.containers.pod import pod_steps
from core.containers.site import Site
from core.containers.variables import Surroundings
from core.containers.vault import Vault
from core.engine.step import Change, Graph, Level
from core.kube.access import Cluster
from core.model.declaration import Declaration
from core.model.endpoint import Endpoint, GatewayAddress
from tests.unit.kube.fake_api import FakeApi

Object = dict[str, Any]

PODS = "/api/v1/namespaces/default/pods"
SERVICES = "/api/v1/namespaces/default/services"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers"


def declare(*pods: Object) -> Declaration:
    """A declaration with cluster alpha and these pods on it."""
    components = [{"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}]
    return Declaration.model_validate(
        {
            "environment": "lab",
            "provider": {"kind": "nspawn"},
            "components": [*components, *({"kind": "KubernetesPod", "cluster": "alpha"} | pod for pod in pods)],
        }
    )


def application(name: str = "site", **fields: Any) -> Object:
    return {"name": name, "image": "nginx:1.29", "ports": [{"port": 80, "scope": "public"}]} | fields


def web(*applications: Object, **fields: Any) -> Object:
    return {"name": "web", "replicas": 2, "applications": list(applications) or [application()]} | fields


class World:
    """A fake cluster with controllers, and what was reported and recorded."""

    def __init__(self, api: FakeApi, cluster: Cluster, secrets: Path) -> None:
        self.secrets = secrets
        self.kept: dict[str, str] = {}
        self.noted: dict[str, str] = {}
        self.api = api
        self.cluster = cluster
        self.exists = True
        self.healthy = True
        self.waiting: Object = {"waiting": {"reason": "ImagePullBackOff", "message": "back-off pulling nginx:1.29"}}
        self.gateways = [GatewayAddress("10.0.0.4")]
        self.book: dict[str, list[Endpoint]] = {}
        self.lines: list[str] = []
        self._addresses: dict[str, str] = {}
        api.hooks.append(self._control)

    def site(self, declaration: Declaration) -> Site:
        async def opened() -> Cluster:
            return self.cluster

        def record(component: str, found: Sequence[Endpoint]) -> None:
            self.book[component] = list(found)

        around = Surroundings(
            declaration,
            recorded=lambda component: self.book.get(component, []),
            vault=Vault(self.secrets),
            kept=self.kept.get,
            keep=self.kept.__setitem__,
            noted=self.noted.get,
            note=self.noted.__setitem__,
        )
        return Site(
            around=around,
            name="alpha",
            cluster=opened,
            exists=lambda: self.exists,
            gateways=lambda: self.gateways,
            record=record,
        )

    async def plan(self, declaration: Declaration) -> dict[str, list[Change]]:
        """The changes of each step that has any."""
        steps = Graph.of(pod_steps(self.site(declaration))).steps
        found = {step.id: list(await step.probe()) for step in steps}
        return {step: changes for step, changes in found.items() if changes}

    async def deploy(self, declaration: Declaration, patience: float = 20) -> list[str]:
        """Do what the engine does: each step that does not hold; the ids of those."""
        done = []
        for step in Graph.of(pod_steps(self.site(declaration), patience=patience)).steps:
            if changes := await step.probe():
                await step.apply(changes, self.report)
                done.append(step.id)
                assert not await step.probe(), f"{step.id} does not hold after it was applied"
        return done

    def report(self, text: str, level: Level = "info") -> None:
        self.lines.append(text)

    def names(self, path: str) -> list[str]:
        return sorted(found.rsplit("/", 1)[1] for found in self.api.objects if found.rsplit("/", 1)[0] == path)

    def uids(self) -> set[str]:
        return {self.api.objects[f"{PODS}/{name}"]["metadata"]["uid"] for name in self.names(PODS)}

    def _control(self, kind: str, path: str, thing: Object) -> None:
        collection = path.rsplit("/", 1)[0]
        if collection == SERVICES and kind != "DELETED":
            address = self._addresses.setdefault(thing["metadata"]["uid"], f"10.96.0.{len(self._addresses) + 11}")
            thing["spec"]["clusterIP"] = address
        elif collection == PODS and kind == "ADDED" and "status" not in thing:
            self._start(path, thing)
        elif collection == PODS and kind == "DELETED":
            self._replace(thing)
        elif collection in (DEPLOYMENTS, CONTROLLERS) and "template" in thing["spec"]:
            self._reconcile(kind, path, thing)

    def _reconcile(self, kind: str, path: str, thing: Object) -> None:
        if kind == "DELETED":
            for name in self._owned(thing):
                self.api.remove(f"{PODS}/{name}")
            return
        if thing.get("status", {}).get("observedGeneration") == thing["metadata"]["generation"]:
            return
        if path.startswith(DEPLOYMENTS):
            for name in self._stale(thing):
                self.api.remove(f"{PODS}/{name}")
        while len(self._owned(thing)) > thing["spec"]["replicas"]:
            self.api.remove(f"{PODS}/{self._owned(thing)[-1]}")
        while len(self._owned(thing)) < thing["spec"]["replicas"]:
            self._make(thing)
        self._count(path, thing)

    def _count(self, path: str, thing: Object) -> None:
        replicas, ready = thing["spec"]["replicas"], thing["spec"]["replicas"] if self.healthy else 0
        counts = {"replicas": replicas, "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready}
        self.api.put(path, thing | {"status": counts | {"observedGeneration": thing["metadata"]["generation"]}})

    def _make(self, owner: Object) -> None:
        number = self.api.version
        template = owner["spec"]["template"]
        reference = {"kind": owner["kind"], "name": owner["metadata"]["name"], "controller": True}
        metadata = template["metadata"] | {"ownerReferences": [reference]}
        self.api.put(f"{PODS}/{owner['metadata']['name']}-{number}", {"metadata": metadata, "spec": template["spec"]})

    def _replace(self, pod: Object) -> None:
        for collection in (DEPLOYMENTS, CONTROLLERS):
            owner = self.api.objects.get(f"{collection}/{pod['metadata']['labels'].get('id')}")
            if owner and pod["metadata"].get("ownerReferences") and len(self._owned(owner)) < owner["spec"]["replicas"]:
                self._make(owner)

    def _owned(self, owner: Object) -> list[str]:
        return [
            name
            for name in self.names(PODS)
            if self.api.objects[f"{PODS}/{name}"]["metadata"].get("ownerReferences")
            and self.api.objects[f"{PODS}/{name}"]["metadata"]["labels"]["id"] == owner["metadata"]["name"]
        ]

    def _stale(self, owner: Object) -> list[str]:
        wanted = owner["spec"]["template"]["metadata"]["annotations"]
        return [
            name
            for name in self._owned(owner)
            if self.api.objects[f"{PODS}/{name}"]["metadata"]["annotations"] != wanted
        ]

    def _start(self, path: str, thing: Object) -> None:
        ready = "True" if self.healthy else "False"
        status = {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "ready": self.healthy,
                    "containerID": f"containerd://{container['name']}-{self.api.version}",
                    "state": {"running": {}} if self.healthy else self.waiting,
                }
                for container in thing["spec"]["containers"]
            ],
        }
        spec = {"nodeName": "kube-2"} | thing["spec"]
        self.api.objects[path] |= {"spec": spec, "status": status}
        self.api.put(path, self.api.objects[path])


@pytest.fixture
async def world(api: FakeApi, cluster: Cluster, tmp_path: Path) -> World:
    return World(api, cluster, tmp_path / "secrets")
