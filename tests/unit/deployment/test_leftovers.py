"""A cluster that left the document leaves nothing behind, and one of its name can be made again."""

from __future__ import annotations

from core.cluster.context import UP
from core.cluster.pki import Pki
from core.deployment.context import EnvironmentContext
from core.deployment.leftovers import gone_clusters
from core.deployment.removal import abandoned_steps
from core.engine.step import Graph
from core.model.document import parse
from core.store.endpoints import EndpointRecord
from core.store.machines import MachineRecord
from core.store.store import Store
from tests.unit.cluster.conftest import quiet
from tests.unit.deployment.conftest import DOCUMENT


def environment(store: Store) -> EnvironmentContext:
    return EnvironmentContext(store, parse(DOCUMENT))


async def test_a_gone_cluster_is_forgotten_after_its_machines(store: Store) -> None:
    context = environment(store)
    store.machines.upsert(MachineRecord("lab", "beta", "beta-1", "worker", 1))
    Pki(context.keys / "clusters" / "beta").make_authority("ca", "kubernetes-ca")
    store.values.set("lab", "beta", UP, True)
    graph = Graph.of(abandoned_steps(context))
    last = graph.steps[-1]
    assert (last.id, last.requires) == ("beta/forget", frozenset({"beta/beta-1/delete"}))
    await last.apply(await last.probe(), quiet)
    assert await last.probe() == []
    assert store.values.all("lab", "beta") == {} and not (context.keys / "clusters" / "beta").exists()


async def test_a_run_killed_before_it_forgot_is_made_good_by_the_next(store: Store) -> None:
    context = environment(store)
    Pki(context.keys / "clusters" / "beta").make_authority("ca", "kubernetes-ca")
    assert gone_clusters(context) == ["beta"]


async def test_a_declared_cluster_is_not_gone(store: Store) -> None:
    context = environment(store)
    Pki(context.keys / "clusters" / "alpha").make_authority("ca", "kubernetes-ca")
    store.machines.upsert(MachineRecord("lab", "alpha", "kube-1", "control-plane", 1))
    assert gone_clusters(context) == []


async def test_endpoints_of_pods_that_left_are_forgotten(store: Store) -> None:
    context = environment(store)
    for component in ("web", "old"):
        record = EndpointRecord(component, "site", "10.0.0.1", 80, "public", "public", 80, "TCP")
        store.endpoints.replace("lab", component, [record])
    step = Graph.of(abandoned_steps(context)).steps[0]
    changes = await step.probe()
    assert [change.subject for change in changes] == ["endpoints of old"]
    await step.apply(changes, quiet)
    assert [entry.component for entry in store.endpoints.list("lab")] == ["web"]
