"""Flannel's keys in etcd (flannel, pkg/subnet/etcd): the network's configuration, and a lease for each machine."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from itertools import islice

from core.simulator.network.store import NoAddresses, Store

PREFIX = "/coreos.com/network"
_SUBNET_BITS = 24
_OVERHEAD = 50
"""Bytes that VXLAN takes of a packet."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A machine's part of the pod network."""

    network: str
    subnet: str

    def environment(self) -> str:
        """The file that CNI reads."""
        gateway = ipaddress.ip_network(self.subnet)[1]
        return (
            f"FLANNEL_NETWORK={self.network}\nFLANNEL_SUBNET={gateway}/{_SUBNET_BITS}\n"
            f"FLANNEL_MTU={1500 - _OVERHEAD}\nFLANNEL_IPMASQ=true\n"
        )


def lease(store: Store, address: str, prefix: str = PREFIX) -> Lease | None:
    """Take a subnet, the same as before where there was one; None while the network is not configured."""
    configuration = store.get(f"{prefix}/config")
    if configuration is None:
        return None
    network = str(json.loads(configuration)["Network"])
    leases = {pair.key.rpartition("/")[2]: json.loads(pair.value) for pair in store.under(f"{prefix}/subnets/")}
    mine = next((slug for slug, value in leases.items() if value["PublicIP"] == address), None)
    slug = mine or _free(network, set(leases))
    octets = ":".join(f"{int(part):02x}" for part in address.split("."))
    backend = {"VNI": 1, "VtepMAC": f"02:00:{octets}"}
    store.put(f"{prefix}/subnets/{slug}", {"PublicIP": address, "BackendType": "vxlan", "BackendData": backend})
    return Lease(network, slug.replace("-", "/"))


def _free(network: str, leased: set[str]) -> str:
    whole = ipaddress.IPv4Network(network)
    # flanneld leaves the network's first subnet alone.
    subnets = islice(whole.subnets(new_prefix=max(_SUBNET_BITS, whole.prefixlen)), 1, None)
    free = next((_slug(subnet) for subnet in subnets if _slug(subnet) not in leased), None)
    if free is None:
        raise NoAddresses(f"failed to register network: out of subnets in {network}")
    return free


def _slug(subnet: ipaddress.IPv4Network) -> str:
    return str(subnet).replace("/", "-")
