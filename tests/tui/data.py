"""A small landscape: a ready lab, an environment that lost its API, one that was never deployed, one that failed."""

from __future__ import annotations

from typing import Literal

from core.engine.events import (
    ApplyStarted,
    Event,
    Outcome,
    StageStarted,
    StepFinished,
    StepInfo,
    StepReported,
    StepStarted,
)
from core.live.logs import LogRecord, LogSource, RecordKind
from core.live.objects import ClusterRef
from core.runs_api import PlanChange, PlanStep, Preview, Quorum, RunRecord, StepRecord
from core.status import (
    ComponentStatus,
    ConditionStatus,
    DeploymentStatus,
    EndpointStatus,
    EnvironmentStatus,
    EtcdStatus,
    InstanceStatus,
    MemberStatus,
    NodeStatus,
    ReportLine,
)
from tests.tui.fake_console import FakeConsole
from tests.tui.fake_live import FakeLive
from tests.tui.fake_runs import FakeRuns

NOON = 1_790_160_000.0
"""The time of every look, seconds since the epoch."""


def condition(type: str, message: str, reason: str = "Probed", status: bool = True) -> ConditionStatus:
    """A condition that holds, or does not."""
    return ConditionStatus(type, "True" if status else "False", reason, message)


def alpha(workers: int = 3, gateways: int = 1) -> ComponentStatus:
    """A cluster with a control plane, three workers of at most five and one gateway of at most two."""
    nodes = [NodeStatus("kube-1", "control-plane", True, "10.7.0.11")]
    nodes += [NodeStatus(f"kube-{n}", "worker", True, f"10.7.0.1{n}") for n in range(2, 2 + workers)]
    nodes += [NodeStatus(f"gateway-{n}", "gateway", True, f"10.7.0.2{n}") for n in range(1, 1 + gateways)]
    return ComponentStatus(
        "alpha",
        "KubernetesCluster",
        conditions=(
            condition("Ready", "all 7 conditions hold", "Complete"),
            condition("EtcdHealthy", "3 voters, tolerates 1 loss, leader kube-1", "Quorum"),
            condition("WorkersReady", "3 of 3 workers are Ready", "Registered"),
            condition("NetworkReady", "calico 3.31.7 runs on 5 of 5 nodes", "Routed"),
            condition("DnsReady", "cluster.local answers in 2 ms", "Answered"),
            condition("SystemPodsRunning", "11 of 11 pods of kube-system run", "Running"),
            condition("GatewaysServing", "gateway-1 serves 6 services, last reload 11:59:10", "Served"),
        ),
        version="1.36.4",
        network="calico",
        workers=workers,
        workers_max=5,
        gateways=gateways,
        gateways_max=2,
        nodes=tuple(nodes),
        etcd=EtcdStatus(tuple(MemberStatus(f"kube-{n}", False, True) for n in (1, 2, 3))),
    )


def web(replicas: int = 2) -> ComponentStatus:
    """A pod with its replicas on kube-2 and kube-3."""
    return ComponentStatus(
        "web",
        "KubernetesPod",
        conditions=(condition("Available", f"{replicas} of {replicas} replicas are available", "Rolled"),),
        cluster="alpha",
        workload="Deployment",
        replicas=replicas,
        ready_replicas=replicas,
        instances=tuple(
            InstanceStatus(f"web-6c9f7d4b5-{tail}", "Running", True, node, 0, 260, ("site",))
            for tail, node in zip(("x2kqp", "k8wzn")[:replicas], ("kube-2", "kube-3"), strict=False)
        ),
    )


def jobs() -> ComponentStatus:
    """A pod of which one replica crashes."""
    return ComponentStatus(
        "queue",
        "KubernetesPod",
        conditions=(condition("Available", "queue-0 restarts: OOMKilled", "Crashing", False),),
        cluster="alpha",
        workload="ReplicationController",
        replicas=1,
        ready_replicas=0,
        instances=(InstanceStatus("queue-7d9c5b-m4rtl", "CrashLoopBackOff", False, "kube-4", 6, 1480, ("broker",)),),
    )


def lab(status: str = "ready", **parts: object) -> EnvironmentStatus:
    """The environment that is deployed on this box."""
    components = (alpha(**parts), web(), jobs())  # type: ignore[arg-type]
    return EnvironmentStatus("lab", status, "simulated", True, components, deployed=status != "new", taken=NOON)


def shop(name: str, status: str) -> EnvironmentStatus:
    """An environment in a cloud of which only the declaration is known."""
    cluster = ComponentStatus(
        "store", "KubernetesCluster", version="1.35.6", network="flannel", workers=4, workers_max=8, gateways=2,
        gateways_max=2,
    )  # fmt: skip
    return EnvironmentStatus(name, status, "openstack", False, (cluster,), deployed=True, taken=NOON - 190)


ENDPOINTS = [
    EndpointStatus("web", "site", "203.0.113.20", 80, "public", "public", 80, "tcp"),
    EndpointStatus("web", "site", "10.7.0.21", 80, "cloud", "public", 80, "tcp"),
    EndpointStatus("web", "site", "10.32.0.77", 80, "internal", "public", 80, "tcp"),
    EndpointStatus("queue", "broker", "10.7.0.21", 5672, "cloud", "cloud", 5672, "tcp"),
    EndpointStatus("queue", "broker", "10.32.0.91", 5672, "internal", "cloud", 5672, "tcp"),
]

RUN = DeploymentStatus(7, "scale-workers-up", "running", NOON - 21, None, "ada@quay")


def info(target: str, phase: str, estimate: float | None = 8.0) -> StepInfo:
    """A step of the run."""
    title = f"{phase} of {target}"
    return StepInfo(id=f"alpha/{target}/{phase}", component="alpha", target=target, phase=phase, title=title,
                    estimate=estimate)  # fmt: skip


_PHASES = ("create", "runtime", "etcd", "kubelet")
STEPS = tuple(info(target, phase) for target in ("kube-1", "kube-5") for phase in _PHASES)


def told(number: int, ago: float, text: str, level: Literal["info", "warning", "error"] = "info") -> StepReported:
    """A line of the report about kube-5's etcd."""
    return StepReported(time=NOON - ago, number=number, component="alpha", level=level, text=text,
                        step="alpha/kube-5/etcd", target="kube-5")  # fmt: skip


def finished(target: str, phase: str, outcome: Outcome = "done", text: str = "") -> StepFinished:
    """A step is over."""
    return StepFinished(time=NOON - 5, step=f"alpha/{target}/{phase}", outcome=outcome, seconds=4.5, text=text)


EVENTS: list[Event] = [
    StageStarted(time=NOON - 21, stage=1, stages=1, steps=STEPS),
    *(finished("kube-1", phase, "unchanged") for phase in _PHASES),
    finished("kube-5", "create"),
    finished("kube-5", "runtime"),
    StepStarted(time=NOON - 12, step="alpha/kube-5/etcd"),
    ApplyStarted(time=NOON - 11, step="alpha/kube-5/etcd", attempt=1, count=2, changes="join etcd"),
    told(1, 12, "adding as learner; voters 3 → 3, tolerates 1 loss throughout"),
    told(2, 9, "calico-node not ready after 5 s, trying again", "warning"),
    told(3, 3, "81 % of the leader's log"),
]

PREVIEW = Preview(
    "lab",
    (
        PlanStep("alpha/kube-5/create", "alpha", "kube-5", "create", "create kube-5", "",
                 (PlanChange("create", "machine kube-5", False, ("+10.7.0.15",)),), 6.0),
        PlanStep("alpha/kube-5/etcd", "alpha", "kube-5", "etcd", "etcd on kube-5", "",
                 (PlanChange("create", "file /etc/etcd.conf", False, tuple(f"+line {n}" for n in range(12))),
                  PlanChange("create", "file /etc/key.pem", True, ())), 8.0),
        PlanStep("alpha/kube-4/state", "alpha", "kube-4", "kubelet", "kubelet of kube-4", "SSH was refused", (), None),
    ),
    (Quorum("alpha", 3, 5, 1, 2, ("kube-5",)),),
    14.0,
    ("1 step could not be looked at: the plan may be longer",),
    True,
)  # fmt: skip

RECORD = RunRecord(
    7,
    "environment: lab\nworkers: 3\n",
    (
        StepRecord("alpha/kube-5/create", "alpha", "kube-5", "create", "done", NOON - 20, 4.5, 1, "create machine"),
        StepRecord("alpha/kube-5/etcd", "alpha", "kube-5", "etcd", "failed", NOON - 12, 9.0, 3, "no space on /var"),
    ),
    (ReportLine(1, NOON - 12, "kube-5", "error", "no space on /var"),),
)

ALPHA = ClusterRef("lab", "alpha")

X2 = LogSource(ALPHA, "default", "web-6c9f7d4b5-x2kqp", "site")
K8 = LogSource(ALPHA, "default", "web-6c9f7d4b5-k8wzn", "site")


def record(source: LogSource, number: int, text: str, kind: RecordKind = "line") -> LogRecord:
    """A line written so many seconds after noon."""
    return LogRecord(source, int((NOON + number) * 1e9), text, kind)


LOG = [
    record(X2, 1, "INFO  GET /cart 200 12ms"),
    record(K8, 2, "WARN  upstream timeout after 3000ms order=1182"),
    record(X2, 3, "ERROR no such order: 1182"),
    record(K8, 4, "exit 137, OOMKilled", "restarted"),
    record(K8, 5, '{"level":"info","msg":"listening on :80","port":80}'),
]


def landscape() -> FakeConsole:
    """A façade over all of it."""
    statuses = [lab(), shop("shop-prod", "deploy failure"), shop("shop-test", "new")]
    return FakeConsole(
        statuses={status.environment: status for status in statuses},
        endpoint_list={"lab": ENDPOINTS},
        deployed=[RUN],
        runs=FakeRuns(plan=PREVIEW, happened=list(EVENTS), records={7: RECORD}),
        live=FakeLive(cluster_list=[ALPHA], records=list(LOG)),
    )
