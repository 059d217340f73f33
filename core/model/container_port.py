"""A port that a container listens on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.model.base import Declared, Whole
from core.model.scope import Protocol, Scope

PortNumber = Annotated[Whole, Field(ge=1, le=65535, description="a whole number from 1 to 65535")]


class ApplicationPort(Declared):
    """A port that a container listens on, and how far it is to be visible."""

    port: PortNumber
    scope: Scope = Field(Scope.INTERNAL, description="one of host, internal, cloud, public")
    protocol: Protocol = Field(Protocol.TCP, description="one of TCP, UDP")
