"""The provider `nspawn`: real machines on this box, with neither Docker nor virtual machines."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

from core.clouds.base import CloudMachine, MachineWish, Obstacle
from core.clouds.nspawn import cgroups, facts, firewall, host, machine, mounts, network, seed, sizes, state
from core.clouds.nspawn import image as images
from core.clouds.nspawn.lock import locked
from core.clouds.nspawn.names import Names, checked
from core.clouds.nspawn.place import Place, Record, read_record
from core.clouds.nspawn.processes import Carriers, carriers
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.machines.artifacts import Artifacts
from core.model.allocation import EVERY_PORT

_SEEN_CACHE = "/var/cache/gondolier"
_RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
_STOP_PATIENCE = 30.0
_DELETE_PATIENCE = 5.0


class NspawnCloud:
    """Machines of one environment as systemd-nspawn containers with a bridge of their own.

    Files are under `home`/nspawn/`environment`; nothing else on this host is touched but the bridge, the links, the
    iptables chains and cgroups named after the environment, and IPv4 forwarding, which is switched on and stays on.
    """

    kind = "nspawn"
    simulated = False
    keeps_machines = False
    gateway_ports = EVERY_PORT
    artifacts: Artifacts | None = None

    def __init__(
        self,
        environment: str,
        home: Path,
        subnet: str,
        *,
        image: str | None = None,
        bridge: str | None = None,
        memory: str | int | None = None,
        cpus: str | float | None = None,
        cache: Path | None = None,
        artifacts: Path | None = None,
        addresses: Callable[[str], str | None] | Mapping[str, str] | None = None,
    ) -> None:
        """
        Args:
            environment: the environment's name.
            home: the directory that outlives the console ($GONDOLIER_HOME).
            subnet: IPv4 network of the machines; its first host is the bridge.
            image: a root archive (tar) or directory; by default Debian is installed by debootstrap.
            bridge: name of the bridge interface; by default derived from home and environment.
            memory: limit of each machine, in bytes or as "2G"; a wish's option "memory" goes before.
            cpus: processors each machine may use, 1.5 for one and a half; a wish's option "cpus" goes before.
            cache: where base images are kept; by default see `images.cache_root`.
            artifacts: a directory of this host that machines see read-only as /var/cache/gondolier.
            addresses: address by machine name; a wish's option "address" goes before.

        Raises:
            Refusal: a name, the subnet or a limit cannot be used.
        """
        self._names = Names(home, checked(environment, "the environment"))
        self._directory = home.resolve() / "nspawn" / environment
        self._subnet = sizes.subnet(subnet)
        self._bridge = bridge or self._names.bridge
        self._limits = cgroups.Limits(sizes.memory(memory), sizes.cpus(cpus))
        self._image = image
        self._cache = cache or images.cache_root()
        self._artifacts = artifacts
        self._addresses = addresses.get if isinstance(addresses, Mapping) else addresses
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def preflight(self, wishes: Sequence[MachineWish]) -> list[Obstacle]:
        """Say what stands in the way of these machines; leaves nothing behind."""
        if not host.is_root():
            return [host.root_obstacle()]
        builds = self._builds()
        missing = host.missing_programs(builds)
        if missing:
            return [host.program_obstacle(missing)]
        found = await host.kernel_obstacles(self._directory)
        found += host.overlap_obstacles(self._subnet, await self._taken())
        fewer = [wish for wish in wishes if read_record(self._place(wish.name)) is None]
        checks = (host.room_obstacle(self._directory, len(fewer), builds), host.keyring_obstacle() if builds else None)
        found += host.limit_obstacles(self._limits)
        return [*found, *self._state_obstacles(), *(obstacle for obstacle in checks if obstacle is not None)]

    async def machines(self) -> dict[str, CloudMachine]:
        """All machines of the environment by name; one whose making was interrupted is "building"."""
        places = [self._place(path.name) for path in self._machine_directories()]
        running = await asyncio.to_thread(carriers, {place.root for place in places})
        return {place.name: self._seen(place, running[place.root]) for place in places}

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine:
        """Make the machine, or bring back to running what is there of it; one of an older generation is replaced."""
        place = self._place(wish.name)
        async with self._locks[wish.name]:
            record = read_record(place)
            if record is not None and record.generation != wish.generation:
                report(f"machine {wish.name}: generation {record.generation} makes way for {wish.generation}")
                await machine.destroy(place, _DELETE_PATIENCE)
                record = None
            if record is not None and await machine.is_up(place):
                await self._connect()
                await network.attach(place, self._bridge)
            else:
                await self._make(place, wish, record, report)
            return self._seen(place, await machine.look(place))

    async def start(self, name: str, report: Report) -> CloudMachine:
        """Boot a machine that exists, from what is on disk.

        Raises:
            Refusal: there is no such machine, or its making was interrupted.
        """
        place = self._place(name)
        async with self._locks[name]:
            record = self._recorded(place)
            await self._connect()
            await machine.boot(place, record, self._bridge, self._subnet, self._mounted_cache())
            report(f"machine {name} runs")
            return self._seen(place, await machine.look(place))

    async def stop(self, name: str, report: Report) -> None:
        """Power a machine off; its files stay.

        Raises:
            Refusal: there is no such machine.
        """
        place = self._place(name)
        async with self._locks[name]:
            self._recorded(place)
            await machine.halt(place, _STOP_PATIENCE)
            report(f"machine {name} is off")

    async def delete(self, name: str, report: Report) -> None:
        """Remove the machine with all it has; one that is gone is fine."""
        place = self._place(name)
        async with self._locks[name]:
            existed = place.directory.exists()
            await machine.destroy(place, _DELETE_PATIENCE)
            await self._release_address(name)
            if existed:
                report(f"machine {name} is gone")

    async def remove_all(self, report: Report) -> None:
        """Remove every machine, the bridge, the rules, the cgroups and the files of the environment."""
        await asyncio.gather(*(self.delete(path.name, report) for path in self._machine_directories()))
        async with self._environment_lock():
            known = state.read(self._directory)
            await firewall.remove(self._names, known.subnet if known else str(self._subnet))
            await network.remove_bridge(known.bridge if known else self._bridge)
            # A machine whose directory somebody removed by hand is still in the environment's cgroup.
            await cgroups.kill(self._names.cgroup)
            await asyncio.to_thread(cgroups.remove, self._names.cgroup)
            await mounts.remove_tree(self._directory)
        _remove_empty(self._directory.parent)
        report("bridge, rules and files of the environment are gone")

    async def close(self) -> None:
        """Machines outlive the console: there is nothing to close."""

    async def _make(self, place: Place, wish: MachineWish, record: Record | None, report: Report) -> None:
        base = Path(record.image) if record else await images.ensure(self._cache, self._image, report)
        address = await self._assign_address(wish)
        limits = self._limits_of(wish)
        wanted = Record(wish.generation, address, str(base), limits.memory, limits.cpus)
        await self._connect()
        if (await machine.look(place)).present:
            await machine.halt(place, _DELETE_PATIENCE)
        await machine.prepare(place, wanted, self._planted(wish, address))
        await machine.boot(place, wanted, self._bridge, self._subnet, self._mounted_cache())
        report(f"machine {wish.name} runs at {address}")

    async def _connect(self) -> None:
        """Bring about bridge and rules, which another console may be doing too."""
        async with self._environment_lock():
            await network.ensure_bridge(self._bridge, self._names, self._subnet)
            await firewall.ensure(self._names, self._bridge, str(self._subnet))

    async def _assign_address(self, wish: MachineWish) -> str:
        named = self._addresses(wish.name) if self._addresses else None
        wished = dict(wish.options).get("address", named)
        async with self._environment_lock():
            known = self._state()
            address = state.address_for(wish.name, wished, known)
            if known.addresses.get(wish.name) != address or state.read(self._directory) is None:
                state.write(self._directory, replace(known, addresses={**known.addresses, wish.name: address}))
        return address

    async def _release_address(self, name: str) -> None:
        if state.read(self._directory) is None:
            return
        async with self._environment_lock():
            known = state.read(self._directory)
            if known is not None and name in known.addresses:
                left = {other: address for other, address in known.addresses.items() if other != name}
                state.write(self._directory, replace(known, addresses=left))

    def _state(self) -> state.State:
        """The environment's state, a new one where it has none.

        Raises:
            Refusal: its machines are on another subnet or bridge.
        """
        for obstacle in self._state_obstacles():
            raise Refusal(obstacle.what, where="provider nspawn", fix=obstacle.fix)
        return state.read(self._directory) or state.State(self._names.environment, str(self._subnet), self._bridge)

    def _state_obstacles(self) -> list[Obstacle]:
        known = state.read(self._directory)
        if known is None or (known.subnet == str(self._subnet) and known.bridge == self._bridge):
            return []
        now = f"{self._subnet} at {self._bridge}"
        what = f"machines of this environment are on {known.subnet} at {known.bridge}, not {now}"
        return [Obstacle(what, f"keep subnet {known.subnet}, or destroy the environment first")]

    async def _taken(self) -> dict[str, IPv4Network]:
        """Networks of this host that are not the environment's own."""
        routes = await network.taken_networks()
        mine = f" on {self._bridge}"
        found = {f"the route {what}": net for what, net in routes.items() if not what.endswith(mine)}
        environments = {f"environment {name}": net for name, net in state.others(self._directory).items()}
        return {**found, **environments}

    def _planted(self, wish: MachineWish, address: str) -> seed.Seed:
        resolvers = [path.read_text() for path in _RESOLVERS if path.exists()]
        cached = _SEEN_CACHE if self._artifacts else ""
        key = _host_key(wish)
        return seed.Seed(wish.name, address, key, wish.login_key, facts.gather(cached), seed.nameservers(resolvers))

    def _mounted_cache(self) -> tuple[Path, str] | None:
        if self._artifacts is None:
            return None
        self._artifacts.mkdir(parents=True, exist_ok=True)
        return self._artifacts.resolve(), _SEEN_CACHE

    def _limits_of(self, wish: MachineWish) -> cgroups.Limits:
        options = dict(wish.options)
        memory, cpus = sizes.memory(options.get("memory")), sizes.cpus(options.get("cpus"))
        return cgroups.Limits(memory or self._limits.memory, cpus or self._limits.cpus)

    def _builds(self) -> bool:
        return self._image is None and not images.place(self._cache, None).is_dir()

    def _place(self, name: str) -> Place:
        return Place(self._names, checked(name, "the machine"), self._directory / name)

    def _machine_directories(self) -> list[Path]:
        if not self._directory.is_dir():
            return []
        return sorted(path for path in self._directory.iterdir() if path.is_dir())

    def _recorded(self, place: Place) -> Record:
        record = read_record(place)
        if record is None:
            raise Refusal(f"there is no machine {place.name}", where=f"environment {self._names.environment}")
        return record

    def _seen(self, place: Place, found: Carriers) -> CloudMachine:
        record = read_record(place)
        identity = f"{self._names.environment}/{place.name}"
        if record is None:
            return CloudMachine(place.name, identity, "building", None)
        return CloudMachine(place.name, identity, "running" if found.running else "stopped", record.address)

    def _environment_lock(self) -> AbstractAsyncContextManager[int]:
        return locked(self._directory / ".lock")


def _host_key(wish: MachineWish) -> bytes:
    try:
        return wish.host_key.read_bytes()
    except OSError as error:
        what = f"the host key of {wish.name} cannot be read: {error.strerror}"
        raise Trouble(what, where=str(wish.host_key)) from error


def _remove_empty(directory: Path) -> None:
    """Remove a directory that other environments may be using."""
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()
