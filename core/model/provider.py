"""Where an environment's machines come from."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.model.base import Decimal, Declared, Some, Whole, refusal
from core.model.container import PortNumber
from core.model.text import Address, DnsLabel, FilePath, Host, Line, LoginName, Network, Subnet

_KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
_HOST_KEY = "the machine's public host key on one line, as `ssh-ed25519 AAAA…` (from /etc/ssh/ssh_host_ed25519_key.pub)"


def _host_key(text: str) -> str:
    words = text.split()
    if "\n" in text.strip() or len(words) < 2 or words[0] not in _KEY_TYPES or _inner_type(words[1]) != words[0]:
        raise refusal(_HOST_KEY)
    return " ".join(words)


def _inner_type(encoded: str) -> str:
    """The type that a public key's blob names itself (RFC 4253, section 6.6), empty where it is none."""
    try:
        blob = base64.b64decode(encoded, validate=True)
        (length,) = struct.unpack_from(">I", blob)
        return blob[4 : 4 + length].decode("ascii") if len(blob) > 4 + length else ""
    except (binascii.Error, struct.error, UnicodeDecodeError, ValueError):
        return ""


class Nspawn(Declared):
    """Machines on this box, with systemd-nspawn.

    `image` is a root archive or directory, made by debootstrap where there is none. `memory` and `cpus` limit each
    machine.
    """

    kind: Literal["nspawn"] = Field("nspawn", description="nspawn")
    subnet: Subnet = "10.77.0.0/24"
    bridge: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9-]{0,14}$",
        description="an interface's name of at most 15 lower-case letters, digits and dashes",
    )
    image: FilePath | None = Field(
        None, description="the path of a root archive or directory: absolute, or beginning with `~/`"
    )
    memory: str | None = Field(
        None, pattern=r"^[1-9][0-9]{0,11}[KMGT]?$", description="an amount of memory with K, M, G or T, as 2G"
    )
    cpus: Decimal | None = Field(None, ge=0.1, le=1024, description="a number of processors from 0.1 to 1024")


class InventoryMachine(Declared):
    """A machine that is there already, its host key pinned.

    Without `roles` it takes any; one with only the role `jump` becomes no node. `jump` names the machine of the same
    inventory through which this one is reached.
    """

    name: DnsLabel | None = None
    address: Host
    port: PortNumber = 22
    user: Line = Field("root", description="the name of a user who may become root")
    key_file: FilePath = Field(description="the path of the private key that may log in")
    host_key: Annotated[str, AfterValidator(_host_key)] = Field(description=_HOST_KEY)
    roles: tuple[Literal["control-plane", "worker", "gateway", "docker-host", "jump"], ...] = Field(
        (), description="a list of control-plane, worker, gateway, docker-host, jump"
    )
    jump: Line | None = Field(None, description="the name of another machine of the inventory")

    @property
    def label(self) -> str:
        """What the machine is called in messages and in `jump`."""
        return self.name or self.address


class Inventory(Declared):
    """Machines that someone has."""

    kind: Literal["inventory"] = Field("inventory", description="inventory")
    machines: Some[InventoryMachine] = Field(
        description="a list of at least one machine, each with address, key_file, host_key"
    )


class Simulated(Declared):
    """Machines that only seem to be."""

    kind: Literal["simulated"] = Field("simulated", description="simulated")


class Bastion(Declared):
    """A machine of one's own through which the others are reached, its host key pinned."""

    address: Host
    port: PortNumber = 22
    user: Line = Field("root", description="the name of a user who may log in")
    key_file: FilePath = Field(description="the path of the private key that may log in")
    host_key: Annotated[str, AfterValidator(_host_key)] = Field(description=_HOST_KEY)


Reach = Literal["floating", "gateway", "bastion", "direct"]


class OpenStack(Declared):
    """Servers of an OpenStack project; flavor, image, key pair and zone are defaults for every machine.

    `cloud` is an entry of clouds.yaml. Without `network` there is one of the environment's own, `subnet` on `router`,
    which is the environment's own too unless it is named. `access` may use SSH and the API, `public_access` the ports
    of scope public. `reach` is how the operator gets to the machines.
    """

    kind: Literal["openstack"] = Field("openstack", description="openstack")
    cloud: Line = Field(description="the name of a cloud in clouds.yaml, or envvars for the OS_* variables")
    region: Line | None = Field(None, description="the name of a region")
    project: Line | None = Field(None, description="the name of a project, where it is not the one of clouds.yaml")
    network: Line | None = Field(None, description="the name or id of a network")
    subnet: Subnet = "10.76.0.0/24"
    router: Line | None = Field(None, description="the name or id of a router")
    nameservers: tuple[Address, ...] = Field((), description="a list of IPv4 addresses of DNS servers")
    external_network: Line | None = Field(None, description="the name or id of the network of floating addresses")
    access: tuple[Network, ...] = Field((), description="a list of IPv4 networks, as 203.0.113.7/32")
    public_access: Some[Network] = Field(("0.0.0.0/0",), description="a list of at least one IPv4 network")
    reach: Reach = Field("floating", description="one of floating, gateway, bastion, direct")
    bastion: Bastion | None = Field(None, description="a mapping with address, key_file, host_key")
    user: LoginName = "root"
    flavor: Line | None = Field(None, description="the name of a flavor")
    image: Line | None = Field(None, description="the name or id of an image")
    key_pair: Line | None = Field(None, description="the name of a key pair")
    availability_zone: Line | None = Field(None, description="the name of an availability zone")
    spread_zones: tuple[Line, ...] = Field((), description="a list of names of availability zones")
    anti_affinity: Literal["soft", "hard", "none"] = Field("soft", description="one of soft, hard, none")
    boot_volume: Whole | None = Field(None, ge=10, le=16384, description="a whole number of GiB from 10 to 16384")
    volume_type: Line | None = Field(None, description="the name of a volume type")


Provider = Annotated[
    Nspawn | Inventory | Simulated | OpenStack,
    Field(discriminator="kind", description="a mapping whose kind is one of nspawn, inventory, simulated, openstack"),
]
