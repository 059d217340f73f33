"""What a command found, in the shapes that etcdctl prints (etcdctl/ctlv3/command/printer*.go)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.keys import Pair
from core.simulator.etcd.member import Member

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed and how it ended; `took` are seconds."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """A command's result: `text` for people, `document` for -w json, `fields` for -w fields; `errors` follow it."""

    text: str = ""
    document: Any = field(default_factory=dict)
    fields: str = ""
    errors: str = ""
    took: float = 0.0

    def printed(self, format: str) -> Answer:
        """The answer in one of etcdctl's formats."""
        shapes = {"simple": self.text, "json": json.dumps(self.document, separators=(",", ":")), "fields": self.fields}
        if format not in shapes:
            return Answer(stderr=f"gondolier simulator: etcdctl does not print as {format!r}\n", status=127)
        text = shapes[format]
        whole = f"{text}\n" if text and not text.endswith("\n") else text
        return Answer(whole, self.errors, 1 if self.errors else 0, self.took)


def header(ensemble: Ensemble, asked: Member) -> JSON:
    """What every answer in JSON begins with."""
    numbers = {"cluster_id": ensemble.id, "member_id": asked.id}
    return numbers | {"revision": ensemble.keys.revision, "raft_term": ensemble.term}


def member_document(member: Member) -> JSON:
    """A member in JSON, where what is empty is left out."""
    found: JSON = {"ID": member.id, "peerURLs": list(member.peers)}
    if member.name:
        found |= {"name": member.name, "clientURLs": list(member.clients)}
    return found | ({"isLearner": True} if member.learner else {})


def member_line(member: Member) -> str:
    """A member for people."""
    state = "started" if member.started else "unstarted"
    urls = ",".join(member.peers), ",".join(member.clients)
    return f"{member.id:x}, {state}, {member.name}, {urls[0]}, {urls[1]}, {str(member.learner).lower()}"


def pair_document(pair: Pair) -> JSON:
    """A pair in JSON."""
    return {
        "key": base64.b64encode(pair.key.encode()).decode(),
        "create_revision": pair.created,
        "mod_revision": pair.modified,
        "version": pair.version,
        "value": base64.b64encode(pair.value.encode()).decode(),
    }


def pair_fields(head: JSON, pairs: Sequence[Pair]) -> str:
    """Pairs one field a line, strings quoted as Go does."""
    lines = [
        f'"ClusterID" : {head["cluster_id"]}',
        f'"MemberID" : {head["member_id"]}',
        f'"Revision" : {head["revision"]}',
        f'"RaftTerm" : {head["raft_term"]}',
    ]
    for pair in pairs:
        lines += [
            f'"Key" : {json.dumps(pair.key)}',
            f'"CreateRevision" : {pair.created}',
            f'"ModRevision" : {pair.modified}',
            f'"Version" : {pair.version}',
            f'"Value" : {json.dumps(pair.value)}',
            '"Lease" : 0',
        ]
    return "\n".join([*lines, '"More" : false', f'"Count" : {len(pairs)}'])
