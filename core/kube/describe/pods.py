"""Pods, pod templates and their containers in words."""

from __future__ import annotations

from typing import Any

import msgspec

from core.kube.describe.words import Object, at, conditions, fields, listed, section, word
from core.kube.rows import PodRow
from core.kube.words import pod_words


def pod(thing: Object) -> list[str]:
    """What a pod runs, where, and how it is."""
    spec, status = thing["spec"], thing.get("status", {})
    words = pod_words(msgspec.convert(thing, PodRow))
    head = fields(
        [
            ("Status", words.status),
            ("Ready", f"{words.ready}/{words.total}"),
            ("Node", "/".join(part for part in (spec.get("nodeName"), status.get("hostIP")) if part)),
            ("IP", word(status.get("podIP"))),
            ("Service account", word(spec.get("serviceAccountName"))),
            ("QoS class", word(status.get("qosClass"))),
            ("Priority", word(spec.get("priority"))),
        ]
    )
    if message := status.get("message"):
        head += fields([("Message", message)])
    states = {
        one["name"]: one for name in ("containerStatuses", "initContainerStatuses") for one in status.get(name) or ()
    }
    return [*head, *template(spec, states), *conditions(status), *_placing(spec)]


def template(spec: Object, states: dict[str, Any] | None = None) -> list[str]:
    """What a pod's specification runs: its containers with their states where there are any, and its volumes."""
    lines: list[str] = []
    for title, name in (("Init containers", "initContainers"), ("Containers", "containers")):
        inside = [line for one in spec.get(name) or () for line in container(one, (states or {}).get(one["name"]))]
        lines += section(title, inside)
    volumes = [f"{one['name']}: {_volume(one)}" for one in spec.get("volumes") or ()]
    return lines + section("Volumes", volumes)


def container(thing: Object, status: Object | None) -> list[str]:
    """One container: image, ports, state, resources, probes, variables, mounts."""
    pairs = [("Image", word(thing.get("image")))]
    pairs += [("Command", " ".join(thing["command"]))] if thing.get("command") else []
    pairs += [("Arguments", " ".join(thing["args"]))] if thing.get("args") else []
    pairs += [("Ports", ", ".join(_port(port) for port in thing["ports"]))] if thing.get("ports") else []
    if status is not None:
        pairs += [
            ("State", _state(status.get("state") or {})),
            ("Last state", _state(status.get("lastState") or {})),
            ("Ready", word(status.get("ready"))),
            ("Restarts", word(status.get("restartCount"))),
        ]
    for kind in ("requests", "limits"):
        if found := at(thing, "resources", kind):
            pairs.append((kind.capitalize(), ", ".join(f"{name} {amount}" for name, amount in found.items())))
    pairs += [(name, _probe(thing[field])) for field, name in _PROBES.items() if thing.get(field)]
    pairs += [("Environment", "\n".join(_variables(thing)))] if _variables(thing) else []
    mounts = [f"{one['mountPath']} from {one['name']}" for one in thing.get("volumeMounts") or ()]
    pairs += [("Mounts", "\n".join(mounts))] if mounts else []
    return [f"{thing['name']}:", *(f"  {line}" for line in fields(pairs))]


_PROBES = {"livenessProbe": "Liveness", "readinessProbe": "Readiness", "startupProbe": "Startup"}


def _port(port: Object) -> str:
    return f"{port['containerPort']}/{port.get('protocol', 'TCP')}"


def _state(state: Object) -> str:
    if found := state.get("running"):
        return f"running since {found.get('startedAt')}"
    if found := state.get("waiting"):
        return _joined("waiting", found.get("reason"), found.get("message"))
    if found := state.get("terminated"):
        ended = f"ended with {found.get('exitCode')} at {found.get('finishedAt')}"
        return _joined(ended, found.get("reason"), found.get("message"))
    return ""


def _joined(*parts: Any) -> str:
    return ": ".join(str(part) for part in parts if part)


def _probe(probe: Object) -> str:
    if found := probe.get("httpGet"):
        how = f"http {found.get('path', '/')} on {found.get('port')}"
    elif found := probe.get("tcpSocket"):
        how = f"tcp {found.get('port')}"
    elif found := probe.get("grpc"):
        how = f"grpc {found.get('port')}"
    else:
        how = " ".join(at(probe, "exec", "command") or [])
    times = (probe.get("periodSeconds", 10), probe.get("timeoutSeconds", 1), probe.get("failureThreshold", 3))
    return f"{how}, every {times[0]} s, within {times[1]} s, fails after {times[2]}"


def _variables(thing: Object) -> list[str]:
    """Variables; those from secrets only by where they come from."""
    lines = [f"all of {_source(one)}" for one in thing.get("envFrom") or ()]
    for one in thing.get("env") or ():
        source = one.get("valueFrom")
        lines.append(
            f"{one['name']}={one.get('value', '')}" if source is None else f"{one['name']} from {_key(source)}"
        )
    return lines


def _source(entry: Object) -> str:
    for field, kind in (("configMapRef", "config map"), ("secretRef", "secret")):
        if name := at(entry, field, "name"):
            return f"{kind} {name}"
    return "?"


def _key(source: Object) -> str:
    for field, kind in (("configMapKeyRef", "config map"), ("secretKeyRef", "secret")):
        if found := source.get(field):
            return f"{kind} {found.get('name')}, key {found.get('key')}"
    return word(at(source, "fieldRef", "fieldPath") or at(source, "resourceFieldRef", "resource"))


_VOLUMES = {
    "configMap": ("config map", "name"),
    "secret": ("secret", "secretName"),
    "persistentVolumeClaim": ("claim", "claimName"),
    "hostPath": ("path of the node", "path"),
    "nfs": ("nfs", "server"),
}


def _volume(volume: Object) -> str:
    for field, (kind, name) in _VOLUMES.items():
        if found := volume.get(field):
            return f"{kind} {found.get(name)}"
    if "emptyDir" in volume:
        return "temporary"
    return next((key for key in volume if key != "name"), "?")


def _placing(spec: Object) -> list[str]:
    tolerations = [_toleration(one) for one in spec.get("tolerations") or ()]
    return fields([("Node selector", listed(spec.get("nodeSelector"))), ("Tolerations", "\n".join(tolerations))])


def _toleration(one: Object) -> str:
    value = f"={one['value']}" if one.get("value") else ""
    effect = f":{one['effect']}" if one.get("effect") else ""
    seconds = f" for {one['tolerationSeconds']} s" if one.get("tolerationSeconds") is not None else ""
    return f"{one.get('key', '*')}{value}{effect}{seconds}"
