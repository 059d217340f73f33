"""Documents of these tests: environment lab, with one cluster and one Docker host, and what runs on them."""

from __future__ import annotations

import json
from typing import Any

Part = dict[str, Any]

CLUSTER: Part = {
    "kind": "KubernetesCluster",
    "name": "alpha",
    "version": "1.36",
    "workers": {"count": 1, "max": 2},
    "gateways": {"count": 1, "max": 2},
}


def document(*parts: Part, environment: str = "lab") -> str:
    """A document on simulated machines; JSON is YAML as well."""
    provider = {"kind": "simulated"}
    return json.dumps({"environment": environment, "provider": provider, "components": list(parts)}, indent=1)


def pod(name: str, *applications: Part, replicas: int = 1, **fields: Any) -> Part:
    """A pod of the cluster."""
    known = {"kind": "KubernetesPod", "name": name, "cluster": "alpha", "replicas": replicas}
    return known | {"applications": list(applications)} | fields


def host(*applications: Part) -> Part:
    """The Docker host."""
    return {"kind": "DockerStandaloneHost", "name": "box", "applications": list(applications)}


def application(name: str, *ports: Part, image: str = "nginx:1.29", **fields: Any) -> Part:
    """An application, whose first TCP port tells whether it is ready."""
    tried = [{"kind": "tcp", "port": one["port"], "period": 1} for one in ports if one.get("protocol") != "UDP"]
    return {"name": name, "image": image, "ports": list(ports)} | ({"probe": tried[0]} if tried else {}) | fields


def port(number: int, scope: str = "public", protocol: str = "TCP") -> Part:
    """A port of a container."""
    return {"port": number, "scope": scope, "protocol": protocol}


def to(target: str, number: int, part: str = "host:port") -> Part:
    """A variable that says where `application` or `component/application` is reached."""
    component, _, name = target.rpartition("/")
    return {"kind": "connection", "application": name, "port": number, "part": part} | (
        {"component": component} if component else {}
    )
