"""Every controller, with what each looks after: the controller manager's contents."""

from __future__ import annotations

from core.simulator.kubernetes.controllers import gathering, statefulset
from core.simulator.kubernetes.controllers.claims import RESOURCE as CLAIMS
from core.simulator.kubernetes.controllers.cronjob import RESOURCE as CRON_JOBS
from core.simulator.kubernetes.controllers.daemonset import RESOURCE as DAEMON_SETS
from core.simulator.kubernetes.controllers.deployment import RESOURCE as DEPLOYMENTS
from core.simulator.kubernetes.controllers.deployment import SETS
from core.simulator.kubernetes.controllers.disruption import RESOURCE as BUDGETS
from core.simulator.kubernetes.controllers.driver import ANY, Controller
from core.simulator.kubernetes.controllers.job import RESOURCE as JOBS
from core.simulator.kubernetes.controllers.relations import (
    always,
    controller_in,
    controller_or_adopter,
    every,
    its_namespace,
    its_node,
    itself,
    kin,
    selecting,
)
from core.simulator.kubernetes.controllers.tending import Caretaker, Settings

STATEFUL_SETS, CONTROLLERS = statefulset.RESOURCE, "replicationcontrollers"
_ADOPTED = {kind: controller_or_adopter(kind) for kind in (DEPLOYMENTS, SETS, CONTROLLERS)}
_CONTROLLED = {kind: controller_in(kind) for kind in (STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS)}
_BEHIND = {"services": itself, "pods": selecting("services")}


def controllers(settings: Settings) -> tuple[Controller, ...]:
    """All controllers of a cluster: who speaks in events, what is reconciled, and what leads to it."""
    tending = Caretaker(settings)
    return (
        Controller(
            "deployment-controller", gathering.of_deployment, {DEPLOYMENTS: itself, SETS: _ADOPTED[DEPLOYMENTS]}
        ),
        Controller("replicaset-controller", gathering.of_replicas, {SETS: itself, "pods": _ADOPTED[SETS]}),
        Controller(
            "replication-controller", gathering.of_replicas, {CONTROLLERS: itself, "pods": _ADOPTED[CONTROLLERS]}
        ),
        Controller(
            "statefulset-controller",
            gathering.of_stateful_set,
            {STATEFUL_SETS: itself, "pods": _CONTROLLED[STATEFUL_SETS]},
        ),
        Controller(
            "daemonset-controller",
            gathering.of_daemon_set,
            {DAEMON_SETS: itself, "pods": _CONTROLLED[DAEMON_SETS], "nodes": every(DAEMON_SETS)},
        ),
        Controller("job-controller", gathering.of_job, {JOBS: itself, "pods": _CONTROLLED[JOBS]}),
        Controller("cronjob-controller", gathering.of_cron_job, {CRON_JOBS: itself, JOBS: _CONTROLLED[CRON_JOBS]}),
        Controller("endpoint-slice-controller", gathering.of_endpoint_slices, _BEHIND),
        Controller("endpoint-controller", gathering.of_endpoints, _BEHIND),
        Controller("disruption-controller", gathering.of_budget, {BUDGETS: itself, "pods": selecting(BUDGETS)}),
        Controller("persistentvolume-controller", gathering.of_claim, {CLAIMS: itself}),
        Controller("pod-garbage-collector", gathering.of_orphans, {"nodes": always, "pods": its_node}),
        Controller("generic-garbage-collector", gathering.of_garbage, {ANY: kin}),
        Controller("node-controller", tending.node, {"nodes": itself}),
        Controller("namespace-controller", tending.namespace, {"namespaces": itself, ANY: its_namespace}),
    )
