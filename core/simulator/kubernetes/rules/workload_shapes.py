"""The shapes of what makes pods.

Source: k8s.io/api.
"""

from __future__ import annotations

from core.simulator.kubernetes.rules.pod_shapes import Anything, Condition, IntOrText, Metadata, Shape, Template, Texts


class Requirement(Shape):
    """An expression in a label selector."""

    key: str
    operator: str
    values: list[str] | None = None


class LabelSelector(Shape):
    """A label selector."""

    match_labels: Texts | None = None
    match_expressions: list[Requirement] | None = None


class RollingUpdate(Shape):
    """How many at a time."""

    max_surge: IntOrText = 0
    max_unavailable: IntOrText = 0
    partition: int = 0


class Strategy(Shape):
    """How a workload is brought up to date."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class WorkloadSpec(Shape):
    """What Deployments, ReplicaSets, StatefulSets and DaemonSets have in common."""

    replicas: int = 1
    selector: LabelSelector | None = None
    template: Template | None = None
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    revision_history_limit: int = 10
    progress_deadline_seconds: int = 600
    min_ready_seconds: int = 0
    paused: bool = False
    service_name: str = ""
    persistent_volume_claim_retention_policy: Texts | None = None


class WorkloadStatus(Shape):
    """The counts in a workload's status."""

    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    observed_generation: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    conditions: list[Condition] | None = None


class Workload(Shape):
    """A workload."""

    metadata: Metadata
    spec: WorkloadSpec
    status: WorkloadStatus | None = None


class ReplicationSpec(Shape):
    """What is wanted of a ReplicationController."""

    replicas: int = 1
    selector: Texts | None = None
    template: Template | None = None


class Replication(Shape):
    """A ReplicationController."""

    metadata: Metadata
    spec: ReplicationSpec
    status: WorkloadStatus | None = None


class JobSpec(Shape):
    """What is wanted of a Job."""

    template: Template | None = None
    selector: LabelSelector | None = None
    parallelism: int = 1
    completions: int | None = None
    backoff_limit: int = 6
    suspend: bool = False
    manual_selector: bool = False


class JobStatus(Shape):
    """A Job's status."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: str = ""
    completion_time: str = ""
    conditions: list[Condition] | None = None


class Job(Shape):
    """A Job."""

    metadata: Metadata
    spec: JobSpec
    status: JobStatus | None = None


class JobTemplate(Shape):
    """A Job as a CronJob makes it."""

    metadata: Metadata | None = None
    spec: JobSpec | None = None


class CronJobSpec(Shape):
    """What is wanted of a CronJob."""

    schedule: str = ""
    suspend: bool = False
    job_template: JobTemplate | None = None


class CronJobStatus(Shape):
    """A CronJob's status."""

    active: list[Anything] | None = None
    last_schedule_time: str = ""


class CronJob(Shape):
    """A CronJob."""

    metadata: Metadata
    spec: CronJobSpec
    status: CronJobStatus | None = None


class BudgetSpec(Shape):
    """What is wanted of a PodDisruptionBudget."""

    selector: LabelSelector | None = None
    min_available: IntOrText | None = None
    max_unavailable: IntOrText | None = None


class BudgetStatus(Shape):
    """A PodDisruptionBudget's status."""

    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: list[Condition] | None = None


class Budget(Shape):
    """A PodDisruptionBudget."""

    metadata: Metadata
    spec: BudgetSpec
    status: BudgetStatus | None = None
