"""What an action is: where it is offered, what it needs, and the reason why it is not possible now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from core.live.objects import Right, Rights, Target
from core.status import ComponentStatus, EnvironmentStatus

Subject = Literal[
    "environment",
    "cluster",
    "workers",
    "gateways",
    "pod",
    "host",
    "container",
    "object",
    "node",
    "instance",
    "workload",
    "rollout",
    "scalable",
    "cronjob",
    "service",
    "secret",
]
"""What an action is offered on: a line of the declaration first, then sorts of live objects.

A "container" is that of an application on a Docker "host". An "instance" is a Kubernetes Pod, a "workload" has pods, a
"rollout" has revisions of them.
"""

Danger = Literal["none", "changes", "destroys"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What an action is asked of: an environment, a component of it, or live objects of its clusters.

    `rights` are the answers of access reviews so far; `read_only` holds the environments in which nothing may change.
    `application` is one of a Docker host's, or "" for all of them.
    """

    environment: EnvironmentStatus
    component: ComponentStatus | None = None
    objects: tuple[Target, ...] = ()
    rights: Rights = field(default_factory=Rights)
    read_only: frozenset[str] = frozenset()
    application: str = ""

    @property
    def place(self) -> str:
        """The component, or "HOST/APPLICATION"; empty where it is asked of the environment."""
        name = self.component.name if self.component else ""
        return f"{name}/{self.application}" if self.application else name


Guard = Callable[[Selection], str | None]


def always(selection: Selection) -> None:
    """The guard of what is possible at any time."""


@dataclass(frozen=True, slots=True)
class Need:
    """A right that an action needs on each of its objects; no `resource` means the object's own."""

    verb: str
    subresource: str = ""
    resource: str = ""
    group: str = ""

    def of(self, target: Target) -> Right:
        """The right to be reviewed for this object; on a namespaced resource in the object's namespace."""
        resource, group = (self.resource, self.group) if self.resource else (target.kind.resource, target.kind.group)
        return Right(self.verb, resource, group, self.subresource, target.namespace)


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that a person is asked before the action; `name` is the argument's, an absent default is required."""

    name: str
    title: str
    kind: Literal["text", "number", "flag", "choice"] = "text"
    default: Any = None
    choices: tuple[str, ...] = ()
    optional: bool = False
    help: str = ""


_KINDS: dict[Subject, str] = {
    "cluster": "KubernetesCluster",
    "workers": "KubernetesCluster",
    "gateways": "KubernetesCluster",
    "pod": "KubernetesPod",
    "host": "DockerStandaloneHost",
    "container": "DockerStandaloneHost",
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do; `guard` gives the reason why it is not possible now, or None.

    `subjects` are the lines it is offered on. `key` is its default key, None where it has none. `bulk` ones take
    several objects at once. `shows` ones only open something that the front end shows; they are not performed.
    """

    id: str
    title: str
    subjects: frozenset[Subject]
    danger: Danger
    guard: Guard = always
    key: str | None = None
    needs: tuple[Need, ...] = ()
    asks: tuple[Ask, ...] = ()
    bulk: bool = False
    shows: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of component that it can be asked of."""
        return frozenset(_KINDS[subject] for subject in self.subjects if subject in _KINDS)

    def refusal(self, selection: Selection) -> str | None:
        """Why it is not possible on this selection, the first reason that holds: read-only, count, rights, state."""
        return (
            self._read_only(selection)
            or self._too_many(selection)
            or self._not_allowed(selection)
            or self.guard(selection)
        )

    def command(self, selection: Selection) -> str:
        """The command line of ours that does the same to an environment or a component."""
        name = selection.environment.environment
        if selection.component is None:
            return f"gondolier {self.id} {name}"
        return f"gondolier action {name}/{selection.place} {self.id}"

    def _read_only(self, selection: Selection) -> str | None:
        names = {selection.environment.environment, *(target.cluster.environment for target in selection.objects)}
        closed = sorted(names & selection.read_only)
        if self.danger == "none" or not closed:
            return None
        return f"environment {closed[0]} is read-only: switch that off first"

    def _too_many(self, selection: Selection) -> str | None:
        if self.bulk or len(selection.objects) < 2:
            return None
        return f"{self.title}: one at a time, {len(selection.objects)} are marked"

    def _not_allowed(self, selection: Selection) -> str | None:
        for target in selection.objects:
            for need in self.needs:
                if reason := selection.rights.refusal(target.cluster, need.of(target)):
                    return reason
        return None
