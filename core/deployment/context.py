"""One environment while it is planned, run or looked at: its cloud, connections, keys and clusters."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import yaml

from core.clouds.base import Cloud, CloudMachine, MachineWish
from core.clouds.machines import MachineContext
from core.clouds.nspawn.image import cache_root
from core.cluster.blueprint import API_PORT, Blueprint
from core.cluster.context import ClusterContext
from core.cluster.layout import Layout, Node, Role, assign_addresses
from core.cluster.pki import Pki
from core.containers.catalogue import filled_in
from core.deployment.docker_host import HostContext
from core.deployment.identity import host_key, login_key
from core.deployment.providers import open_cloud
from core.deployment.reach import Ways
from core.deployment.wishes import machine_options
from core.engine.errors import Refusal, Trouble
from core.kube.access import Cluster
from core.machines.artifacts import Artifacts, mirrors_from, version_table
from core.machines.connections import Connections
from core.machines.facts import gather_host
from core.machines.outcome import Completed
from core.model.cluster import KubernetesCluster
from core.model.environment import Environment
from core.model.host import DockerStandaloneHost
from core.model.naming import declared_machines
from core.model.naming import machines as machine_names
from core.model.provider import Nspawn
from core.settings import Settings, read_settings
from core.store.keys import host_key_file, keys_directory
from core.store.machines import MachineRecord
from core.store.store import Store


def artifact_cache() -> Path:
    """Where verified downloads are kept: beside the base images."""
    return cache_root() / "artifacts"


def open_artifacts(settings: Settings) -> Artifacts:
    """Artifacts with the mirrors and pins that a person has set."""
    table = version_table()
    pins = {_pin_key(name): digest for name, digest in settings.pins.items()}
    versions = replace(table, pins={**table.pins, **pins})
    return Artifacts(artifact_cache(), mirrors_from(os.environ, settings.mirrors), versions)


def _pin_key(name: str) -> tuple[str, str, str]:
    words = name.split()
    if len(words) != 3:
        raise Refusal(f"the pin {name!r} does not name an artifact, a version and an architecture", where="settings")
    return words[0], words[1], words[2]


MachineOwner = KubernetesCluster | DockerStandaloneHost
"""A component that has machines."""


class EnvironmentContext:
    """Opens what an environment needs and closes it again; nothing is created by opening.

    `declared` is what the document says, `environment` the same with the catalogue's applications filled in.
    `clusters` and `hosts` hold a context for every declared cluster and Docker host, in the document's order.
    """

    def __init__(self, store: Store, environment: Environment, *, removing: bool = False) -> None:
        self.store = store
        self.declared = environment
        # What is only to be taken away needs no catalogue, which may have changed since.
        self.environment = environment if removing else filled_in(environment)
        self.name = environment.name
        self.keys = keys_directory(store.home, self.name)
        self.cloud: Cloud = open_cloud(environment, store, artifact_cache())
        self.artifacts = self.cloud.artifacts or open_artifacts(read_settings())
        self.ways = Ways(environment, self.keys, lambda: store.machines.list(environment.name))
        self.connections = Connections(self.ways.access)
        self.machines: dict[str, CloudMachine] = {}
        self.clusters: dict[str, ClusterContext] = {}
        self.hosts: dict[str, HostContext] = {}
        self._apis: dict[str, tuple[str, Cluster]] = {}

    async def close(self) -> None:
        await asyncio.gather(*(api.close() for _, api in self._apis.values()))
        await self.connections.close()
        await self.artifacts.close()
        await self.cloud.close()

    async def observe(self) -> None:
        """Look at the cloud and at every machine that is there, and make the components' contexts from it."""
        self.machines = await self.cloud.machines()
        self.recall()
        layouts = ((context, context.blueprint.layout) for context in self.clusters.values())
        await asyncio.gather(
            *(self._meet(context, (*layout.nodes, *layout.leaving)) for context, layout in layouts),
            *(self._meet(context, (context.node,)) for context in self.hosts.values()),
        )

    def recall(self) -> None:
        """Make the components' contexts from what is remembered alone."""
        self.clusters = {cluster.name: self._cluster(cluster) for cluster in self.environment.clusters()}
        self.hosts = {host.name: self._host(host) for host in self.environment.hosts()}

    def cluster_keys(self, cluster: str) -> Path:
        """Where a cluster's certificates are kept; beside, not among, what is the environment's own."""
        return self.keys / "clusters" / cluster

    def wish(self, component: MachineOwner, node: Node) -> MachineWish:
        """What the cloud is asked to make; the keys that it names are made now."""
        host_key(self.keys, node.name)
        return self._wish(component, node, login_key(self.keys))

    def _wish(self, component: MachineOwner, node: Node, login: str) -> MachineWish:
        return MachineWish(
            environment=self.name,
            component=component.name,
            role=node.role,
            name=node.name,
            host_key=host_key_file(self.store.home, self.name, node.name),
            login_key=login,
            options=(
                *((("address", node.address),) if node.address else ()),
                *machine_options(self.environment, component, node.role, node.index),
            ),
        )

    def all_wishes(self) -> list[MachineWish]:
        """The machines that every declared component asks for, without keys: enough to be checked."""
        of_clusters = [
            self._wish(context.blueprint.cluster, node, "")
            for context in self.clusters.values()
            for node in context.blueprint.layout.nodes
        ]
        return [*of_clusters, *(self._wish(context.host, context.node, "") for context in self.hosts.values())]

    def api(self, cluster: str) -> Callable[[], Awaitable[Cluster]]:
        """A cluster's API with the operator's own rights, opened once."""

        async def opened() -> Cluster:
            server = await self._api_server(cluster)
            known = self._apis.get(cluster)
            if known is None or known[0] != server:
                blueprint = self.clusters[cluster].blueprint
                kubeconfig = yaml.safe_load(blueprint.kubeconfig("super-admin", server=server))
                self._apis[cluster] = server, Cluster(kubeconfig, cluster)
                if known is not None:
                    await known[1].close()
            return self._apis[cluster][1]

        return opened

    def api_address(self, cluster: str) -> str:
        """The API's URL for whoever the control plane can be reached by without a way through another machine."""
        blueprint = self.clusters[cluster].blueprint
        head = self.store.machines.get(self.name, blueprint.layout.control_plane.name)
        found = self.ways.way(head) if head is not None and head.address else None
        return f"https://{found.address}:{API_PORT}" if found and not found.jump else blueprint.server

    async def _api_server(self, cluster: str) -> str:
        """The API's URL for ourselves, where need be over SSH: then on loopback, for which its certificate is good."""
        head = self.clusters[cluster].blueprint.layout.control_plane
        record = self.store.machines.get(self.name, head.name)
        if record is None or not record.address or self.ways.way(record).jump is None:
            return self.api_address(cluster)
        port = await (await self.connections.get(head.name)).forward_port("127.0.0.1", API_PORT)
        return f"https://127.0.0.1:{port}"

    async def run_on(self, node: str, command: str) -> Completed:
        """Run a command on a machine of the environment."""
        return await (await self.connections.get(node)).run(command)

    def _cluster(self, cluster: KubernetesCluster) -> ClusterContext:
        layout = self.layout(cluster)
        blueprint = Blueprint(
            cluster=cluster,
            layout=layout,
            versions=self.artifacts.versions(cluster.version),
            pki=Pki(self.cluster_keys(cluster.name)),
            addresses={node.name: node.address for node in (*layout.nodes, *layout.leaving) if node.address},
            floating={record.name: record.floating for record in self._records(cluster) if record.floating},
        )
        return ClusterContext(
            environment=self.name,
            component=cluster.name,
            blueprint=blueprint,
            cloud=self.cloud,
            connections=self.connections,
            artifacts=self.artifacts,
            store=self.store,
            api=self.api(cluster.name),
            identity=lambda node: self._identity(cluster, node),
            machines=self.machines,
        )

    def _records(self, cluster: KubernetesCluster) -> list[MachineRecord]:
        return self.store.machines.list(self.name, cluster.name)

    def _host(self, host: DockerStandaloneHost) -> HostContext:
        known = {record.name: record for record in self.store.machines.list(self.name)}
        return HostContext(
            environment=self.name,
            component=host.name,
            host=host,
            node=Node(host.machine, "docker-host", 1, self._addresses(known).get(host.machine)),
            cloud=self.cloud,
            connections=self.connections,
            artifacts=self.artifacts,
            store=self.store,
            identity=lambda node: self._identity(host, node),
            machines=self.machines,
        )

    def layout(self, cluster: KubernetesCluster) -> Layout:
        """The declared machines with their addresses, and those that the cluster has beyond them."""
        known = {record.name: record for record in self.store.machines.list(self.name)}
        addresses = self._addresses(known)
        wanted = tuple(
            Node(entry.name, _role(entry.role), entry.index, addresses.get(entry.name))
            for entry in machine_names(cluster)
        )
        names = {node.name for node in wanted}
        surplus = [record for record in known.values() if record.component == cluster.name and record.name not in names]
        surplus.sort(key=lambda record: (record.role, record.index), reverse=True)
        leaving = tuple(Node(record.name, _role(record.role), record.index, record.address) for record in surplus)
        return Layout(wanted, leaving)

    def _addresses(self, known: dict[str, MachineRecord]) -> dict[str, str]:
        """Known addresses, and where we choose them ourselves also those of machines to come."""
        taken = {record.name: record.address for record in known.values() if record.address}
        provider = self.environment.provider
        if not isinstance(provider, Nspawn):
            return taken
        names = [name for names in declared_machines(self.environment).values() for name in names]
        return assign_addresses([*taken, *(name for name in names if name not in taken)], taken, provider.subnet)

    def _identity(self, component: MachineOwner, node: Node) -> MachineRecord:
        known = self.store.machines.get(self.name, node.name)
        machine = self.machines.get(node.name)
        return MachineRecord(
            environment=self.name,
            component=component.name,
            name=node.name,
            role=node.role,
            index=node.index,
            generation=known.generation if known else 1,
            address=node.address,
            host_key=self.ways.pinned(node.name, machine.id if machine else None, known.host_key if known else None),
        )

    async def _meet(self, context: MachineContext, nodes: Sequence[Node]) -> None:
        """Ask every machine that is there what it is; one that does not answer stays unknown for now."""

        async def one(node: Node) -> None:
            try:
                async with asyncio.timeout(15):
                    facts = await gather_host(await context.connect(node))
            except (Trouble, OSError, TimeoutError):
                # Also one that turns us away: its own step says so, and holds back nobody else.
                return
            context.met(node, facts)

        await asyncio.gather(*(one(node) for node in nodes if context.exists(node)))


def _role(name: str) -> Role:
    found = next((role for role in get_args(Role) if role == name), None)
    if found is None:
        raise ValueError(f"{name} is no role of a cluster's machine")
    return cast("Role", found)
