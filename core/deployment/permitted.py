"""Changes of a declaration that a deployed environment cannot follow, refused before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator

from core.cluster.options import objections
from core.engine.errors import Refusal
from core.model.cluster import KubernetesCluster
from core.model.environment import Environment
from core.model.naming import declared_machines
from core.store.store import Store


def refuse_changes(store: Store, environment: Environment) -> None:
    """Compare the declaration with what was deployed, from the database alone.

    Raises:
        Refusal: with every reason.
    """
    found = [reason for cluster in environment.clusters() for reason in _reasons(store, environment.name, cluster)]
    found += _taken_names(store, environment)
    if found:
        raise Refusal("; ".join(found), where=environment.name, fix="declare it as it was, or make another cluster")


def _reasons(store: Store, environment: str, cluster: KubernetesCluster) -> Iterator[str]:
    for reason in objections(cluster, store.values.all(environment, cluster.name)):
        yield f"{cluster.name}: {reason}"


def _taken_names(store: Store, environment: Environment) -> Iterator[str]:
    owners = {record.name: record.component for record in store.machines.list(environment.name)}
    for component, names in declared_machines(environment).items():
        for owner in sorted({owners[name] for name in names if name in owners} - {component}):
            taken = ", ".join(name for name in names if owners.get(name) == owner)
            yield f"{component}: {taken} belongs to {owner} as long as that one's machines are not removed"
