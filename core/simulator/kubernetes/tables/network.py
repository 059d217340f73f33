"""Rows of services and what belongs to them.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.tables.column import (
    AGE,
    NAME,
    NONE,
    UNSET,
    Cell,
    at,
    joined,
    labels,
    selector,
)

Object = dict[str, Any]

_SHOWN = 3


def _external(service: Object) -> str:
    spec = service.get("spec", {})
    extra = list(spec.get("externalIPs") or ())
    match spec.get("type"):
        case "ExternalName":
            return str(spec.get("externalName", ""))
        case "LoadBalancer":
            given = service.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
            found = [each.get("ip") or each.get("hostname") for each in given]
            return joined([*found, *extra]) if found or extra else "<pending>"
    return joined(extra)


def _ports(service: Object) -> str:
    return joined(
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port.get('protocol', 'TCP')}"
        for port in service.get("spec", {}).get("ports") or ()
    )


def _endpoints(obj: Object) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    return joined(found, _SHOWN)


def _slice_ports(obj: Object) -> str:
    ports = [str(port["port"]) if port.get("port") else "*" for port in obj.get("ports") or ()]
    return joined(ports, _SHOWN) if ports else UNSET


def _slice_endpoints(obj: Object) -> str:
    addresses = [address for each in obj.get("endpoints") or () for address in each.get("addresses") or ()]
    return joined(addresses, _SHOWN) if addresses else UNSET


def _hosts(ingress: Object) -> str:
    hosts = [rule["host"] for rule in ingress.get("spec", {}).get("rules") or () if rule.get("host")]
    return joined(hosts, _SHOWN) if hosts else "*"


def _ingress_address(ingress: Object) -> str:
    given = ingress.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
    return ",".join(each.get("ip") or each.get("hostname", "") for each in given)


SERVICE = (
    NAME,
    Cell("Type", at("spec.type")),
    Cell("Cluster-IP", at("spec.clusterIP", NONE)),
    Cell("External-IP", _external),
    Cell("Port(s)", _ports),
    AGE,
    Cell("Selector", lambda obj: labels(obj.get("spec", {}).get("selector")), priority=1),
)
ENDPOINTS = (NAME, Cell("Endpoints", _endpoints), AGE)
ENDPOINT_SLICE = (
    NAME,
    Cell("AddressType", at("addressType")),
    Cell("Ports", _slice_ports),
    Cell("Endpoints", _slice_endpoints),
    AGE,
)
INGRESS = (
    NAME,
    Cell("Class", at("spec.ingressClassName", NONE)),
    Cell("Hosts", _hosts),
    Cell("Address", _ingress_address),
    Cell("Ports", lambda obj: "80, 443" if obj.get("spec", {}).get("tls") else "80"),
    AGE,
)
INGRESS_CLASS = (
    NAME,
    Cell("Controller", at("spec.controller")),
    Cell("Parameters", at("spec.parameters.name", NONE)),
    AGE,
)
NETWORK_POLICY = (
    NAME,
    Cell("Pod-Selector", lambda obj: selector(obj.get("spec", {}).get("podSelector"))),
    AGE,
)
