"""A container as a class describes it: the fields of a document's application, without its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from core.model.container import ApplicationPort, DockerVolume, Probe, Resources
from core.model.value import ConnectionValue, GeneratedValue, SecretValue, SharedValue

Variable = str | SecretValue | GeneratedValue | SharedValue | ConnectionValue


@dataclass(frozen=True, slots=True)
class Description:
    """What a container is described from: the application's name, its component's, and the entry's parameters.

    A secret parameter's value is what a variable may hold (`{"kind": "generated"}`), never the secret itself.
    """

    name: str
    component: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerContainer:
    """A container. `command` are arguments for the image's entry point, `volumes` and `files` are by path in it.

    `image` is pinned by tag; that of the class's entry where it is empty.
    """

    image: str = ""
    command: Sequence[str] = ()
    env: Mapping[str, Variable | Mapping[str, Any]] = field(default_factory=dict)
    ports: Sequence[ApplicationPort] = ()
    volumes: Mapping[str, DockerVolume] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False
    resources: Resources | None = None
    probe: Probe | None = None
    liveness: Probe | None = None

    def said(self) -> dict[str, Any]:
        """The fields of a document's application that say something."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value}
