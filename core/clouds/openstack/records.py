"""The cloud's objects as small typed rows: what the provider decides on, without a line of the SDK's."""

from __future__ import annotations

from dataclasses import dataclass

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Server:
    """A server; `volumes` are ids, `created` sorts by age, `launched` says that it ran once and has data."""

    id: str
    name: str
    machine: str
    generation: int
    component: str
    role: str
    status: str
    fault: str = ""
    created: str = ""
    launched: bool = False
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A port with its first IPv4 address; `device` is the server that it belongs to, empty for none."""

    id: str
    name: str
    network: str
    address: str | None
    device: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Floating:
    """A floating address and the port that it leads to; `machine` is whom it was made for."""

    id: str
    address: str
    port: str | None = None
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a security group lets in: a protocol, its ports (both None for all) and from where.

    `source` is a network as text, or the id of a group; the world is 0.0.0.0/0 in both spellings of the API.
    """

    protocol: str
    first: int | None
    last: int | None
    source: str

    def __str__(self) -> str:
        numbers = dict.fromkeys(str(port) for port in (self.first, self.last) if port is not None)
        return " ".join((self.protocol, *(["-".join(numbers)] if numbers else []), "from", self.source))


@dataclass(frozen=True, slots=True)
class LiveRule:
    """A rule that a group has; `purpose` is its description."""

    id: str
    rule: Rule
    purpose: str


@dataclass(frozen=True, slots=True)
class Group:
    """A security group with the rules for what comes in."""

    id: str
    name: str
    rules: tuple[LiveRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    id: str
    name: str
    external: bool = False
    mtu: int = 0


@dataclass(frozen=True, slots=True)
class Subnet:
    id: str
    name: str
    network: str
    cidr: str


@dataclass(frozen=True, slots=True)
class Router:
    """A router; `external` is the network of its gateway."""

    id: str
    name: str
    external: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A router's interface in a network; `port` is its id."""

    router: str
    network: str
    port: str


@dataclass(frozen=True, slots=True)
class ServerGroup:
    id: str
    name: str
    policy: str


@dataclass(frozen=True, slots=True)
class Machines:
    """What the environment's machines consist of."""

    servers: tuple[Server, ...] = ()
    ports: tuple[Port, ...] = ()
    floating: tuple[Floating, ...] = ()

    def port(self, name: str) -> Port | None:
        """The port of this name."""
        return next((port for port in self.ports if port.name == name), None)

    def servers_of(self, machine: str) -> list[Server]:
        """The servers of a machine, newest generation first, then oldest first: one, unless something went wrong."""
        found = [server for server in self.servers if server.machine == machine]
        return sorted(found, key=lambda server: (-server.generation, server.created))


@dataclass(frozen=True, slots=True)
class Ground:
    """What the environment has beside its machines."""

    networks: tuple[Network, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    routers: tuple[Router, ...] = ()
    groups: tuple[Group, ...] = ()
    server_groups: tuple[ServerGroup, ...] = ()
    ways: tuple[Way, ...] = ()

    def group(self, name: str) -> Group | None:
        """The security group of this name."""
        return next((group for group in self.groups if group.name == name), None)

    def server_group(self, name: str) -> ServerGroup | None:
        """The server group of this name."""
        return next((group for group in self.server_groups if group.name == name), None)
