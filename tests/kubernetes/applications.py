"""Applications for a real cluster: a document of those that local images can run, and every entry's manifests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.containers.catalogue import filled_in, library, mistakes_of
from core.containers.claims import claims, local_volume
from core.containers.manifest import Manifest, files, secret, workload
from core.containers.ports import wanted_services
from core.containers.variables import Resolver, Surroundings
from core.containers.vault import Vault
from core.model.composition import Order, addition
from core.model.document import parse
from core.model.endpoint import Endpoint
from core.model.environment import Environment
from core.model.pod import KubernetesPod
from core.model.scope import Scope
from tests.kubernetes.lab import Lab, document

Part = dict[str, Any]

REQUIRED: dict[str, Part] = {
    "container": {"image": "nginx:1.29"},
    "httpd-site": {"url": "https://git.example.org/site.git"},
    "nginx-site": {"url": "https://git.example.org/site.git"},
}
"""Parameters that entries cannot do without."""


def catalogued(entry: str, name: str, **fields: Any) -> Part:
    """An application of the catalogue with a little storage."""
    storage = {"storage": "64Mi"} if "storage" in library().entries[entry].parameters else {}
    return {"name": name, "catalogue": entry, "parameters": storage} | fields


def pod(name: str, *applications: Part, replicas: int = 1) -> Part:
    return {
        "kind": "KubernetesPod",
        "name": name,
        "cluster": "alpha",
        "replicas": replicas,
        "applications": list(applications),
    }


ECHO: Part = {
    "name": "echo",
    "image": "alpine/socat:1.7",
    "command": ["UDP4-RECVFROM:5353,fork", "EXEC:cat"],
    "ports": [{"port": 5353, "scope": "public", "protocol": "UDP"}],
}
SIDE: Part = {
    "name": "side",
    "image": "busybox:1.36",
    "command": ["sh", "-c", "mkdir /www && echo beside > /www/index.html && exec httpd -f -p 8081 -h /www"],
    "ports": [{"port": 8081, "scope": "public"}],
    "probe": {"kind": "http", "port": 8081, "period": 1},
}


def site(**fields: Any) -> Part:
    """The catalogue's nginx."""
    return catalogued("nginx", "site", **fields)


def declared(lab: Lab, *pods: Part) -> str:
    """The README's document with these pods beside its own."""
    base = json.loads(document(lab.registry))
    return json.dumps(base | {"components": [*base["components"], *pods]}, indent=1)


def every_manifest(folder: Path) -> list[Manifest]:
    """What every entry of the catalogue becomes in cluster alpha; `folder` keeps the credentials made for it."""
    environment = filled_in(_everything())
    around = Surroundings(environment, recorded=lambda name: _endpoints(environment, name), vault=Vault(folder))
    found: list[Manifest] = []
    for one in environment.pods():
        values = Resolver(around, one, making=True).all(one.applications)
        found += [each.manifest for each in wanted_services(environment, "alpha", one, [])]
        for application in one.applications:
            kept = secret(one, application, values[application.name]), files(one, application)
            found += [each for each in kept if each is not None]
        for claim in claims(one):
            found += [claim, local_volume(claim, "kube-2")]
        found += [each for each in (workload(one, values),) if each is not None]
    return found


def _everything() -> Environment:
    """A document with every listed entry, each with what it needs."""
    entries = library().entries
    parts: list[Part] = [{"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}]
    for entry in entries.values():
        if entry.listed:
            order = Order(entry, entry.id, cluster="alpha", parameters=REQUIRED.get(entry.id, {}))
            parts += addition(order, entries).components
    provider = {"kind": "nspawn"}
    text = json.dumps({"environment": "all", "provider": provider, "components": parts})
    return parse(text, further=mistakes_of)


def _endpoints(environment: Environment, name: str) -> list[Endpoint]:
    return list(_internal(next(one for one in environment.pods() if one.name == name)))


def _internal(one: KubernetesPod) -> Iterator[Endpoint]:
    for application in one.applications:
        for port in application.ports:
            yield Endpoint(
                one.name, application.name, "10.32.0.9", port.port, Scope.INTERNAL, port.scope, port.port, port.protocol
            )
