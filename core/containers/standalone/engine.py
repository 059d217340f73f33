"""A host's Docker engine: asked through aiodocker over a socket that SSH forwards, its errors as sentences."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.containers.standalone import labels
from core.engine.errors import Refusal, Transient, Trouble, Unreachable
from core.machines.connection import Connection

if TYPE_CHECKING:
    from aiodocker import Docker

SOCKET = "/var/run/docker.sock"

_NOT_FOUND, _CONFLICT = 404, 409

_YOUNG = re.compile(r"Up (Less than a second|1 second|2 seconds)\b")
"""How the engine says that a container has run for less than three seconds."""

_FINAL = ("no such host", "manifest unknown", "not found", "denied", "unauthorized")
"""What registries and resolvers say, behind the engine's status 500, of something that asking again will not change."""


@dataclass(frozen=True, slots=True)
class Found:
    """A container as the engine lists it; `address` is its place on our network, empty where it has none, and `young`
    says that it has run for less than three seconds.
    """

    id: str
    name: str
    image: str
    state: str
    labels: Mapping[str, str]
    address: str
    health: str = ""
    created: float = 0.0
    young: bool = False

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def age_seconds(self) -> int:
        """How long ago it was made."""
        return max(0, int(time.time() - self.created))


@asynccontextmanager
async def engine(connection: Connection) -> AsyncIterator[Engine]:
    """The engine behind a connection.

    Raises:
        Unreachable: the machine or its engine does not answer.
    """
    from aiodocker import Docker

    path = await connection.forward_socket(SOCKET)
    docker = Docker(url=f"unix://{path}")
    try:
        yield Engine(docker, connection.name)
    finally:
        await docker.close()


class Engine:
    """What we ask of a Docker engine; `where` is its machine's name.

    Raises (every method):
        Unreachable: the engine does not answer. Trouble: it refuses, in its own words.
    """

    def __init__(self, docker: Docker, where: str) -> None:
        self.docker = docker
        self.where = where

    async def containers(self, host: str) -> list[Found]:
        """The containers that belong to this host component, running or not."""
        filters = {"label": [f"{labels.HOST}={host}"]}
        with self.told("listing containers"):
            rows = await self.docker.containers.list(all=True, filters=filters)
        return [_found(row._container) for row in rows]

    async def named(self, name: str) -> Mapping[str, Any] | None:
        """A container of this name, whoever made it; None where there is none."""
        return await self._shown(f"containers/{name}/json", f"looking at container {name}")

    async def has_image(self, image: str) -> bool:
        """Whether an image is on the machine."""
        return await self._shown(f"images/{image}/json", f"looking at image {image}") is not None

    async def _shown(self, path: str, doing: str) -> Mapping[str, Any] | None:
        from aiodocker import DockerError

        with self.told(doing):
            try:
                shown: Mapping[str, Any] = await self.docker._query_json(path)
                return shown
            except DockerError as error:
                if error.status == _NOT_FOUND:
                    return None
                raise

    async def has_network(self) -> bool:
        """Whether our network is there."""
        with self.told("listing networks"):
            known = await self.docker.networks.list(filters={"name": [labels.NETWORK]})
        return any(network["Name"] == labels.NETWORK for network in known)

    async def make_network(self) -> None:
        """Make our network."""
        ipam = {"Config": [{"Subnet": labels.SUBNET}]}
        with self.told(f"making network {labels.NETWORK}"):
            await self.docker.networks.create({"Name": labels.NETWORK, "Driver": "bridge", "IPAM": ipam})

    async def pull(self, image: str, auth: Mapping[str, str] | None) -> AsyncIterator[Mapping[str, Any]]:
        """Pull an image; gives the engine's progress as it comes."""
        with self.told(f"pulling {image}"):
            async for told in self.docker.images.pull(image, auth=dict(auth) if auth else None, stream=True):
                yield told

    async def create(self, name: str, body: Mapping[str, Any]) -> str:
        """Make a container; its id."""
        with self.told(f"creating container {name}"):
            return (await self.docker.containers.create(dict(body), name=name)).id

    async def put(self, container: str, name: str, archive: bytes) -> None:
        """Unpack a tar archive at a container's root."""
        with self.told(f"putting files into container {name}"):
            found: Any = self.docker.containers.container(container)
            await found.put_archive("/", archive)

    async def start(self, container: str, name: str) -> None:
        with self.told(f"starting container {name}"):
            await self.docker.containers.container(container).start()

    async def restart(self, container: str, name: str) -> None:
        with self.told(f"restarting container {name}"):
            await self.docker.containers.container(container).restart()

    async def remove(self, container: str, name: str) -> None:
        """Stop and remove a container with its nameless volumes; named ones stay."""
        from aiodocker import DockerError

        with self.told(f"removing container {name}"):
            try:
                found = self.docker.containers.container(container)
                await found.stop(t=10)
                await found.delete(force=True, v=True)
            except DockerError as error:
                if error.status != _NOT_FOUND:
                    raise

    async def last_lines(self, container: str, count: int) -> list[str]:
        """The last lines that a container wrote, oldest first."""
        with self.told("reading a container's log"):
            found = self.docker.containers.container(container)
            told = await found.log(stdout=True, stderr=True, tail=count)
        return [line for piece in told for line in piece.splitlines()]

    async def lines(self, name: str, *, follow: bool, since: str = "") -> AsyncGenerator[tuple[str, str], None]:
        """A container's log from the second of `since` on, each line with its time (RFC 3339, to the nanosecond).

        With `follow` it goes on until the container ends.
        """
        found: Any = self.docker.containers.container(name)
        asked = {"stdout": True, "stderr": True, "timestamps": True} | ({"since": _second(since)} if since else {})
        with self.told(f"reading the log of container {name}"):
            if not follow:
                for piece in await found.log(**asked):
                    for line in piece.splitlines():
                        yield _stamped(line)
                return
            async with aclosing(found.log(follow=True, **asked)) as pieces:
                async for piece in pieces:
                    for line in piece.splitlines():
                        yield _stamped(line)

    async def stats(self, container: str, name: str) -> Mapping[str, Any]:
        """What a container uses, in the engine's own figures of one look."""
        with self.told(f"asking what container {name} uses"):
            found: Any = self.docker.containers.container(container)
            told: list[dict[str, Any]] = await found.stats(stream=False)
        return told[0] if told else {}

    async def restarts(self, name: str) -> int:
        """How often the engine has started a container again by itself."""
        return int((await self.named(name) or {}).get("RestartCount", 0))

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Turn the library's errors into ours."""
        from aiodocker import DockerError
        from aiohttp import ClientError

        try:
            yield
        except DockerError as error:
            raise self._trouble(doing, error.status, str(error.message)) from error
        except (ClientError, OSError) as error:
            raise Unreachable(f"{doing}: the Docker engine does not answer: {error}", where=self.where) from error

    def _trouble(self, doing: str, status: int, message: str) -> Trouble:
        what = f"{doing}: {message}"
        if status == _CONFLICT:
            return Refusal(what, where=self.where, fix="remove what is in the way, or give another name or port")
        passing = status >= 500 and not any(word in message for word in _FINAL)
        return Transient(what, where=self.where) if passing else Trouble(what, where=self.where)


def _found(row: Mapping[str, Any]) -> Found:
    network = row.get("NetworkSettings", {}).get("Networks", {}).get(labels.NETWORK) or {}
    asked = (network.get("IPAMConfig") or {}).get("IPv4Address", "")
    return Found(
        id=row["Id"],
        name=row["Names"][0].removeprefix("/") if row.get("Names") else "",
        image=row["Image"],
        state=row["State"],
        labels=row.get("Labels") or {},
        address=asked or network.get("IPAddress", ""),
        created=float(row.get("Created", 0)),
        health=_health(row.get("Status", "")),
        young=_YOUNG.match(row.get("Status", "")) is not None,
    )


def _stamped(line: str) -> tuple[str, str]:
    stamp, _, text = line.partition(" ")
    return stamp, text


def _second(stamp: str) -> int:
    """The second that a time of the engine is in, since the epoch."""
    return int(datetime.fromisoformat(f"{stamp[:19]}+00:00").timestamp())


def _health(status: str) -> str:
    """The word in "Up 3 minutes (healthy)"; empty where the container has no check of its own."""
    _, bracket, rest = status.partition("(")
    word = rest.rstrip(")").removeprefix("health: ")
    return word if bracket and word in ("healthy", "unhealthy", "starting") else ""
