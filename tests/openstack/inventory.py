"""Everything that a project has, asked for without a line of the product: what was there before is there after.

python -m tests.openstack.inventory CLOUDS.YAML [CLOUD]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import openstack
import openstack.config

_NETWORK = ("networks", "subnets", "routers", "ports", "ips", "security_groups")


def inventory(clouds: Path, cloud: str = "testbed") -> dict[str, list[str]]:
    """Every object by kind, each with its id and what matters of it."""
    loader = openstack.config.OpenStackConfig(config_files=[str(clouds)], load_envvars=False)
    connection: Any = openstack.connection.Connection(config=loader.get_one(cloud=cloud))
    try:
        return _listed(connection)
    finally:
        connection.close()


def _listed(connection: Any) -> dict[str, list[str]]:
    project = connection.current_project_id
    found = {
        "servers": [f"{one.id} {one.name} {one.status}" for one in connection.compute.servers(details=True)],
        "server_groups": [f"{one.id} {one.name}" for one in connection.compute.server_groups()],
        "key_pairs": [one.name for one in connection.compute.keypairs()],
    }
    for kind in _NETWORK:
        found[kind] = [_said(one) for one in getattr(connection.network, kind)(project_id=project)]
    rules = connection.network.security_group_rules(project_id=project)
    found["security_group_rules"] = [
        f"{one.id} {one.protocol} {one.port_range_min}-{one.port_range_max} {one.remote_ip_prefix}" for one in rules
    ]
    return {kind: sorted(rows) for kind, rows in found.items()}


def _said(one: Any) -> str:
    facts = (one.id, one.name, getattr(one, "floating_ip_address", None), getattr(one, "port_id", None))
    return " ".join(str(fact) for fact in facts if fact)


if __name__ == "__main__":
    print(json.dumps(inventory(Path(sys.argv[1]), *sys.argv[2:3]), indent=2))
