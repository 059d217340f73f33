"""What a variable of an application may hold: a text, a secret, or the address of another application."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from core.model.base import Declared, Whole
from core.model.container_port import PortNumber
from core.model.scope import Protocol
from core.model.secret import SecretReference
from core.model.text import Content, DnsLabel, EnvName

ConnectionPart = Literal["host", "port", "host:port", "url"]

TEXT = "text"


class SecretValue(SecretReference):
    """A secret that the operator has; it reaches the container as a secret and is written nowhere else."""

    kind: Literal["secret"] = Field("secret", description="secret")


class GeneratedValue(Declared):
    """A credential that is made once, kept with the environment's keys, and stays the same from then on."""

    kind: Literal["generated"] = Field("generated", description="generated")
    length: Whole = Field(24, ge=8, le=128, description="a whole number of characters from 8 to 128")


class ApplicationReference(Declared):
    """Another application: of the same component, or of the one that is named."""

    application: DnsLabel = Field(description="the name of an application")
    component: DnsLabel | None = Field(None, description="the name of the component that has it; its own if left out")


class SharedValue(ApplicationReference):
    """The value of another application's variable, secret where that one is."""

    kind: Literal["shared"] = Field("shared", description="shared")
    variable: EnvName


class ConnectionValue(ApplicationReference):
    """Where another application is reached from here: its nearest endpoint for one of its container's ports."""

    kind: Literal["connection"] = Field("connection", description="connection")
    port: PortNumber
    protocol: Protocol = Field(Protocol.TCP, description="one of TCP, UDP")
    part: ConnectionPart = Field("host", description="one of host, port, host:port, url")
    scheme: str = Field("http", pattern=r"^[a-z][a-z0-9+.-]{0,31}$", description="the scheme of the url, as http")


def _sort(value: Any) -> str | None:
    if isinstance(value, dict):
        return value.get("kind")
    return str(getattr(value, "kind", TEXT))


EnvValue = Annotated[
    Annotated[Content, Tag(TEXT)]
    | Annotated[SecretValue, Tag("secret")]
    | Annotated[GeneratedValue, Tag("generated")]
    | Annotated[SharedValue, Tag("shared")]
    | Annotated[ConnectionValue, Tag("connection")],
    Discriminator(_sort),
    Field(
        description=(
            "a text, `{kind: secret, file: PATH}`, `{kind: generated}`, `{kind: connection, application: NAME, "
            "port: PORT}` or `{kind: shared, application: NAME, variable: NAME}`"
        )
    ),
]
"""A variable's value."""
