"""Calico's keys in etcd (libcalico-go, etcdv3 backend): a node with its block of addresses, and resources by kind."""

from __future__ import annotations

import ipaddress
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.simulator.network.store import Access, NoAddresses, Store

RESOURCES = "/calico/resources/v3/projectcalico.org"
_BLOCKS = "/calico/ipam/v2/assignment/ipv4/block"
_AFFINITIES = "/calico/ipam/v2/host"
_BLOCK_BITS = 26


def access(environ: Mapping[str, str]) -> Access:
    """Calico's own variables (docs.tigera.io, "Configuring calico/node")."""
    names = ("ETCD_ENDPOINTS", "ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE")
    return Access(*(environ.get(name, "") for name in names))


def resource_key(kind: str, name: str) -> str:
    """Where a resource is kept; `kind` in lower case, plural."""
    return f"{RESOURCES}/{kind}/{name}"


def resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A new resource."""
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {"name": name, "uid": str(uuid.uuid4()), "creationTimestamp": created}
    return {"kind": kind, "apiVersion": "projectcalico.org/v3", "metadata": metadata, "spec": spec}


def register(store: Store, node: str, address: str, pool: str) -> str:
    """Make the node known with a block of the pool's addresses, which it keeps; gives the block."""
    block = block_of(store, node) or _free_block(store, pool)
    tunnel = str(ipaddress.ip_network(block)[0])
    if store.get(resource_key("nodes", node)) is None:
        spec = {"bgp": {"ipv4Address": f"{address}/8"}, "ipv4VXLANTunnelAddr": tunnel, "orchRefs": [_reference(node)]}
        store.put(resource_key("nodes", node), resource("Node", node, spec))
    slug = block.replace("/", "-")
    store.put(f"{_BLOCKS}/{slug}", {"cidr": block, "affinity": f"host:{node}"})
    store.put(f"{_AFFINITIES}/{node}/ipv4/block/{slug}", {"state": "confirmed", "deleted": "false"})
    return block


def block_of(store: Store, node: str) -> str | None:
    """The node's block of addresses, None where it has none."""
    found = store.under(f"{_AFFINITIES}/{node}/ipv4/block/")
    return found[0].key.rpartition("/")[2].replace("-", "/") if found else None


def forget(store: Store, node: str) -> bool:
    """Remove the node, and give its block back; says whether there was such a node."""
    for pair in store.under(f"{_AFFINITIES}/{node}/ipv4/block/"):
        store.delete(f"{_BLOCKS}/{pair.key.rpartition('/')[2]}")
        store.delete(pair.key)
    return bool(store.delete(resource_key("nodes", node)))


def _free_block(store: Store, pool: str) -> str:
    taken = {json.loads(pair.value)["cidr"] for pair in store.under(f"{_BLOCKS}/")}
    network = ipaddress.ip_network(pool)
    blocks = network.subnets(new_prefix=max(_BLOCK_BITS, network.prefixlen))
    free = next((str(block) for block in blocks if str(block) not in taken), None)
    if free is None:
        raise NoAddresses(f"no free block of addresses is left in {pool}")
    return free


def _reference(node: str) -> dict[str, str]:
    return {"nodeName": node, "orchestrator": "k8s"}
