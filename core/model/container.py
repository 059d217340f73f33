"""An application: one container with its ports, volumes, environment and limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from core.model.base import Declared, Flag, Some, Whole, refusal
from core.model.container_port import ApplicationPort, PortNumber
from core.model.image import ImageReference
from core.model.secret import SecretReference
from core.model.text import Content, DnsLabel, DnsName, EnvName, MachinePath, MountPath
from core.model.value import EnvValue

__all__ = ["Application", "ApplicationPort", "PortNumber"]

Cpu = Annotated[
    str,
    Field(pattern=r"^([1-9][0-9]{0,5}m|[1-9][0-9]{0,3})$", description='processors in quotes, as "500m" or "2"'),
]
Memory = Annotated[
    str,
    Field(pattern=r"^[1-9][0-9]{0,11}(Ki|Mi|Gi|Ti|k|M|G|T)?$", description="an amount of memory, as 256Mi"),
]


class TemporaryVolume(Declared):
    """An empty directory that lives as long as the pod."""

    kind: Literal["temporary"] = Field("temporary", description="temporary")


class HostPathVolume(Declared):
    """A directory of the machine that the container runs on."""

    kind: Literal["host-path"] = Field("host-path", description="host-path")
    path: MachinePath = Field(description="an absolute path on the machine, without `..`")


class ClaimVolume(Declared):
    """A persistent volume claim of the cluster; on a Docker host a volume of this name.

    With a `size` the claim is made where there is none, and stays when its pod goes; without one it must be there.
    `owner` is for images that do not run as root: a fresh volume of a cluster is root's.
    """

    kind: Literal["claim"] = Field("claim", description="claim")
    claim: DnsLabel = Field(description="the name of a persistent volume claim")
    read_only: Flag = Field(False, description="true or false")
    size: Memory | None = Field(None, description="an amount of storage, as 8Gi")
    owner: Whole | None = Field(None, ge=0, le=2**31, description="the number of a user, as 1000")
    storage_class: DnsName | None = Field(
        None, description="the name of a storage class; the cluster's default if left out"
    )


DockerVolume = Annotated[
    TemporaryVolume | HostPathVolume | ClaimVolume,
    Field(
        discriminator="kind",
        description="`{kind: temporary}`, `{kind: host-path, path: PATH}` or `{kind: claim, claim: NAME}`",
    ),
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


_PARAMETER = "a text, a whole number, true or false, or for a secret `{file: PATH}` or `{env: VARIABLE}`"


def _parameter(value: Any) -> str | int | bool | SecretReference:
    if isinstance(value, str | int | bool | SecretReference):
        return value
    if isinstance(value, dict):
        return SecretReference.model_validate(value)
    raise refusal(_PARAMETER)


ParameterValue = Annotated[
    str | int | bool | SecretReference, PlainValidator(_parameter), Field(description=_PARAMETER)
]


class Application(Declared):
    """A container; its name is unique in its pod or on its host and becomes the container's own.

    With `catalogue` it is an entry of the catalogue, filled in with `parameters`; what is said here beside them wins
    over the entry. `command` are the arguments given to the image's entry point, which itself is not replaced.
    `volumes` map a path in the container to what is mounted there, `files` to the text of a file that is put there.
    `probe` says when it is ready, `liveness` when it must be restarted.
    """

    name: DnsLabel
    image: ImageReference = Field("", description="an image reference, as nginx:1.29")
    catalogue: DnsLabel | None = Field(None, description="the id of an entry of the catalogue")
    parameters: dict[DnsLabel, ParameterValue] = Field(
        default_factory=dict, description="a mapping of the entry's parameters to their values"
    )
    command: tuple[Content, ...] = Field((), description="a list of texts")
    env: dict[EnvName, EnvValue] = Field(
        default_factory=dict, description="a mapping of variable to text, secret or connection"
    )
    ports: tuple[ApplicationPort, ...] = Field((), description="a list of `{port: PORT, scope: SCOPE}`")
    volumes: dict[MountPath, DockerVolume] = Field(
        default_factory=dict, description="a mapping of path in the container to volume"
    )
    files: dict[MountPath, Content] = Field(
        default_factory=dict, description="a mapping of path in the container to a file's text"
    )
    privileged: Flag = Field(False, description="true or false")
    resources: Resources = Field(Resources(), description="a mapping with requests, limits")
    probe: Probe | None = None
    liveness: Probe | None = None
