"""The environments that the tests declare."""

from __future__ import annotations

from typing import Any

from core.model.environment import Environment
from tests.openstack.testbed.fixtures import IMAGE

PROVIDER: dict[str, Any] = {
    "kind": "openstack",
    "cloud": "testbed",
    "access": ["203.0.113.0/24"],
    "external_network": "public",
    "flavor": "m1.small",
    "image": IMAGE,
}


def declaration(
    workers: int = 1, gateways: int = 1, *, cluster: dict[str, Any] | None = None, **provider: Any
) -> dict[str, Any]:
    """A document with one cluster, whose workers have no floating address."""
    alpha = {
        "kind": "KubernetesCluster",
        "name": "alpha",
        "version": "1.36",
        "workers": {"count": workers, "max": max(workers, 6), "floating_ip": False},
        "gateways": {"count": gateways, "max": max(gateways, 3)},
    }
    return {"environment": "lab", "provider": PROVIDER | provider, "components": [alpha | (cluster or {})]}


def environment(workers: int = 1, gateways: int = 1, **changes: Any) -> Environment:
    """The same, parsed."""
    return Environment.model_validate(declaration(workers, gateways, **changes))
