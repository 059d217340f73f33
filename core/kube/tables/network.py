"""What leads to pods (kubernetes/pkg/printers/internalversion: printService, printEndpointSlice, printIngress)."""

from __future__ import annotations

from core.kube.rows import EndpointPort, EndpointSliceRow, IngressRow, Outside, ServicePort, ServiceRow
from core.kube.tables.columns import AGE, NAME, NAMESPACE, joined, pairs, text
from core.live.tables import Health

_SHOWN = 3
"""As many endpoints are listed as kubectl lists; the others are counted."""


def service_health(row: ServiceRow) -> Health:
    """A load balancer without an address is still on its way; of endpoints a service's own row knows nothing."""
    return "busy" if row.spec.type == "LoadBalancer" and not _addresses(row.status) else "good"


def slice_health(row: EndpointSliceRow) -> Health:
    """Good while somebody takes traffic."""
    found = row.endpoints or ()
    ready = sum(endpoint.conditions.ready is not False for endpoint in found)
    if ready == len(found):
        return "good" if found else "warn"
    return "warn" if ready else "bad"


def ingress_health(row: IngressRow) -> Health:
    """Without an address nothing has taken it up yet."""
    return "good" if _addresses(row.status) else "busy"


def external_address(row: ServiceRow) -> str:
    """EXTERNAL-IP as kubectl shows it."""
    if row.spec.type == "ExternalName":
        return row.spec.external_name
    found = [*row.spec.external_ips, *_addresses(row.status)]
    return joined(found) or ("<pending>" if row.spec.type == "LoadBalancer" else "")


def port_text(port: ServicePort) -> str:
    """A port as kubectl shows it: "80/TCP", "80:30080/TCP"."""
    node = f":{port.node_port}" if port.node_port else ""
    return f"{port.port}{node}/{port.protocol}"


def hosts(row: IngressRow) -> str:
    """HOSTS as kubectl shows them: "*" for all."""
    return joined(rule.host or "*" for rule in row.spec.rules) or "*"


def _addresses(status: Outside) -> list[str]:
    return [found.ip or found.hostname for found in status.load_balancer.ingress]


def _slice_port(port: EndpointPort) -> str:
    return "*" if port.port is None else str(port.port)


def _endpoints(row: EndpointSliceRow) -> str:
    found = [address for endpoint in row.endpoints or () for address in endpoint.addresses]
    more = f" + {len(found) - _SHOWN} more..." if len(found) > _SHOWN else ""
    return joined(found[:_SHOWN]) + more


SERVICE = (
    NAMESPACE,
    NAME,
    text("TYPE", lambda row: str(row.spec.type)),
    text("CLUSTER-IP", lambda row: str(row.spec.cluster_ip)),
    text("EXTERNAL-IP", external_address),
    text("PORT(S)", lambda row: joined(port_text(port) for port in row.spec.ports)),
    AGE,
    text("SELECTOR", lambda row: pairs(row.spec.selector), wide=True),
)

ENDPOINT_SLICE = (
    NAMESPACE,
    NAME,
    text("ADDRESSTYPE", lambda row: str(row.address_type)),
    text("PORTS", lambda row: joined(_slice_port(port) for port in row.ports or ())),
    text("ENDPOINTS", _endpoints),
    AGE,
)

INGRESS = (
    NAMESPACE,
    NAME,
    text("CLASS", lambda row: str(row.spec.ingress_class_name)),
    text("HOSTS", hosts),
    text("ADDRESS", lambda row: joined(_addresses(row.status))),
    text("PORTS", lambda row: "80, 443" if row.spec.tls else "80"),
    AGE,
)
