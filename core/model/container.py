"""An application: one container with its ports, volumes, environment and limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.model.base import Declared, Flag, Some, Whole
from core.model.image import ImageReference
from core.model.scope import Protocol, Scope
from core.model.text import Content, DnsLabel, EnvName, MachinePath, MountPath

PortNumber = Annotated[Whole, Field(ge=1, le=65535, description="a whole number from 1 to 65535")]


class ApplicationPort(Declared):
    """A port that a container listens on, and how far it is to be visible."""

    port: PortNumber
    scope: Scope = Field(Scope.INTERNAL, description="one of host, internal, cloud, public")
    protocol: Protocol = Field(Protocol.TCP, description="one of TCP, UDP")


class TemporaryVolume(Declared):
    """An empty directory that lives as long as the pod."""

    kind: Literal["temporary"] = Field("temporary", description="temporary")


class HostPathVolume(Declared):
    """A directory of the machine that the container runs on."""

    kind: Literal["host-path"] = Field("host-path", description="host-path")
    path: MachinePath = Field(description="an absolute path on the machine, without `..`")


class ClaimVolume(Declared):
    """A persistent volume claim of the cluster."""

    kind: Literal["claim"] = Field("claim", description="claim")
    claim: DnsLabel = Field(description="the name of a persistent volume claim")
    read_only: Flag = Field(False, description="true or false")


DockerVolume = Annotated[
    TemporaryVolume | HostPathVolume | ClaimVolume,
    Field(
        discriminator="kind",
        description="`{kind: temporary}`, `{kind: host-path, path: PATH}` or `{kind: claim, claim: NAME}`",
    ),
]

Cpu = Annotated[
    str,
    Field(pattern=r"^([1-9][0-9]{0,5}m|[1-9][0-9]{0,3})$", description='processors in quotes, as "500m" or "2"'),
]
Memory = Annotated[
    str,
    Field(pattern=r"^[1-9][0-9]{0,11}(Ki|Mi|Gi|Ti|k|M|G|T)?$", description="an amount of memory, as 256Mi"),
]


class Amounts(Declared):
    """Processor time and memory."""

    cpu: Cpu | None = None
    memory: Memory | None = None


class Resources(Declared):
    """What a container is promised and what it may not exceed."""

    requests: Amounts = Field(Amounts(), description="a mapping with cpu, memory")
    limits: Amounts = Field(Amounts(), description="a mapping with cpu, memory")


class _Timing(Declared):
    delay: Whole = Field(0, ge=0, le=3600, description="seconds before the first try, from 0 to 3600")
    period: Whole = Field(10, ge=1, le=3600, description="seconds between tries, from 1 to 3600")
    timeout: Whole = Field(1, ge=1, le=600, description="seconds to wait for an answer, from 1 to 600")
    failures: Whole = Field(3, ge=1, le=100, description="failed tries in a row that count, from 1 to 100")


class HttpProbe(_Timing):
    """The container is ready when it answers a GET with a status from 200 to 399."""

    kind: Literal["http"] = Field("http", description="http")
    port: PortNumber
    path: str = Field("/", pattern=r"^/\S*$", max_length=1024, description="a path that begins with `/`")


class TcpProbe(_Timing):
    """The container is ready when the port takes a connection."""

    kind: Literal["tcp"] = Field("tcp", description="tcp")
    port: PortNumber


class CommandProbe(_Timing):
    """The container is ready when the command ends with status 0."""

    kind: Literal["command"] = Field("command", description="command")
    command: Some[Content] = Field(description="a list of texts with at least one")


Probe = Annotated[
    HttpProbe | TcpProbe | CommandProbe,
    Field(
        discriminator="kind",
        description=(
            "`{kind: http, port: PORT, path: PATH}`, `{kind: tcp, port: PORT}` or `{kind: command, command: [TEXT]}`"
        ),
    ),
]


class Application(Declared):
    """A container; its name is unique in its pod or on its host and becomes the container's own.

    `command` are the arguments given to the image's entry point, which itself is not replaced. `volumes` map a
    path in the container to what is mounted there.
    """

    name: DnsLabel
    image: ImageReference
    command: tuple[Content, ...] = Field((), description="a list of texts")
    env: dict[EnvName, Content] = Field(default_factory=dict, description="a mapping of variable to text")
    ports: tuple[ApplicationPort, ...] = Field((), description="a list of `{port: PORT, scope: SCOPE}`")
    volumes: dict[MountPath, DockerVolume] = Field(
        default_factory=dict, description="a mapping of path in the container to volume"
    )
    privileged: Flag = Field(False, description="true or false")
    resources: Resources = Field(Resources(), description="a mapping with requests, limits")
    probe: Probe | None = None
