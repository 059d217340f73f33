"""Whether what a pod mounts is there."""

from __future__ import annotations

from collections.abc import Iterator

from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.shape import Object


def volume_trouble(pod: Object, objects: Objects) -> str:
    """Why a volume cannot be mounted, in the kubelet's words; empty where all can."""
    namespace = pod["metadata"]["namespace"]
    for volume, resource, word, name in _needed(pod):
        if objects.raw(resource, namespace, name) is None:
            return f'MountVolume.SetUp failed for volume "{volume}" : {word} "{name}" not found'
    return ""


def _needed(pod: Object) -> Iterator[tuple[str, str, str, str]]:
    """The volume, resource, word and name of every ConfigMap and Secret that a pod mounts and needs."""
    for volume in pod["spec"].get("volumes") or ():
        config, secret = volume.get("configMap"), volume.get("secret")
        if config and not config.get("optional"):
            yield volume["name"], "configmaps", "configmap", config["name"]
        if secret and not secret.get("optional"):
            yield volume["name"], "secrets", "secret", secret["secretName"]
