"""The persistent volume claims that a pod's applications bring along: made where they are not, never taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from core.containers.manifest import NAMESPACE, OURS, Manifest, identity
from core.containers.site import Site
from core.engine.errors import Refusal, Transient
from core.engine.step import Change, Report
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.rows import AnyRow, NodeRow
from core.model.container import ClaimVolume
from core.model.pod import KubernetesPod

LOCAL = "/var/lib/gondolier-data"
"""Where the data of claims is on a worker, in a cluster without a default storage class."""

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class Claims:
    """Probe and apply of a pod's claims that have a size; data that is there is never removed with a pod.

    Raises (apply):
        Refusal: a claim names a storage class that the cluster has not.
    """

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._wanted = list(claims(pod))

    async def probe(self) -> Sequence[Change]:
        return [
            Change("create", f"claim {each['metadata']['name']}", after=f"{_size(each)} of storage")
            for each in await self._missing()
        ]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        for manifest in await self._missing():
            await _bring_about(cluster, manifest, report)

    async def _missing(self) -> list[Manifest]:
        if not self._wanted or not self._site.exists():
            return self._wanted
        rows = await self._site.lists.rows(paths.collection("v1", "persistentvolumeclaims", NAMESPACE), AnyRow)
        there = {row.metadata.name for row in rows}
        return [each for each in self._wanted if each["metadata"]["name"] not in there]


def claims(pod: KubernetesPod) -> Iterator[Manifest]:
    """The claims of a pod's applications that are made with it."""
    for application in pod.applications:
        for volume in application.volumes.values():
            if isinstance(volume, ClaimVolume) and volume.size:
                yield _claim(pod.name, volume)


def _claim(pod: str, volume: ClaimVolume) -> Manifest:
    spec: Manifest = {
        "accessModes": ["ReadOnlyMany" if volume.read_only else "ReadWriteOnce"],
        "resources": {"requests": {"storage": volume.size}},
    }
    if volume.storage_class:
        spec["storageClassName"] = volume.storage_class
    metadata = {"name": volume.claim, "namespace": NAMESPACE, "labels": identity(pod)}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def _size(manifest: Manifest) -> str:
    return str(manifest["spec"]["resources"]["requests"]["storage"])


async def _bring_about(cluster: Cluster, manifest: Manifest, report: Report) -> None:
    """Make a claim and, where the cluster has no storage of its own for it, a place on one worker's disk.

    A claim that nothing can serve would leave its pod waiting without a word.
    """
    name, named = manifest["metadata"]["name"], manifest["spec"].get("storageClassName")
    classes = await _classes(cluster)
    if named and named not in classes:
        known = ", ".join(classes) or "none"
        what = f"claim {name}: the cluster has no storage class {named} (it has: {known})"
        raise Refusal(what, where=cluster.name, fix="name one that it has, or none")
    if not named and not any(classes.values()):
        node = await _roomiest(cluster)
        await cluster.apply(local_volume(manifest, node))
        manifest = manifest | {"spec": manifest["spec"] | {"storageClassName": "", "volumeName": volume_of(name)}}
        report(f"claim {name}: its data is on the disk of {node}, below {LOCAL}", "warning")
    await cluster.apply(manifest)
    report(f"claim {name}: {_size(manifest)} of storage; it stays when its pod goes")


def local_volume(claim: Manifest, node: str) -> Manifest:
    """A directory on a node's disk, held for one claim and kept when that goes."""
    name, spec = claim["metadata"]["name"], claim["spec"]
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume_of(name), "labels": claim["metadata"]["labels"]},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": NAMESPACE, "name": name},
            "hostPath": {"path": f"{LOCAL}/{name}", "type": "DirectoryOrCreate"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }


def volume_of(claim: str) -> str:
    """The name of the volume that is made for a claim; volumes have no namespace."""
    return f"gondolier-{claim}"


async def _classes(cluster: Cluster) -> dict[str, bool]:
    """The cluster's storage classes, and which of them is the default one."""
    listed = await cluster.get(paths.collection("storage.k8s.io/v1", "storageclasses"))
    return {
        item["metadata"]["name"]: item["metadata"].get("annotations", {}).get(_DEFAULT_CLASS) == "true"
        for item in ((listed or {}).get("items") or ())
    }


async def _roomiest(cluster: Cluster) -> str:
    """The worker that has the fewest of our volumes, the first by name of several.

    Raises:
        Transient: no node takes pods now.
    """
    nodes = await cluster.list(paths.collection("v1", "nodes"), NodeRow)
    free = [row.metadata.name for row in nodes if not row.spec.taints and not row.spec.unschedulable]
    if not free:
        raise Transient("no worker takes pods now, so none can hold a volume", where=cluster.name)
    listed = await cluster.get(paths.collection("v1", "persistentvolumes"), [("labelSelector", OURS)])
    held = Counter(_node_of(item) for item in ((listed or {}).get("items") or ()))
    return min(free, key=lambda name: (held[name], name))


def _node_of(volume: Object) -> str:
    terms = volume["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
    return str(terms[0]["matchExpressions"][0]["values"][0]) if terms else ""
