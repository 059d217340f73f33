"""Who made an object, and who uses it: pure functions of objects' references, and the lists that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.discovery import Kinds
from core.kube.kinds import CLAIM, CONFIG_MAP, ENDPOINT_SLICE, INGRESS, NODE, POD, SECRET, SERVICE
from core.kube.objects import read
from core.kube.rows import IngressRow
from core.live.objects import ClusterRef, Kind, Target

_LONGEST_LINE = 10
_SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that another one names; `how` says in which way."""

    kind: str
    name: str
    how: str


def references(pod: Object) -> set[Reference]:
    """What a pod (or a pod's template) names: config maps, secrets, claims, its node, its service account."""
    spec = pod.get("spec", {})
    found = {reference for volume in spec.get("volumes", ()) for reference in _of_volume(volume)}
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        found |= set(_of_environment(container))
    found |= {Reference("Secret", one["name"], "image pull") for one in spec.get("imagePullSecrets", ())}
    for kind, field in (("Node", "nodeName"), ("ServiceAccount", "serviceAccountName")):
        if name := spec.get(field):
            found.add(Reference(kind, name, field))
    return found


def uses(pod: Object, kind: str, name: str) -> bool:
    """Whether a pod names this object."""
    return any((one.kind, one.name) == (kind, name) for one in references(pod))


def selected(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a service with this selector leads to a pod with these labels; one without selector leads to none."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def ingress_uses(ingress: IngressRow, kind: str, name: str) -> bool:
    """Whether an ingress leads to this service, or takes its certificate from this secret."""
    if kind == "Secret":
        return any(one.secret_name == name for one in ingress.spec.tls)
    backends = [path.backend for rule in ingress.spec.rules for path in rule.http.paths]
    backends += [ingress.spec.default_backend] if ingress.spec.default_backend else []
    return kind == "Service" and any(one.service is not None and one.service.name == name for one in backends)


async def owners(cluster: Cluster, target: Target, kinds: Kinds) -> list[Target]:
    """The object's controllers or owners, the nearest first, up to the one that nobody owns."""
    found: list[Target] = []
    current = target
    while len(found) < _LONGEST_LINE:
        metadata = (await read(cluster, current))["metadata"]
        owner = _owner(metadata.get("ownerReferences") or ())
        if owner is None:
            break
        kind = await _kind(kinds, owner)
        namespace = target.namespace if kind.namespaced else ""
        current = Target(target.cluster, kind, owner["name"], namespace, owner.get("uid", ""))
        found.append(current)
    return found


async def used_by(cluster: Cluster, target: Target) -> list[Target]:
    """What uses an object: pods by their volumes, variables and node, services by their selector, ingresses."""
    name, kind = target.name, target.kind.kind
    found: list[Target] = []
    if kind in ("ConfigMap", "Secret", "PersistentVolumeClaim", "Node", "ServiceAccount"):
        fields = f"spec.nodeName={name}" if kind == "Node" else ""
        for pod in await _items(cluster, paths.pods(target.namespace or None), fields):
            if uses(pod, kind, name):
                found.append(_target(target.cluster, POD, pod))
    if kind == "Service":
        found += await _behind(cluster, target)
    if kind == "Pod":
        found += await _in_front(cluster, target)
    if kind in ("Service", "Secret"):
        path = paths.collection(INGRESS.version, INGRESS.resource, target.namespace)
        for ingress in await cluster.list(path, IngressRow):
            if ingress_uses(ingress, kind, name):
                found.append(Target(target.cluster, INGRESS, ingress.metadata.name, target.namespace))
    return found or await _children(cluster, target)


def named(ref: ClusterRef, pod: Object) -> list[Target]:
    """The objects that a pod names, as targets; the way from a pod to its config maps, secrets, claims and node."""
    known = {"ConfigMap": CONFIG_MAP, "Secret": SECRET, "PersistentVolumeClaim": CLAIM, "Node": NODE}
    namespace = pod["metadata"].get("namespace", "")
    ordered = sorted(references(pod), key=lambda one: (one.kind, one.name))
    found = [
        Target(ref, known[one.kind], one.name, namespace if known[one.kind].namespaced else "")
        for one in ordered
        if one.kind in known
    ]
    return list(dict.fromkeys(found))


def _of_volume(volume: Object) -> Iterator[Reference]:
    how = f"volume {volume.get('name', '')}"
    sources = [volume, *(volume.get("projected", {}).get("sources") or ())]
    for source in sources:
        if name := source.get("configMap", {}).get("name"):
            yield Reference("ConfigMap", name, how)
        secret = source.get("secret", {})
        # A volume's secret is named otherwise than a projected one.
        if name := secret.get("secretName") or secret.get("name"):
            yield Reference("Secret", name, how)
    if name := volume.get("persistentVolumeClaim", {}).get("claimName"):
        yield Reference("PersistentVolumeClaim", name, how)


def _of_environment(container: Object) -> Iterator[Reference]:
    how = f"variables of {container.get('name', '')}"
    for entry in container.get("envFrom", ()):
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if name := entry.get(field, {}).get("name"):
                yield Reference(kind, name, how)
    for entry in container.get("env", ()):
        source = entry.get("valueFrom") or {}
        for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            if name := source.get(field, {}).get("name"):
                yield Reference(kind, name, how)


def _owner(found: Sequence[Object]) -> Object | None:
    controller = next((owner for owner in found if owner.get("controller")), None)
    return controller or next(iter(found), None)


async def _kind(kinds: Kinds, owner: Object) -> Kind:
    group = str(owner.get("apiVersion", "")).rpartition("/")[0]
    word = str(owner["kind"]).lower()
    found = [kind for kind in await kinds.all() if kind.kind.lower() == word and kind.group == group]
    return found[0] if found else await kinds.find(word)


async def _behind(cluster: Cluster, target: Target) -> list[Target]:
    """A service's pods, and its slices."""
    service = await read(cluster, target)
    selector = service["spec"].get("selector") or {}
    pods = await _items(cluster, paths.pods(target.namespace), labels=paths.selector(selector)) if selector else []
    path = paths.collection(ENDPOINT_SLICE.version, ENDPOINT_SLICE.resource, target.namespace)
    slices = await _items(cluster, path, labels=f"{_SERVICE_NAME}={target.name}")
    found = [_target(target.cluster, POD, pod) for pod in pods]
    return found + [_target(target.cluster, ENDPOINT_SLICE, one) for one in slices]


async def _in_front(cluster: Cluster, target: Target) -> list[Target]:
    """The services that lead to a pod, then what it names itself."""
    pod = await read(cluster, target)
    labels = pod["metadata"].get("labels", {})
    services = await _items(cluster, paths.services(target.namespace))
    found = [
        _target(target.cluster, SERVICE, service)
        for service in services
        if selected(service["spec"].get("selector") or {}, labels)
    ]
    return found + named(target.cluster, pod)


async def _children(cluster: Cluster, target: Target) -> list[Target]:
    """What the object owns, among what usually is owned."""
    if not target.namespace:
        return []
    uid = target.uid or (await read(cluster, target))["metadata"]["uid"]
    found: list[Target] = []
    for kind in _OWNED:
        for item in await _items(cluster, paths.collection(kind.version, kind.resource, target.namespace)):
            if any(owner.get("uid") == uid for owner in item["metadata"].get("ownerReferences") or ()):
                found.append(_target(target.cluster, kind, item))
    return found


_OWNED = (
    POD,
    Kind("ReplicaSet", "replicasets", "apps/v1"),
    Kind("Job", "jobs", "batch/v1"),
    ENDPOINT_SLICE,
)


async def _items(cluster: Cluster, path: str, fields: str = "", labels: str = "") -> list[Object]:
    found = await cluster.list(path, msgspec.Raw, fields=fields, labels=labels)
    return [msgspec.json.decode(raw, type=dict[str, Any]) for raw in found]


def _target(ref: ClusterRef, kind: Kind, item: Object) -> Target:
    metadata = item["metadata"]
    return Target(ref, kind, metadata["name"], metadata.get("namespace", ""), metadata.get("uid", ""))
