"""A Docker engine: its containers, images, networks and volumes, and what may be done with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.simulator.docker.errors import EngineError, name_taken, no_such
from core.simulator.docker.events import Events
from core.simulator.docker.images import Images
from core.simulator.docker.lives import Lives
from core.simulator.docker.networks import Networks
from core.simulator.docker.published import listener_of
from core.simulator.docker.records import Body, Container, Kept, Place, Volume, new_id
from core.simulator.docker.store import Store
from core.simulator.machine.ports import Handler

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


class Engine:
    """Everything of one host's Docker; it is there while the machine has power, whether its daemon runs or not."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._store = Store(machine.files)
        self.layer = self._store.layer
        self.events = Events(machine.clock)
        self.containers = {each.id: each for each in self._store.containers()}
        kept = self._store.others()
        self.images = Images(kept.images, self._keep_others)
        self.networks = Networks(kept.networks, machine.clock(), self._keep_others)
        self.volumes = {volume.name: volume for volume in kept.volumes}
        self.lives = Lives(machine, self.events, self._store.keep)

    # ── The engine's own life ─────────────────────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """The daemon starts: what still ran goes on, what was to run is started."""
        for container in self._oldest_first():
            if container.running and container.boot == self.machine.boot_id:
                if not self.lives.published.of(container):
                    await self.lives.adopt(container)
                continue
            interrupted = container.running or container.state == "restarting"
            if interrupted:
                container.last.finished, container.last.code = self.machine.clock(), 255
                container.state = "exited"
                self._store.keep(container)
            if self.lives.again(container, boot=True) and container.runs:
                await self._start_quietly(container)

    async def end(self) -> None:
        """The daemon stops and takes its containers along."""
        for container in self._oldest_first():
            await self.lives.stop(container, by_user=False)

    async def _start_quietly(self, container: Container) -> None:
        try:
            await self.start(container)
        except EngineError:
            return  # its record says why

    # ── Containers ────────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, name: str) -> Container:
        """By name, identity, or the beginning of it. Raises `EngineError` 404."""
        bare = name.removeprefix("/")
        for container in self.containers.values():
            if bare in (container.name, container.id):
                return container
        found = [each for each in self.containers.values() if bare and each.id.startswith(bare)]
        if len(found) != 1:
            raise no_such("container", name)
        return found[0]

    def create(self, name: str, body: Body) -> Container:
        """Make a container that is yet to be started.

        Raises:
            EngineError: the image or a network is not there, the name is bad or taken.
        """
        image = self.images.find(str(body.get("Image") or ""))
        self._check_name(name)
        container = Container(new_id(), name, self.machine.clock(), body, image.id)
        container.name = name or f"simulated_{container.id[:8]}"
        container.places = _places(container)
        for network in container.places:
            self.networks.find(network)
        self._make_volumes(container)
        self.containers[container.id] = container
        self._store.keep(container)
        self.events.of_container("create", container)
        return container

    async def start(self, container: Container) -> bool:
        """Start it; says whether it was at rest before."""
        if container.running:
            return False
        self.networks.settle(container, self.containers.values())
        await self.lives.start(container)
        return True

    async def stop(self, container: Container, signal: str = "TERM") -> bool:
        """Stop it; says whether it ran before."""
        if not container.running and container.state != "restarting":
            return False
        await self.lives.stop(container, signal=signal.removeprefix("SIG"))
        self.events.of_container("stop", container)
        return True

    async def restart(self, container: Container) -> None:
        """Stop and start it."""
        await self.stop(container)
        await self.start(container)
        self.events.of_container("restart", container)

    async def kill(self, container: Container, signal: str) -> None:
        """Send a signal to its process. Raises `EngineError` where there is none."""
        if not container.running:
            raise EngineError(409, f"cannot kill container: {container.name}: container {container.id} is not running")
        await self.lives.signal(container, signal)

    def pause(self, container: Container, *, paused: bool) -> None:
        """Hold its process, or let it go on."""
        wanted, other = ("running", "paused") if paused else ("paused", "running")
        if container.state != wanted:
            raise EngineError(409, f"Container {container.name} is not {wanted}")
        container.state = "paused" if other == "paused" else "running"
        self._store.keep(container)
        self.events.of_container("pause" if paused else "unpause", container)

    async def remove(self, container: Container, *, force: bool, volumes: bool) -> None:
        """Raises `EngineError` where it runs and is not to be forced."""
        if container.running and not force:
            text = "container is running: stop the container before removing or force remove"
            raise EngineError(409, f'cannot remove container "/{container.name}": {text}')
        await self.lives.stop(container, signal="KILL")
        self.lives.forget(container)
        del self.containers[container.id]
        self._store.forget(container)
        for name in container.volumes.values() if volumes else ():
            self.remove_volume(name, force=True)
        self.events.of_container("destroy", container)

    def rename(self, container: Container, name: str) -> None:
        """Raises `EngineError` where the name is bad or taken."""
        self._check_name(name)
        container.name = name
        self._store.keep(container)
        self.events.of_container("rename", container)

    def update(self, container: Container, changes: Body) -> None:
        """Change limits and restart policy."""
        container.body["HostConfig"] = container.host | {key: value for key, value in changes.items() if value}
        self._store.keep(container)
        self.events.of_container("update", container)

    def connect(self, container: Container, network: str, place: Place | None) -> None:
        """Put a container into a network, or take it out."""
        name = self.networks.find(network).name
        if place is None:
            if name not in container.places:
                raise EngineError(403, f"container {container.id} is not connected to network {name}")
            del container.places[name]
        else:
            container.places[name] = place
            self.networks.settle(container, self.containers.values())
        self._store.keep(container)

    def listener_at(self, address: str, port: int) -> Handler | None:
        """What listens inside the running container that has an address."""
        for container in self.containers.values():
            if container.running and any(place.address == address for place in container.places.values()):
                return listener_of(container, port)
        return None

    # ── Volumes ───────────────────────────────────────────────────────────────────────────────────────────────────

    def volume(self, name: str) -> Volume:
        """Raises `EngineError` 404."""
        if name not in self.volumes:
            raise no_such("volume", name)
        return self.volumes[name]

    def create_volume(self, name: str, labels: dict[str, str]) -> Volume:
        """Make a volume; one of that name is kept."""
        name = name or new_id()
        if name not in self.volumes:
            self.volumes[name] = Volume(name, self.machine.clock(), labels)
            self._store.make_volume(name)
            self._keep_others()
        return self.volumes[name]

    def remove_volume(self, name: str, *, force: bool = False) -> None:
        """Raises `EngineError` where it is not there or a container has it."""
        if force and name not in self.volumes:
            return
        self.volume(name)
        users = [each.id for each in self.containers.values() if name in volumes_of(each).values()]
        if users:
            raise EngineError(409, f"remove {name}: volume is in use - [{', '.join(users)}]")
        del self.volumes[name]
        self._store.drop_volume(name)
        self._keep_others()

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _check_name(self, name: str) -> None:
        if name and not _NAME.fullmatch(name):
            text = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            raise EngineError(400, f"Invalid container name ({name}), {text}")
        other = next((each for each in self.containers.values() if each.name == name), None)
        if other is not None:
            raise name_taken(name, other.id)

    def _make_volumes(self, container: Container) -> None:
        for mount in container.host.get("Mounts") or ():
            if mount.get("Type") == "volume":
                volume = self.create_volume(str(mount.get("Source") or ""), {})
                if not mount.get("Source"):
                    container.volumes[str(mount["Target"])] = volume.name
        for source, _, _ in (bind.partition(":") for bind in container.host.get("Binds") or ()):
            if source.startswith("/"):
                self.machine.files.mkdir(source)
            else:
                self.create_volume(source, {})

    def _oldest_first(self) -> list[Container]:
        return sorted(self.containers.values(), key=lambda each: each.created)

    def _keep_others(self) -> None:
        networks = list(self.networks.all.values())
        self._store.keep_others(Kept(list(self.images.all.values()), networks, list(self.volumes.values())))


def volumes_of(container: Container) -> dict[str, str]:
    """The volumes of a container by their path in it."""
    named = {
        str(mount["Target"]): str(mount["Source"])
        for mount in container.host.get("Mounts") or ()
        if mount.get("Type") == "volume" and mount.get("Source")
    }
    for bind in container.host.get("Binds") or ():
        source, _, target = bind.partition(":")
        if not source.startswith("/"):
            named[target.partition(":")[0]] = source
    return named | container.volumes


def _places(container: Container) -> dict[str, Place]:
    mode = container.mode
    told = (container.body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    if mode in ("host", "none") or mode.startswith("container:"):
        return {mode: Place()} if mode in ("host", "none") else {}
    return {name: place_of(told.get(name) or {}) for name in told or [mode]}


def place_of(endpoint: Body) -> Place:
    """A place in a network as the API describes it."""
    asked = (endpoint.get("IPAMConfig") or {}).get("IPv4Address") or ""
    return Place(asked=str(asked), aliases=list(endpoint.get("Aliases") or []))
