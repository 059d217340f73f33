"""Clusters, kinds and objects, as a front end names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class ClusterRef:
    """A cluster of an environment; its text is "lab/alpha"."""

    environment: str
    cluster: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.cluster}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that a cluster serves.

    `resource` is its plural name in the API ("pods"), `version` its group and version ("v1", "apps/v1"), `short` the
    other words that kubectl takes for it; `verbs` is what the server offers ("list", "watch", "delete", …).
    """

    kind: str
    resource: str
    version: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})

    @property
    def group(self) -> str:
        """The API group, "" for the core's."""
        return self.version.rpartition("/")[0]

    @property
    def id(self) -> str:
        """The name that tells it from every other kind: "pods", "deployments.apps"."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass(frozen=True, slots=True)
class Target:
    """One object of a cluster that an operation is asked of; `row` is its typed row where one is at hand.

    A node's name is its machine's name in the environment. `container` names one of a pod's containers, or none.
    """

    cluster: ClusterRef
    kind: Kind
    name: str
    namespace: str = ""
    uid: str = ""
    container: str = ""
    row: object = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        inside = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.kind} {inside}{self.name}"


@dataclass(frozen=True, slots=True)
class Right:
    """Something that an access review is asked about; `namespace` is "" for the whole cluster."""

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """Answers of access reviews: None where the right is given, else the sentence why not; unknown ones are absent."""

    answers: Mapping[tuple[ClusterRef, Right], str | None] = field(default_factory=dict)

    def refusal(self, cluster: ClusterRef, right: Right) -> str | None:
        """The sentence why this is not allowed; None where it is, or where nobody has asked yet."""
        return self.answers.get((cluster, right))
