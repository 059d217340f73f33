"""A cluster that runs and is served: the ways to it as `core.operations` wants them, and containers that have tar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.kube.discovery import Kinds
from core.kube.kinds import DEPLOYMENT, POD
from core.kube.reviews import Reviews
from core.live.objects import ClusterRef, Kind, Target
from core.live.operations import Finished, Progress
from core.machines.access import Access
from core.machines.connection import Connection
from core.operations.live import Live
from core.operations.reach import Way
from core.simulator.kubernetes.hooks import Streams
from core.store.store import Store
from tests.simulator.kubernetes.made import template
from tests.simulator.kubernetes.running import Running, cluster
from tests.simulator.kubernetes.serving import Served, serving

ALPHA = ClusterRef("lab", "alpha")
DOCUMENT = "environment: lab\nprovider: {kind: simulated}\ncomponents: []\n"

Object = dict[str, Any]


class OneReach:
    """The way to one served cluster; it has no machines."""

    def __init__(self, opened: Cluster) -> None:
        self.opened = Way(opened, Kinds(opened), Reviews(opened))

    def clusters(self) -> Sequence[ClusterRef]:
        return [ALPHA]

    async def way(self, ref: ClusterRef) -> Way:
        if ref != ALPHA:
            raise Trouble(f"there is no cluster {ref.cluster}", where=ref.environment)
        return self.opened

    async def machine(self, ref: ClusterRef, name: str) -> Connection:
        raise Trouble("this machine has no address yet", where=name)

    async def voter(self, ref: ClusterRef) -> Connection:
        raise Trouble("this cluster has no machines", where=str(ref))

    async def access(self, ref: ClusterRef, name: str) -> Access:
        raise Trouble("this machine has no address yet", where=name)

    async def close(self) -> None:
        await self.opened.cluster.close()


@dataclass
class World:
    """Everything together."""

    running: Running
    served: Served
    store: Store
    live: Live
    cluster: Cluster

    async def deploy(self, name: str = "web", replicas: int = 2, image: str = "nginx:1.29", **spec: Any) -> Target:
        """A Deployment with all its pods ready."""
        made = template(image=image, labels={"app": name}, **spec)
        body = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": made}
        self.running.objects.create("deployments.apps", {"metadata": metadata(name), "spec": body})
        await self.ready(replicas, name)
        await self.running.until("deployments.apps", lambda found: all(_settled(one) for one in found))
        return self.target(DEPLOYMENT, name)

    async def ready(self, count: int, app: str = "web") -> list[Object]:
        """The pods of an application, as soon as there are exactly so many and all are ready."""

        def done(pods: list[Object]) -> bool:
            mine = [pod for pod in pods if pod["metadata"]["labels"].get("app") == app]
            return len(mine) == count and all(_ready(pod) for pod in mine)

        pods = await self.running.until("pods", done)
        return [pod for pod in pods if pod["metadata"]["labels"].get("app") == app]

    async def pods(self, app: str = "web") -> list[Target]:
        """The pods of an application, by name."""
        found = self.running.objects.list("pods", "default")
        mine = [pod for pod in found if pod["metadata"]["labels"].get("app") == app]
        return [
            self.target(POD, pod["metadata"]["name"], uid=pod["metadata"]["uid"])
            for pod in sorted(mine, key=lambda pod: pod["metadata"]["name"])
        ]

    def target(self, kind: Kind, name: str, *, uid: str = "", row: object = None) -> Target:
        return Target(ALPHA, kind, name, "default" if kind.namespaced else "", uid, row=row)

    def get(self, resource: str, name: str) -> Object:
        found = self.running.objects.get(resource, "default", name)
        assert found is not None, f"there is no {resource} {name}"
        return found

    async def perform(self, action: str, *targets: Target, **arguments: Any) -> tuple[list[str], Finished]:
        """Do something to the end: what was told, and how it ended."""
        told: list[str] = []
        async for one in self.live.perform(action, targets, arguments):
            if isinstance(one, Progress):
                told.append(one.text)
            else:
                return told, one
        raise AssertionError("it did not say how it ended")


def metadata(name: str) -> Object:
    return {"name": name, "namespace": "default"}


@asynccontextmanager
async def world(directory: Path) -> AsyncIterator[World]:
    """A cluster of three nodes with an environment that says that it is deployed."""
    async with cluster() as running, serving(directory / "pki", running.objects) as served:
        with_tar(served, directory)
        with Store(directory / "home") as store:
            _deployed(store)
            live = Live(store, OneReach(served.cluster()))
            try:
                yield World(running, served, store, live, live._reach.opened.cluster)  # type: ignore[attr-defined]
            finally:
                await live.close()


def with_tar(served: Served, directory: Path) -> None:
    """Let containers run this box's tar, in a folder of their own."""
    folder, plain = directory / "container", served.kubelets.execute
    folder.mkdir()

    async def execute(pod: Object, container: str, command: list[str], streams: Streams) -> int:
        if command[0] != "tar":
            return await plain(pod, container, command, streams)
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=-1
        )
        given = b"".join([piece async for piece in streams.stdin]) if "-xmf" in command else b""
        out, said = await process.communicate(given)
        await streams.stdout(out)
        await streams.stderr(said)
        return process.returncode or 0

    served.kubelets.execute = execute  # type: ignore[method-assign]


def _deployed(store: Store) -> None:
    store.environments.create("lab")
    store.drafts.save("lab", DOCUMENT, "somebody")


def _ready(pod: Object) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


def _settled(deployment: Object) -> bool:
    """Whether its status says what is."""
    wanted, status = deployment["spec"]["replicas"], deployment.get("status", {})
    return all(status.get(name, 0) == wanted for name in ("replicas", "updatedReplicas", "availableReplicas"))
