"""The containers of a Docker host's applications: what differs from the declaration, and making it so."""

from __future__ import annotations

from collections.abc import Sequence

from core.containers.standalone import labels
from core.containers.standalone.engine import Engine, Found
from core.containers.standalone.placing import held_ports, placed
from core.containers.standalone.site import HostSite
from core.containers.standalone.wanted import Configuration, Placed, archive, configuration, container_name
from core.engine.errors import Refusal
from core.engine.step import Change, Report
from core.machines.steps import Unknown
from core.model.allocation import NoFreePort, PortKey
from core.model.container import Application
from core.model.scope import Scope


class ContainerStep:
    """Probe and apply of one application's container: there, running, and made from what is declared now.

    A container that a killed run left is adopted where it is what is declared, else made anew; its ports and address
    stay.

    Raises (both):
        Refusal: a container of this name is somebody else's, or no port is left.
    """

    def __init__(self, site: HostSite, application: Application) -> None:
        self._site = site
        self._application = application
        self._name = container_name(application.name)

    async def probe(self) -> Sequence[Change]:
        if not self._site.exists():
            return [self._creation("")]
        async with self._site.engine() as engine:
            found = await engine.containers(self._site.host.name)
            await self._check_owner(engine)
        live = self._live(found)
        try:
            body = self._body(found, making=False)
        except Unknown as unknown:
            return [self._creation(f"when {unknown} is known")]
        if live is None:
            return [self._creation(outline(body))]
        if live.labels.get(labels.DIGEST) != body["Labels"][labels.DIGEST]:
            return [Change("update", f"container {self._name}", before=live.image, after=outline(body))]
        return [] if live.running else [Change("start", f"container {self._name}", before=live.state, after="running")]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        async with self._site.engine() as engine:
            await self._check_owner(engine)
            found = await engine.containers(self._site.host.name)
            live, body = self._live(found), self._body(found, making=True)
            if live is not None and live.labels.get(labels.DIGEST) != body["Labels"][labels.DIGEST]:
                await engine.remove(live.id, live.name)
                report(f"container {self._name} is made anew: what is declared has changed")
                live = None
            identity = live.id if live else await engine.create(self._name, body)
            if self._application.files:
                await engine.put(identity, self._name, archive(self._application.files))
            await engine.start(identity, self._name)
            report(f"container {self._name} runs {self._application.image}")

    def _live(self, found: Sequence[Found]) -> Found | None:
        return next((each for each in found if each.labels.get(labels.APPLICATION) == self._application.name), None)

    def _body(self, found: Sequence[Found], *, making: bool) -> Configuration:
        values = self._site.values(self._application, making=making)
        where = places(self._site, found)[self._application.name]
        return configuration(
            self._site.host.name, self._application, values, where, cgroup_parent=self._site.cgroup_parent()
        )

    def _creation(self, after: str) -> Change:
        return Change("create", f"container {self._name}", after=after or f"image {self._application.image}")

    async def _check_owner(self, engine: Engine) -> None:
        there = await engine.named(self._name)
        marks = there["Config"].get("Labels") if there else None
        if there is not None and labels.owner(marks) != (self._site.host.name, self._application.name):
            raise Refusal(
                f"there is a container {self._name} that Gondolier did not make for {self._site.host.name}",
                where=engine.where,
                fix="remove it, or give the application another name",
            )


class Removal:
    """Probe and apply of the containers whose applications left the document; others' containers are not touched."""

    def __init__(self, site: HostSite) -> None:
        self._site = site
        self._declared = {application.name for application in site.host.applications}

    async def probe(self) -> Sequence[Change]:
        if not self._site.exists():
            return []
        async with self._site.engine() as engine:
            return [Change("delete", f"container {left.name}") for left in await self._leftovers(engine)]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        async with self._site.engine() as engine:
            for left in await self._leftovers(engine):
                await engine.remove(left.id, left.name)
                report(f"container {left.name} removed: its application is no longer declared")
        kept = [one for one in self._site.recorded() if one.application in self._declared]
        self._site.record(self._site.host.name, kept)

    async def _leftovers(self, engine: Engine) -> list[Found]:
        found = await engine.containers(self._site.host.name)
        return [each for each in found if each.labels.get(labels.APPLICATION) not in self._declared]


class NetworkStep:
    """Probe and apply of the network that the host's containers share, where each keeps its address."""

    def __init__(self, site: HostSite) -> None:
        self._site = site

    async def probe(self) -> Sequence[Change]:
        if self._site.exists():
            async with self._site.engine() as engine:
                if await engine.has_network():
                    return []
        return [Change("create", f"network {labels.NETWORK}", after=labels.SUBNET)]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        async with self._site.engine() as engine:
            await engine.make_network()
        report(f"network {labels.NETWORK} of {labels.SUBNET} is there")


def places(site: HostSite, found: Sequence[Found]) -> dict[str, Placed]:
    """Where every application of the host is, with what containers and the endpoints' book say that they had.

    Raises:
        Refusal: the host has no port left.
    """
    book = site.recorded()
    held = {
        PortKey(site.host.name, one.application, one.container_port, one.protocol): one.port
        for one in book
        if one.scope is Scope.CLOUD
    }
    held |= held_ports(site.host.name, [each.labels for each in found])
    addresses = {one.application: one.address for one in book if one.scope is Scope.HOST}
    addresses |= {each.labels[labels.APPLICATION]: each.address for each in found if each.address}
    try:
        return placed(site.host, held, addresses, site.ports)
    except NoFreePort as error:
        raise Refusal(str(error), where=site.host.name) from None


def outline(body: Configuration) -> str:
    """What a person compares of a container; the values of variables are not shown."""
    inside = body["HostConfig"]
    lines = [f"image {body['Image']}"]
    lines += [f"argument {word}" for word in body.get("Cmd", ())]
    lines += [f"variable {entry.partition('=')[0]}" for entry in body["Env"]]
    lines += [f"port {bound[0]['HostPort']} to {port}" for port, bound in inside["PortBindings"].items()]
    lines += [f"volume {mount['Target']} {mount.get('Source', 'temporary')}" for mount in inside["Mounts"]]
    lines += [
        f"volume {path} host path {source}" for source, _, path in (each.partition(":") for each in inside["Binds"])
    ]
    return "\n".join([*lines, *(["privileged"] if inside["Privileged"] else [])])
