"""Where images come from."""

from __future__ import annotations

from pydantic import Field

from core.model.base import Declared
from core.model.secret import Credentials
from core.model.text import FilePath, MirrorUrl, RegistryHost


class Registry(Declared):
    """A registry of one's own, a mirror of others, and how to trust and enter them.

    `ca` is the path of a PEM file on the operator's machine; whoever uses it reads it then.
    """

    host: RegistryHost | None = Field(
        None, description="the registry's host or host:port, without `https://` and without a path"
    )
    mirror: MirrorUrl | None = Field(None, description="the mirror's URL, which begins with `http://` or `https://`")
    ca: FilePath | None = Field(None, description="the path of a PEM file with the registry's certificate authority")
    credentials: Credentials | None = Field(None, description="a mapping with server, username, password")
