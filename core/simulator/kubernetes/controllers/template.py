"""Pods made from templates."""

from __future__ import annotations

from core.simulator.kubernetes.shape import Object, headed, owner_reference


def new_pod(resource: str, owner: Object, template: Object, name: str) -> Object:
    """A pod as its controller makes it; the template is not mutated."""
    metadata = {
        **template.get("metadata", {}),
        "name": name,
        "generateName": f"{owner['metadata']['name']}-",
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [owner_reference(resource, owner)],
    }
    return headed("pods", metadata, spec=template["spec"])
