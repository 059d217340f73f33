"""A machine of its own that runs containers with Docker."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.model.base import Declared, Flag
from core.model.container import Application
from core.model.instance import Instance
from core.model.registry import Registry
from core.model.text import DnsLabel


class DockerStandaloneHost(Declared):
    """One machine with Docker and the applications on it; `hostname` is its component's name unless given."""

    kind: Literal["DockerStandaloneHost"] = Field("DockerStandaloneHost", description="DockerStandaloneHost")
    name: DnsLabel
    hostname: DnsLabel | None = None
    floating_ip: Flag = Field(True, description="true or false")
    applications: tuple[Application, ...] = Field((), description="a list of applications, each with name, image")
    registry: Registry = Field(Registry(), description="a mapping with host, mirror, ca, credentials")
    instance: Instance = Field(Instance(), description="a mapping with flavor, image, key_pair, availability_zone")

    @property
    def machine(self) -> str:
        """The name of its machine."""
        return self.hostname or self.name
