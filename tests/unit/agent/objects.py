"""Services and EndpointSlices as the API sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

JSON = dict[str, Any]
Port = tuple[str, int, str]


def service(
    name: str,
    *ports: Port,
    namespace: str = "default",
    publish: str | None = None,
    created: str = "2025-01-01T00:00:00Z",
    cluster_ip: str = "10.96.0.9",
    kind: str = "ClusterIP",
) -> JSON:
    annotations = {} if publish is None else {"gondolier.io/publish": publish}
    wanted = [{"name": each, "port": number, "protocol": protocol} for each, number, protocol in ports]
    return {
        "metadata": {
            "namespace": namespace,
            "name": name,
            "creationTimestamp": created,
            "annotations": annotations,
        },
        "spec": {"type": kind, "clusterIP": cluster_ip, "ports": wanted},
    }


def endpoint_slice(
    service_name: str,
    addresses: Sequence[str],
    *ports: Port,
    namespace: str = "default",
    suffix: str = "a",
    unready: Sequence[str] = (),
    family: str = "IPv4",
) -> JSON:
    endpoints = [{"addresses": [address], "conditions": {"ready": True}} for address in addresses]
    endpoints += [{"addresses": [address], "conditions": {"ready": False}} for address in unready]
    return {
        "metadata": {
            "namespace": namespace,
            "name": f"{service_name}-{suffix}",
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "addressType": family,
        "endpoints": endpoints,
        "ports": [{"name": each, "port": number, "protocol": protocol} for each, number, protocol in ports],
    }
