"""Joining pods to their cluster: what the pods' steps are given."""

from __future__ import annotations

from core.cluster.context import ClusterContext
from core.containers.site import Site
from core.deployment.context import EnvironmentContext
from core.deployment.endpoints import record_endpoints
from core.deployment.surroundings import surroundings
from core.model.endpoint import GatewayAddress


def pod_site(context: EnvironmentContext, cluster: ClusterContext) -> Site:
    """The place of a cluster's pods."""
    return Site(
        around=surroundings(context),
        name=cluster.name,
        cluster=cluster.api,
        exists=lambda: cluster.exists(cluster.blueprint.layout.control_plane),
        gateways=lambda: _gateways(cluster),
        record=lambda component, endpoints: record_endpoints(context, component, endpoints),
        ports=context.cloud.gateway_ports,
    )


def _gateways(cluster: ClusterContext) -> list[GatewayAddress]:
    found = []
    for node in cluster.blueprint.layout.of("gateway"):
        machine = cluster.machines.get(node.name)
        address = cluster.blueprint.addresses.get(node.name)
        if address:
            found.append(GatewayAddress(address, machine.floating if machine else None))
    return found
