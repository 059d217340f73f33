"""Volume claims: bound at once to volumes that are made for them, as a provisioner would."""

from __future__ import annotations

from collections.abc import Iterator

from core.simulator.kubernetes.controllers.changes import Change, Create, SetStatus, Update
from core.simulator.kubernetes.shape import Object, amended, headed, key_of, leaving, reference, uid_of

RESOURCE = "persistentvolumeclaims"
VOLUMES = "persistentvolumes"


def reconcile(claim: Object, *, volume: bool) -> Iterator[Change]:
    """`volume` says whether the claim's volume is there."""
    if leaving(claim) or claim.get("status", {}).get("phase") == "Bound":
        return
    spec, name = claim["spec"], claim["spec"].get("volumeName") or f"pvc-{uid_of(claim)}"
    capacity = spec.get("resources", {}).get("requests", {"storage": "1Gi"})
    modes = spec.get("accessModes", ["ReadWriteOnce"])
    if not volume:
        path = f"/var/lib/simulated-volumes/{name}"
        body = {"accessModes": modes, "capacity": capacity, "claimRef": reference(RESOURCE, claim)}
        yield Create(VOLUMES, headed(VOLUMES, {"name": name}, spec=body | {"hostPath": {"path": path}}))
    yield SetStatus(VOLUMES, ("", name), {"phase": "Bound"})
    yield Update(RESOURCE, amended(claim, {"spec": {"volumeName": name}}))
    yield SetStatus(RESOURCE, key_of(claim), {"phase": "Bound", "accessModes": modes, "capacity": capacity})
