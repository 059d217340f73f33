"""What can be run on an environment, each as an order with its stages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from core.containers.actions import recreate_pod, restart_containers
from core.deployment.build import deployment_graph
from core.deployment.context import EnvironmentContext
from core.deployment.host_actions import HOST_ACTIONS, act_on_host
from core.deployment.planned import SIMULATED
from core.deployment.removal import destroy_graph
from core.deployment.surroundings import variables_of
from core.engine.run import Order, Run
from core.engine.step import Change, Graph, Report, Step
from core.model.counts import with_gateway_count, with_replicas, with_worker_count
from core.model.document import dump
from core.model.environment import Environment
from core.model.pod import KubernetesPod
from core.store.drafts import Draft
from core.store.environments import EnvironmentRecord

Scaled = Callable[[Environment, str], Environment]


def _workers(by: int) -> Scaled:
    def scaled(environment: Environment, name: str) -> Environment:
        count = next(cluster.workers.count for cluster in environment.clusters() if cluster.name == name)
        return with_worker_count(environment, name, count + by)

    return scaled


def _gateways(by: int) -> Scaled:
    def scaled(environment: Environment, name: str) -> Environment:
        count = next(cluster.gateways.count for cluster in environment.clusters() if cluster.name == name)
        return with_gateway_count(environment, name, count + by)

    return scaled


def _replicas(by: int) -> Scaled:
    def scaled(environment: Environment, name: str) -> Environment:
        replicas = next(pod.replicas for pod in environment.pods() if pod.name == name)
        return with_replicas(environment, name, replicas + by)

    return scaled


SCALINGS: dict[str, Scaled] = {
    "scale-workers-up": _workers(+1),
    "scale-workers-down": _workers(-1),
    "scale-gateways-up": _gateways(+1),
    "scale-gateways-down": _gateways(-1),
    "scale-pod-up": _replicas(+1),
    "scale-pod-down": _replicas(-1),
}
"""Actions that change the declaration by one and deploy it."""

LIVE = frozenset({"recreate-pod", *HOST_ACTIONS})
"""Actions that change nothing that is declared."""


def deployment(context: EnvironmentContext, document: str, draft: Draft | None) -> Run:
    """Make the environment what the document says."""

    async def stage(report: Report) -> Graph:
        _tell_simulated(context, report)
        return await deployment_graph(context)

    return Run(context.store, Order(context.name, "deploy", document, draft=draft), [stage])


def scaling(context: EnvironmentContext, record: EnvironmentRecord, action: str) -> Run:
    """Deploy a declaration that was changed by one; `context` holds the changed one."""

    async def stage(report: Report) -> Graph:
        _tell_simulated(context, report)
        return await deployment_graph(context)

    order = Order(context.name, action, dump(context.declared), base=record.version)
    return Run(context.store, order, [stage])


def destruction(context: EnvironmentContext, document: str) -> Run:
    """Take everything of the environment away."""

    async def stage(report: Report) -> Graph:
        _tell_simulated(context, report)
        return await destroy_graph(context)

    return Run(context.store, Order(context.name, "destroy", document, deleting=True), [stage])


def live_action(
    context: EnvironmentContext, record: EnvironmentRecord, component: str, application: str, action: str
) -> Run:
    """Do something once to a pod's replicas, or to the containers of a Docker host: of one application, or of all."""
    holder = context.environment.component(component)

    async def on_host(report: Report) -> None:
        await act_on_host(context, component, application, action, report)

    async def on_pod(report: Report) -> None:
        if isinstance(holder, KubernetesPod):
            await _act_on_pod(context, holder, action, report)

    async def stage(report: Report) -> Graph:
        _tell_simulated(context, report)
        work = on_pod if isinstance(holder, KubernetesPod) else on_host
        return Graph.of([_once(component, application or component, action, work)])

    return Run(context.store, Order(context.name, action, record.document or "", base=record.version), [stage])


def _tell_simulated(context: EnvironmentContext, report: Report) -> None:
    if context.cloud.simulated:
        report(SIMULATED)


async def _act_on_pod(context: EnvironmentContext, pod: KubernetesPod, action: str, report: Report) -> None:
    await context.observe()
    api = await context.clusters[pod.cluster].api()
    if action == "recreate-pod":
        # As it is declared with the catalogue's applications filled in.
        await recreate_pod(api, pod, variables_of(context, pod), report)
    else:
        await restart_containers(api, pod, variables_of(context, pod), context.run_on, report)


Work = Callable[[Report], Awaitable[None]]


def _once(component: str, target: str, action: str, work: Work) -> Step:
    """A step for something that leaves no trace to probe: it is done when its work, which waits for it, returns."""
    done = False

    async def probe() -> Sequence[Change]:
        return [] if done else [Change("run", f"{action} of {target}")]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        nonlocal done
        await work(report)
        done = True

    return Step(f"{target}/{action}", component, target, action, f"{action} {target}", probe, apply, deadline=600)
