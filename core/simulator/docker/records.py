"""What an engine keeps of containers, images, networks and volumes. Times are seconds since 1970."""

from __future__ import annotations

import secrets
from typing import Any, Literal

import msgspec

Body = dict[str, Any]
State = Literal["created", "running", "paused", "restarting", "exited"]

KILLED, TERMINATED = 137, 143
"""What a process ends with that was killed, or asked to end and knew no better."""


def new_id() -> str:
    """An identity as the engine makes them."""
    return secrets.token_hex(32)


class Run(msgspec.Struct):
    """From one start to its end; `finished` is 0 while it goes on."""

    started: float
    finished: float = 0.0
    code: int = 0


class Place(msgspec.Struct):
    """A container's place in a network; `asked` is the address that it must have, empty for any."""

    address: str = ""
    asked: str = ""
    aliases: list[str] = []


class Container(msgspec.Struct):
    """A container: `body` is what created it, `boot` the machine's boot in which it was last started.

    `stopped` says that a user stopped it; `places` are its networks; `volumes` its nameless volumes by path.
    """

    id: str
    name: str
    created: float
    body: Body
    image: str
    state: State = "created"
    runs: list[Run] = []
    stopped: bool = False
    restarts: int = 0
    boot: str = ""
    error: str = ""
    places: dict[str, Place] = {}
    volumes: dict[str, str] = {}

    @property
    def host(self) -> Body:
        """Its HostConfig."""
        found: Body = self.body.get("HostConfig") or {}
        return found

    @property
    def reference(self) -> str:
        """The image's name, as it was given."""
        return str(self.body["Image"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.body.get("Labels") or {})

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.state in ("running", "paused")

    @property
    def last(self) -> Run:
        """Its present or latest run."""
        return self.runs[-1] if self.runs else Run(0.0)

    @property
    def policy(self) -> tuple[str, int]:
        """When it is started again, and how often at most (0: without end)."""
        told = self.host.get("RestartPolicy") or {}
        return str(told.get("Name") or "no"), int(told.get("MaximumRetryCount") or 0)

    @property
    def mode(self) -> str:
        """Its network."""
        mode = str(self.host.get("NetworkMode") or "default")
        return "bridge" if mode == "default" else mode

    @property
    def tty(self) -> bool:
        """Whether its output is one stream as a terminal's."""
        return bool(self.body.get("Tty"))


class Image(msgspec.Struct):
    """An image with the names that it has."""

    id: str
    created: float
    size: int
    tags: list[str] = []


class Network(msgspec.Struct):
    """A network; `subnet` is empty for those that have none of their own."""

    id: str
    name: str
    created: float
    driver: str = "bridge"
    subnet: str = ""
    labels: dict[str, str] = {}


class Volume(msgspec.Struct):
    """A volume."""

    name: str
    created: float
    labels: dict[str, str] = {}


class Kept(msgspec.Struct):
    """Everything but the containers."""

    images: list[Image] = []
    networks: list[Network] = []
    volumes: list[Volume] = []
