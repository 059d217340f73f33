"""A cluster's context without machines: what is planned of it, and what its steps keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from core.clouds.base import CloudMachine
from core.cluster.blueprint import Blueprint
from core.cluster.context import ClusterContext
from core.cluster.layout import Layout, Node
from core.cluster.pki import Pki
from core.machines.artifacts import Artifacts
from core.machines.connections import Connections
from core.model.cluster import KubernetesCluster
from core.store.machines import MachineRecord
from core.store.store import Store

MakeContext = Callable[..., ClusterContext]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "home") as opened:
        opened.environments.ensure("lab")
        yield opened


@pytest.fixture
def make_context(store: Store, tmp_path: Path) -> MakeContext:
    """A context of cluster alpha; every machine runs but those named in `lost`."""

    def make(
        nodes: Sequence[Node], leaving: Sequence[Node] = (), *, lost: Sequence[str] = (), cloud: Any = None
    ) -> ClusterContext:
        everyone = [*nodes, *leaving]
        blueprint = Blueprint(
            cluster=KubernetesCluster(name="alpha", version="1.36"),
            layout=Layout(tuple(nodes), tuple(leaving)),
            versions={},
            pki=Pki(tmp_path / "keys"),
            addresses={node.name: node.address for node in everyone if node.address},
        )

        def identity(node: Node) -> MachineRecord:
            known = store.machines.get("lab", node.name)
            host_key = (known.host_key if known else None) or "ssh-ed25519 AAAA"
            return MachineRecord(
                "lab", "alpha", node.name, node.role, node.index, address=node.address, host_key=host_key
            )

        return ClusterContext(
            environment="lab",
            component=blueprint.cluster.name,
            blueprint=blueprint,
            cloud=cloud,
            connections=cast("Connections", None),
            artifacts=cast("Artifacts", None),
            store=store,
            api=cast("Any", None),
            identity=identity,
            machines={node.name: machine_of(node) for node in everyone if node.name not in lost},
        )

    return make


def machine_of(node: Node) -> CloudMachine:
    return CloudMachine(node.name, f"lab/{node.name}", "running", node.address)


def head() -> Node:
    return Node("kube-1", "control-plane", 1, "10.0.0.11")


def worker(number: int) -> Node:
    return Node(f"kube-{number}", "worker", number - 1, f"10.0.0.{10 + number}")


def gateway() -> Node:
    return Node("gateway-1", "gateway", 1, "10.0.0.30")


def quiet(text: str, level: str = "info") -> None:
    pass
