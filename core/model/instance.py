"""What a cloud makes a machine from."""

from __future__ import annotations

from pydantic import Field

from core.model.base import Declared
from core.model.text import Line


class Instance(Declared):
    """A component's own choice; a field left out is the provider's."""

    flavor: Line | None = Field(None, description="the name of a flavor")
    image: Line | None = Field(None, description="the name or id of an image")
    key_pair: Line | None = Field(None, description="the name of a key pair")
    availability_zone: Line | None = Field(None, description="the name of an availability zone")
