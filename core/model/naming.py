"""The names of a cluster's machines, made from patterns.

By default: control plane kube-1, workers kube-2 and on, gateways gateway-1 and on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from core.model.base import refusal

if TYPE_CHECKING:
    from core.model.cluster import KubernetesCluster
    from core.model.declaration import Declaration

MOST_MACHINES = 1000
"""The largest maximum that a document may give workers or gateways."""

Role = Literal["control-plane", "worker", "gateway", "docker-host"]


@dataclass(frozen=True, slots=True)
class MachineName:
    """A machine that shall exist: its name is its host name; `index` is its place in its role, from 1."""

    name: str
    role: Role
    index: int


def expand(pattern: str, number: int) -> str:
    """The pattern with every `#` replaced by the number."""
    return pattern.replace("#", str(number))


def machines(cluster: KubernetesCluster) -> tuple[MachineName, ...]:
    """The machines that the cluster's counts ask for: control plane, then workers, then gateways."""
    return _machines(cluster, cluster.workers.count, cluster.gateways.count)


def declared_machines(declaration: Declaration) -> dict[str, tuple[str, ...]]:
    """The names of the machines that each component asks for, by component."""
    found = {cluster.name: tuple(one.name for one in machines(cluster)) for cluster in declaration.clusters()}
    return found | {host.name: (host.machine,) for host in declaration.hosts()}


def potential_machines(cluster: KubernetesCluster) -> tuple[MachineName, ...]:
    """The machines that the cluster has at its largest."""
    return _machines(cluster, cluster.workers.max, cluster.gateways.max)


def _machines(cluster: KubernetesCluster, workers: int, gateways: int) -> tuple[MachineName, ...]:
    return (
        MachineName(expand(cluster.node_pattern, 1), "control-plane", 1),
        *(MachineName(expand(cluster.node_pattern, n + 1), "worker", n) for n in range(1, workers + 1)),
        *(MachineName(expand(cluster.gateway_pattern, n), "gateway", n) for n in range(1, gateways + 1)),
    )


def collision(node_pattern: str, gateway_pattern: str) -> str | None:
    """A name that both patterns give for some number of machines, however many there will ever be."""
    nodes = {expand(node_pattern, n) for n in range(1, MOST_MACHINES + 2)}
    gateways = (expand(gateway_pattern, n) for n in range(1, MOST_MACHINES + 1))
    return next((name for name in gateways if name in nodes), None)


def _pattern(text: str) -> str:
    if "#" not in text:
        raise refusal("a pattern with a `#`, which becomes the machine's number, as kube-#")
    if len(expand(text, MOST_MACHINES + 1)) > 63:
        raise refusal("a pattern whose names stay within 63 characters")
    return text


NamePattern = Annotated[
    str,
    Field(
        pattern=r"^[a-z]([a-z0-9#-]*[a-z0-9#])?$",
        description="a letter, then lower-case letters, digits, dashes and a `#` for the machine's number, as kube-#",
    ),
    AfterValidator(_pattern),
]
