"""What makes pods."""

from __future__ import annotations

from datetime import datetime

from core.kube.rows.parts import Condition, Metadata, ObjectReference, Part
from core.kube.rows.pods import Container


class Requirement(Part, frozen=True):
    """One of a selector's expressions; `operator` is "In", "NotIn", "Exists" or "DoesNotExist"."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class Selector(Part, frozen=True):
    """Which pods a workload has: all labels and all expressions must fit."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class TemplateSpec(Part, frozen=True):
    """What the pods run."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_selector: dict[str, str] = {}


class Template(Part, frozen=True):
    """How the pods are made."""

    spec: TemplateSpec = TemplateSpec()


class WorkloadSpec(Part, frozen=True):
    """How many replicas are wanted (the API's default is one), and of what."""

    replicas: int = 1
    paused: bool = False
    selector: Selector = Selector()
    template: Template = Template()


class WorkloadStatus(Part, frozen=True):
    """How far a Deployment, ReplicaSet, ReplicationController or StatefulSet has come."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()
    current_revision: str = ""
    update_revision: str = ""


class WorkloadRow(Part, frozen=True):
    """A Deployment, ReplicaSet or StatefulSet."""

    metadata: Metadata
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class DeploymentRow(WorkloadRow, frozen=True):
    """A Deployment."""


class ReplicaSetRow(WorkloadRow, frozen=True):
    """A ReplicaSet; it has no count of updated replicas."""


class StatefulSetRow(WorkloadRow, frozen=True):
    """A StatefulSet."""


class ReplicationControllerSpec(Part, frozen=True):
    """As a workload's, with labels alone as selector."""

    replicas: int = 1
    selector: dict[str, str] = {}
    template: Template = Template()


class ReplicationControllerRow(Part, frozen=True):
    """A ReplicationController; it has no count of updated replicas."""

    metadata: Metadata
    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: WorkloadStatus = WorkloadStatus()


class DaemonSetSpec(Part, frozen=True):
    """One pod for each node that the template's node selector lets through."""

    selector: Selector = Selector()
    template: Template = Template()


class DaemonSetStatus(Part, frozen=True):
    """How many nodes shall have the pod, and have it."""

    observed_generation: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_misscheduled: int = 0


class DaemonSetRow(Part, frozen=True):
    """A DaemonSet."""

    metadata: Metadata
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class JobSpec(Part, frozen=True):
    """What a job shall complete; None is one, by any of its pods."""

    completions: int | None = None
    parallelism: int | None = None
    suspend: bool = False
    selector: Selector = Selector()
    template: Template = Template()


class JobStatus(Part, frozen=True):
    """How far a job has come."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class JobRow(Part, frozen=True):
    """A Job."""

    metadata: Metadata
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class CronJobSpec(Part, frozen=True):
    """When a job is begun."""

    schedule: str = ""
    time_zone: str = ""
    suspend: bool = False


class CronJobStatus(Part, frozen=True):
    """The jobs that run, and when the last one was begun."""

    active: tuple[ObjectReference, ...] = ()
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


class CronJobRow(Part, frozen=True):
    """A CronJob."""

    metadata: Metadata
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
