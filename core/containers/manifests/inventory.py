"""Which raw objects a component may have in a cluster: a ConfigMap there, written before the first of them is made."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from core.containers.manifest import MANAGED_BY, MANAGER, MANIFEST, NAMESPACE, identity
from core.containers.manifests.objects import Name
from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.rows import AnyRow

_KEY = "objects"


def inventory_path(component: str) -> str:
    """Where a component's inventory is; a dot is in no name that pods' ConfigMaps get."""
    return paths.item("v1", "configmaps", NAMESPACE, _config_map(component))


async def read_inventory(cluster: Cluster, component: str) -> tuple[Name, ...]:
    """The objects that a component may have, in the order in which they were made.

    Raises:
        Trouble: somebody has changed the inventory.
    """
    found = await cluster.get(inventory_path(component))
    if found is None:
        return ()
    try:
        return msgspec.json.decode(found["data"][_KEY], type=tuple[Name, ...])
    except (KeyError, TypeError, msgspec.MsgspecError) as error:
        what = f"ConfigMap {_config_map(component)} cannot be read: {error}"
        fix = "delete it, and what it listed, if you changed it"
        raise Trouble(what, where=cluster.name, fix=fix) from None


async def write_inventory(cluster: Cluster, component: str, names: Iterable[Name]) -> None:
    """Write down the objects that a component may have; an empty inventory is removed."""
    listed = tuple(names)
    if not listed:
        await cluster.delete(inventory_path(component))
        return
    labels = identity(component) | {MANIFEST: component}
    body: Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _config_map(component), "namespace": NAMESPACE, "labels": labels},
        "data": {_KEY: msgspec.json.encode(listed).decode()},
    }
    await cluster.apply(body)


async def components_with_inventory(cluster: Cluster) -> list[str]:
    """The components that may have objects in the cluster, declared or not."""
    path = paths.collection("v1", "configmaps", NAMESPACE)
    rows = await cluster.list(path, AnyRow, labels=f"{MANAGED_BY}={MANAGER},{MANIFEST}")
    names = ((row.metadata.name, row.metadata.labels[MANIFEST]) for row in rows)
    return [component for name, component in names if name == _config_map(component)]


def _config_map(component: str) -> str:
    return f"gondolier.manifest.{component}"
