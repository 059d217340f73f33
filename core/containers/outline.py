"""A manifest or a live object as the lines that a person compares; environment values are not shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]


def outline(thing: Object | None) -> str:
    """What was declared of a workload or a service, without what the API server adds; empty for nothing."""
    if thing is None:
        return ""
    lines = _service(thing) if thing.get("kind") == "Service" else _workload(thing)
    return "\n".join(lines)


def changed_values(before: Object | None, after: Object) -> list[str]:
    """ "container/VARIABLE" of every environment value that is there before and after and differs."""
    old, new = _values(before or {}), _values(after)
    return [name for name in sorted(new) if name in old and old[name] != new[name]]


def _values(thing: Object) -> dict[str, Any]:
    containers = _pod_spec(thing).get("containers", ())
    return {
        f"{container['name']}/{entry['name']}": entry.get("value", entry.get("valueFrom", ""))
        for container in containers
        for entry in container.get("env", ())
    }


def _pod_spec(thing: Object) -> Object:
    spec: Object = thing.get("spec", {})
    template: Object = spec.get("template", {}).get("spec", spec)
    return template


def _workload(thing: Object) -> Iterator[str]:
    spec = thing.get("spec", {})
    yield f"{thing.get('kind', '')} {thing['metadata']['name']}"
    yield from (f"label {key}={value}" for key, value in sorted(thing["metadata"].get("labels", {}).items()))
    if "replicas" in spec:
        yield f"replicas {spec['replicas']}"
    pod = _pod_spec(thing)
    sources = {volume["name"]: volume for volume in pod.get("volumes", ())}
    for container in pod.get("containers", ()):
        yield from _container(container, sources)


def _container(container: Object, sources: dict[str, Object]) -> Iterator[str]:
    yield f"application {container['name']}"
    yield f"  image {container.get('image', '')}"
    yield from (f"  argument {word}" for word in container.get("args", ()))
    yield from (f"  variable {entry['name']}" for entry in container.get("env", ()))
    yield from (f"  port {port['containerPort']}/{port.get('protocol', 'TCP')}" for port in container.get("ports", ()))
    yield from (_mount(mount, sources) for mount in container.get("volumeMounts", ()) if mount["name"] in sources)
    if container.get("securityContext", {}).get("privileged"):
        yield "  privileged"
    for sort, amounts in sorted(container.get("resources", {}).items()):
        yield from (f"  {sort} {name} {amount}" for name, amount in sorted(amounts.items()))
    yield from _probe(container.get("readinessProbe"))


def _mount(mount: Object, sources: dict[str, Object]) -> str:
    source = sources[mount["name"]]
    if "hostPath" in source:
        what = f"host path {source['hostPath']['path']}"
    elif "persistentVolumeClaim" in source:
        what = f"claim {source['persistentVolumeClaim']['claimName']}"
    else:
        what = "temporary"
    return f"  volume {mount['mountPath']} {what}{' (read-only)' if mount.get('readOnly') else ''}"


def _probe(probe: Object | None) -> Iterator[str]:
    if not probe:
        return
    if "httpGet" in probe:
        what = f"GET {probe['httpGet'].get('path', '/')} on port {probe['httpGet']['port']}"
    elif "exec" in probe:
        what = f"command {' '.join(probe['exec']['command'])}"
    else:
        what = f"connection to port {probe.get('tcpSocket', {}).get('port', '')}"
    yield f"  ready when {what}"
    timing = ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold")
    yield f"  probe timing {' '.join(str(probe.get(name, 0)) for name in timing)}"


def _service(thing: Object) -> Iterator[str]:
    yield f"Service {thing['metadata']['name']}"
    for port in thing.get("spec", {}).get("ports", ()):
        yield f"port {port['port']}/{port.get('protocol', 'TCP')} to {port.get('targetPort', port['port'])}"
    yield f"published {thing['metadata'].get('annotations', {}).get('gondolier.io/publish', '')}"
