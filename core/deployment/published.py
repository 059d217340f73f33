"""The last step of a published pod: every gateway says that it serves it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial

from core.cluster.context import ClusterContext
from core.cluster.gateway import STATUS
from core.cluster.layout import Node
from core.cluster.operation import Reasons
from core.deployment.context import EnvironmentContext
from core.engine.errors import Trouble
from core.engine.pauses import Pauses
from core.engine.step import Change, Report, Step
from core.kube.together import Together
from core.machines.steps import Unknown
from core.model.pod import KubernetesPod
from core.model.scope import Scope

SERVED = "served"


Statuses = dict[str, Together[bytes | None]]
"""What the agents of the gateways last said, by gateway; read once for all pods that ask at the same time."""


def published_steps(context: EnvironmentContext, cluster: ClusterContext) -> list[Step]:
    """A step for each pod of the cluster that runs."""
    statuses: Statuses = {
        node.name: Together(partial(_status, cluster, node)) for node in cluster.blueprint.layout.of("gateway")
    }
    pods = (pod for pod in context.environment.pods(cluster.name) if pod.applications)
    return [_published_step(context, statuses, pod) for pod in pods]


def _published_step(context: EnvironmentContext, statuses: Statuses, pod: KubernetesPod) -> Step:
    """A pod's ports are open on every gateway; what was recorded as its endpoints says which."""

    async def probe() -> Sequence[Change]:
        wanted = _ports(context, pod)
        asked = statuses.items() if wanted else ()
        found = await asyncio.gather(*(_missing(name, status, wanted) for name, status in asked))
        return [change for changes in found for change in changes]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        reasons, pauses = Reasons(report), Pauses()
        while pending := await probe():
            reasons.tell(pending)
            await pauses.wait()

    title = f"gateways serve {pod.name}"
    requires = frozenset({f"{pod.name}/endpoints"})
    return Step(f"{pod.name}/published", pod.name, pod.name, "published", title, probe, apply, requires, deadline=120)


def _ports(context: EnvironmentContext, pod: KubernetesPod) -> set[tuple[int, str]]:
    """The gateways' ports that are recorded for the pod's applications, with their protocols."""
    return {
        (record.port, record.protocol)
        for record in context.store.endpoints.list(context.name)
        if record.component == pod.name and record.scope == str(Scope.CLOUD)
    }


async def _status(cluster: ClusterContext, node: Node) -> bytes | None:
    return await (await cluster.connect(node)).read(STATUS)


async def _missing(gateway: str, status: Together[bytes | None], wanted: set[tuple[int, str]]) -> list[Change]:
    try:
        raw = await status.answer()
    except (Trouble, Unknown) as trouble:
        return [Change("wait", f"gateway {gateway}", after=str(trouble))]
    return unserved(gateway, raw, wanted)


def unserved(gateway: str, status: bytes | None, wanted: set[tuple[int, str]]) -> list[Change]:
    """The ports that a gateway does not serve, by what its agent last said; None where it has said nothing."""
    rows = json.loads(status)["services"] if status else []
    states = {(row["port"], row["protocol"]): str(row["state"]) for row in rows}
    return [
        Change("wait", f"port {port}/{protocol} on {gateway}", after=states.get((port, protocol), "not seen"))
        for port, protocol in sorted(wanted)
        if states.get((port, protocol)) != SERVED
    ]
