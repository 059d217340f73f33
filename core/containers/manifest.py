"""What a KubernetesPod becomes in Kubernetes; pure: the same declaration gives the same manifests.

Everything that is declared counts in the digest, the number of replicas apart: that is compared by itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from core.containers.variables import Value, Variables
from core.containers.vault import Hidden
from core.model.container import (
    Application,
    ApplicationPort,
    ClaimVolume,
    CommandProbe,
    DockerVolume,
    HostPathVolume,
    HttpProbe,
    Probe,
    Resources,
)
from core.model.pod import KubernetesPod
from core.model.scope import Scope

Manifest = dict[str, Any]

NAMESPACE = "default"
ID = "id"
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "gondolier"
APPLICATION = "gondolier.io/application"
DIGEST = "gondolier.io/declared"
SECRETS = "gondolier.io/secrets"
FILES = "gondolier.io/files"
PUBLISH = "gondolier.io/publish"
NOT_PUBLISHED = "none"

MANIFEST = "gondolier.io/manifest"
"""The label of what comes from a KubernetesManifest: its component's name."""

OURS = f"{MANAGED_BY}={MANAGER},{ID},!{MANIFEST}"
"""The selector of everything that comes from a KubernetesPod."""

API_VERSIONS = {"Deployment": "apps/v1", "ReplicationController": "v1", "Pod": "v1"}
RESOURCES = {"Deployment": "deployments", "ReplicationController": "replicationcontrollers", "Pod": "pods"}

_LONGEST_NAME = 63

_NO_KEY = re.compile(r"[^A-Za-z0-9._-]")


def identity(pod: str) -> dict[str, str]:
    """The labels that all objects of a pod carry."""
    return {ID: pod, MANAGED_BY: MANAGER}


def pod_selector(pod: str) -> str:
    """The label selector of a pod's objects."""
    return ",".join(f"{key}={value}" for key, value in identity(pod).items())


def workload(pod: KubernetesPod, variables: Variables) -> Manifest | None:
    """The Deployment, ReplicationController or bare Pod, None for a pod without applications.

    `variables` has the values of every application's; a secret one is named, never written.
    """
    if not pod.applications:
        return None
    kind = pod.effective_workload
    template = {"metadata": {"labels": labels(pod)}, "spec": _pod_spec(pod, variables)}
    manifest = _head(API_VERSIONS[kind], kind, pod.name, labels(pod))
    match kind:
        case "Pod":
            manifest["spec"] = template["spec"]
        case "ReplicationController":
            manifest["spec"] = {"selector": {ID: pod.name}, "template": template}
        case "Deployment":
            manifest["spec"] = {"selector": {"matchLabels": {ID: pod.name}}, "template": template}
    # Pods do not follow a Secret or a ConfigMap by themselves: a changed one must change their template.
    followed = {SECRETS: _marks(variables), FILES: _contents(pod)}
    manifest["metadata"]["annotations"] = {key: mark for key, mark in followed.items() if mark}
    return _counted(_stamped(manifest), pod.replicas)


def service(
    pod: KubernetesPod, application: Application, name: str, allocated: Mapping[ApplicationPort, int]
) -> Manifest:
    """The Service of one application in a pod; `allocated` has a port for each of its ports that is no host port."""
    ports = [port for port in application.ports if port.scope is not Scope.HOST]
    published = [port for port in ports if port.scope >= Scope.CLOUD]
    manifest = _head("v1", "Service", name, _marks_of(pod, application))
    listed = ",".join(f"{allocated[port]}/{port.protocol}" for port in published)
    manifest["metadata"]["annotations"] = {PUBLISH: listed or NOT_PUBLISHED}
    manifest["spec"] = {
        "type": "ClusterIP",
        "selector": {ID: pod.name},
        "ports": [_service_port(port, allocated[port]) for port in ports],
    }
    return _stamped(manifest)


def has_service(application: Application) -> bool:
    """Whether an application has a port that is visible outside its pod."""
    return any(port.scope is not Scope.HOST for port in application.ports)


def service_name(pod: str, application: str, *, unique: bool = True) -> str:
    """`<pod>-<application>`: a DNS label that begins with a letter.

    A name that is too long, or that another application has already (`unique` false), ends with a hash of both parts.
    """
    plain = f"{pod}-{application}"
    plain = plain if plain[0].isalpha() else f"s-{plain}"
    if unique and len(plain) <= _LONGEST_NAME:
        return plain
    return _shortened(plain, f"{pod}/{application}")


def labels(pod: KubernetesPod) -> dict[str, str]:
    """The pod's own labels; those by which we find it again always win."""
    return dict(pod.labels) | identity(pod.name)


def digest_of(manifest: Manifest) -> str:
    """The digest that a manifest was stamped with."""
    digest: str = manifest["metadata"]["annotations"][DIGEST]
    return digest


def _head(version: str, kind: str, name: str, marks: dict[str, str]) -> Manifest:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": marks, "annotations": {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _stamped(manifest: Manifest) -> Manifest:
    """The manifest with its digest, on the replicas' template too: a pod shows which declaration it comes from."""
    text = msgspec.json.encode(manifest, order="sorted")
    stamp = {DIGEST: hashlib.sha256(text).hexdigest()[:16]}
    manifest["metadata"]["annotations"] |= stamp
    if "template" in manifest.get("spec", {}):
        manifest["spec"]["template"]["metadata"]["annotations"] = stamp
    return manifest


def _counted(manifest: Manifest, replicas: int) -> Manifest:
    if manifest["kind"] != "Pod":
        manifest["spec"]["replicas"] = replicas
    return manifest


def _pod_spec(pod: KubernetesPod, variables: Variables) -> Manifest:
    spec: Manifest = {"containers": [_container(pod.name, one, variables[one.name]) for one in pod.applications]}
    parts = {"initContainers": _owners(pod), "volumes": [*_volumes(pod), *_file_volumes(pod)]}
    return spec | {key: value for key, value in parts.items() if value}


def _volumes(pod: KubernetesPod) -> list[Manifest]:
    return [
        {"name": volume_name(one.name, path)} | _volume(volume)
        for one in pod.applications
        for path, volume in sorted(one.volumes.items())
    ]


def _file_volumes(pod: KubernetesPod) -> list[Manifest]:
    return [
        {"name": volume_name(one.name, "files"), "configMap": {"name": files_name(pod.name, one.name)}}
        for one in pod.applications
        if one.files
    ]


def _owners(pod: KubernetesPod) -> list[Manifest]:
    """Containers that end before the others begin: each gives an application's volumes to the user it runs as.

    They have the application's own image, which is there anyway.
    """
    return [_owner(one) for one in pod.applications if _owned(one)]


def _owned(application: Application) -> dict[str, int]:
    volumes = sorted(application.volumes.items())
    return {path: one.owner for path, one in volumes if isinstance(one, ClaimVolume) and one.owner is not None}


def _owner(application: Application) -> Manifest:
    owned = _owned(application)
    words = " && ".join(f"chown {user} {shlex.quote(path)}" for path, user in owned.items())
    return {
        "name": _shortened(f"own-{application.name}", application.name),
        "image": application.image,
        "command": ["sh", "-c", words],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [_mount(application.name, path, application.volumes[path]) for path in owned],
    }


def _container(pod: str, application: Application, values: Mapping[str, Value]) -> Manifest:
    container: Manifest = {"name": application.name, "image": application.image}
    parts = {
        "args": list(application.command),
        "env": [_variable(pod, application.name, *each) for each in sorted(values.items())],
        "ports": [_container_port(port) for port in application.ports],
        "volumeMounts": [
            *(_mount(application.name, *each) for each in sorted(application.volumes.items())),
            *(_file_mount(application.name, path) for path in sorted(application.files)),
        ],
        "securityContext": {"privileged": True} if application.privileged else {},
        "resources": _resources(application.resources),
        "readinessProbe": _probe(application.probe) if application.probe else {},
        "livenessProbe": _probe(application.liveness) if application.liveness else {},
    }
    return container | {key: value for key, value in parts.items() if value}


def _variable(pod: str, application: str, name: str, value: Value) -> Manifest:
    if isinstance(value, Hidden):
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name(pod, application), "key": name}}}
    return {"name": name, "value": value}


def secret_name(pod: str, application: str) -> str:
    """The Secret with an application's secret variables."""
    return service_name(pod, application, unique=False)


def secret(pod: KubernetesPod, application: Application, values: Mapping[str, Value]) -> Manifest | None:
    """The Secret of an application's secret variables, None where it has none; stamped with their marks."""
    hidden = {name: value for name, value in sorted(values.items()) if isinstance(value, Hidden)}
    if not hidden:
        return None
    manifest = _head("v1", "Secret", secret_name(pod.name, application.name), _marks_of(pod, application))
    manifest["metadata"]["annotations"] = {DIGEST: _marks({application.name: hidden})}
    manifest["data"] = {name: base64.b64encode(value.text.encode()).decode() for name, value in hidden.items()}
    return manifest


def _marks_of(pod: KubernetesPod, application: Application) -> dict[str, str]:
    return identity(pod.name) | {APPLICATION: application.name}


def _marks(variables: Variables) -> str:
    """One mark for all secrets: another one when any of them is another; empty where there are none."""
    marks = [
        (application, name, value.mark)
        for application, values in sorted(variables.items())
        for name, value in sorted(values.items())
        if isinstance(value, Hidden)
    ]
    return hashlib.sha256(msgspec.json.encode(marks)).hexdigest()[:16] if marks else ""


def _file_mount(application: str, path: str) -> Manifest:
    return {"name": volume_name(application, "files"), "mountPath": path, "subPath": file_key(path), "readOnly": True}


def file_key(path: str) -> str:
    """What a file is called in its ConfigMap, whose keys have no slashes."""
    return _shortened(_NO_KEY.sub("-", PurePosixPath(path).name), path)


def files_name(pod: str, application: str) -> str:
    """The ConfigMap with an application's files."""
    return service_name(pod, f"{application}-files", unique=False)


def files(pod: KubernetesPod, application: Application) -> Manifest | None:
    """The ConfigMap of an application's files, None where it has none."""
    if not application.files:
        return None
    manifest = _head("v1", "ConfigMap", files_name(pod.name, application.name), _marks_of(pod, application))
    manifest["data"] = {file_key(path): text for path, text in sorted(application.files.items())}
    return _stamped(manifest)


def _contents(pod: KubernetesPod) -> str:
    """One mark for all files: another one when any of them is another; empty where there are none."""
    texts = [(one.name, *each) for one in pod.applications for each in sorted(one.files.items())]
    return hashlib.sha256(msgspec.json.encode(texts)).hexdigest()[:16] if texts else ""


def _container_port(port: ApplicationPort) -> Manifest:
    return {"containerPort": port.port, "protocol": str(port.protocol)}


def _service_port(port: ApplicationPort, allocated: int) -> Manifest:
    return {
        "name": f"{allocated}-{str(port.protocol).lower()}",
        "port": allocated,
        "targetPort": port.port,
        "protocol": str(port.protocol),
    }


def volume_name(application: str, path: str) -> str:
    """A volume's name in its pod: the same for the same application and path."""
    return _shortened(application, f"{application}:{path}")


def _volume(volume: DockerVolume) -> Manifest:
    if isinstance(volume, HostPathVolume):
        return {"hostPath": {"path": volume.path}}
    if isinstance(volume, ClaimVolume):
        return {"persistentVolumeClaim": {"claimName": volume.claim, "readOnly": volume.read_only}}
    return {"emptyDir": {}}


def _mount(application: str, path: str, volume: DockerVolume) -> Manifest:
    mount: Manifest = {"name": volume_name(application, path), "mountPath": path}
    return mount | ({"readOnly": True} if isinstance(volume, ClaimVolume) and volume.read_only else {})


def _resources(resources: Resources) -> Manifest:
    amounts = {"requests": resources.requests, "limits": resources.limits}
    found = {name: amount.model_dump(include={"cpu", "memory"}, exclude_none=True) for name, amount in amounts.items()}
    return {name: amount for name, amount in found.items() if amount}


def _probe(probe: Probe) -> Manifest:
    timing = {
        "initialDelaySeconds": probe.delay,
        "periodSeconds": probe.period,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failures,
    }
    if isinstance(probe, HttpProbe):
        return timing | {"httpGet": {"port": probe.port, "path": probe.path}}
    if isinstance(probe, CommandProbe):
        return timing | {"exec": {"command": list(probe.command)}}
    return timing | {"tcpSocket": {"port": probe.port}}


def _shortened(text: str, hashed: str) -> str:
    """The text cut so that it still fits with a hash of what it stands for behind it."""
    mark = hashlib.sha256(hashed.encode()).hexdigest()[:8]
    return f"{text[: _LONGEST_NAME - 9].rstrip('-')}-{mark}"
