"""What `calicoctl` answers: resources are read, applied and deleted, and a node is forgotten with its addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.simulator.etcd.control.client import Machine, World
from core.simulator.etcd.control.printing import Answer
from core.simulator.network.calico import access, forget, resource, resource_key
from core.simulator.network.store import Store, StoreErrors

KINDS = {
    "node": ("nodes", "Node"),
    "kubecontrollersconfiguration": ("kubecontrollersconfigurations", "KubeControllersConfiguration"),
    "ippool": ("ippools", "IPPool"),
    "felixconfiguration": ("felixconfigurations", "FelixConfiguration"),
}
"""How a kind is called in commands, in keys, and in documents."""


async def calicoctl(
    world: World, machine: Machine, arguments: Sequence[str], environ: Mapping[str, str], document: str
) -> Answer:
    """Run calicoctl on a machine; `document` is what standard input holds."""
    store = Store.open(world, machine, access(environ))
    try:
        match list(arguments):
            case ["get", kind, name, "-o", "json"] if _known(kind):
                return _get(store, kind, name)
            case ["apply", "-f", "-"]:
                return _apply(store, json.loads(document))
            case ["delete", kind, name, *flags] if _known(kind):
                return _delete(store, kind, name, "--skip-not-exists" in flags)
    except StoreErrors as error:
        return Answer(stderr=f"Failed to execute command: {error}\n", status=1)
    return Answer(stderr=f"gondolier simulator: unknown command: calicoctl {' '.join(arguments)}\n", status=127)


def _known(kind: str) -> bool:
    return _singular(kind) in KINDS


def _singular(kind: str) -> str:
    return kind.lower().removesuffix("s") if kind.lower().removesuffix("s") in KINDS else kind.lower()


def _get(store: Store, kind: str, name: str) -> Answer:
    plural, title = KINDS[_singular(kind)]
    value = store.get(resource_key(plural, name))
    if value is None:
        return Answer(stderr=f"resource does not exist: {title}({name}) with error: <nil>\n", status=1)
    return Answer(json.dumps(json.loads(value), indent=2) + "\n")


def _apply(store: Store, document: dict[str, Any]) -> Answer:
    plural, title = KINDS[document["kind"].lower()]
    name = document["metadata"]["name"]
    known = store.get(resource_key(plural, name))
    wanted = resource(title, name, document["spec"])
    if known is not None:
        wanted["metadata"] = json.loads(known)["metadata"]
    store.put(resource_key(plural, name), wanted)
    return Answer(f"Successfully applied 1 '{title}' resource(s)\n")


def _delete(store: Store, kind: str, name: str, tolerant: bool) -> Answer:
    plural, title = KINDS[_singular(kind)]
    gone = forget(store, name) if plural == "nodes" else bool(store.delete(resource_key(plural, name)))
    if gone or tolerant:
        return Answer(f"Successfully deleted {int(gone)} '{title}' resource(s)\n")
    text = f"resource does not exist: {title}({name}) with error: <nil>"
    return Answer(stderr=f"Failed to delete '{title}' resource: {text}\n", status=1)
