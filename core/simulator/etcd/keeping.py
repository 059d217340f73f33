"""A cluster as text to be kept, and back; processes and the Kubernetes objects are no part of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.simulator.etcd.access import Access, Permission
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.keys import Pair, Range
from core.simulator.etcd.member import Member


def dump(ensemble: Ensemble) -> bytes:
    """Everything that the members agreed on, as JSON."""
    members = [
        {"id": m.id, "peers": m.peers, "name": m.name, "clients": m.clients, "learner": m.learner}
        for m in ensemble.members.values()
    ]
    access = ensemble.access
    document = {
        "token": ensemble.token,
        "id": ensemble.id,
        "term": ensemble.term,
        "members": members,
        "removed": sorted(ensemble.removed),
        "revision": ensemble.keys.revision,
        "pairs": [asdict(pair) for pair in ensemble.keys.get(Range("", "\0"))],
        "access": {
            "enabled": access.enabled,
            "revision": access.revision,
            "users": {name: sorted(roles) for name, roles in access.users.items()},
            "roles": {name: [asdict(each) for each in granted] for name, granted in access.roles.items()},
        },
    }
    return json.dumps(document).encode()


def load(content: bytes) -> Ensemble:
    """A cluster as it was dumped; none of its members runs."""
    found: dict[str, Any] = json.loads(content)
    members = [
        Member(each["id"], tuple(each["peers"]), each["name"], tuple(each["clients"]), each["learner"])
        for each in found["members"]
    ]
    ensemble = Ensemble(found["token"], members, id=found["id"])
    ensemble.term, ensemble.removed = found["term"], set(found["removed"])
    ensemble.keys.restore(found["revision"], [Pair(**pair) for pair in found["pairs"]])
    ensemble.access = _access(found["access"])
    return ensemble


def _access(found: dict[str, Any]) -> Access:
    roles = {
        name: [Permission(each["kind"], Range(**each["keys"])) for each in granted]
        for name, granted in found["roles"].items()
    }
    users = {name: set(granted) for name, granted in found["users"].items()}
    return Access(found["enabled"], found["revision"], users, roles)
