"""What happens in a cluster's etcd: members, leader, sizes, latency, alarms, from etcdctl's JSON."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from core.cluster.etcd import etcdctl
from core.cluster.membership import quorum, tolerance
from core.engine.errors import Trouble
from core.live.views import EtcdView, MemberView
from core.machines.connection import Connection

_ALARMS = {1: "NOSPACE", 2: "CORRUPT"}
"""The names of etcdserverpb.AlarmType; etcdctl's JSON may have either form."""


async def etcd_view(voter: Connection) -> EtcdView:
    """One look through one voter; a member that does not answer is in it with its trouble.

    Raises:
        Trouble: the voter does not answer, or there is no quorum.
    """
    listed = json.loads(await etcdctl(voter, "member list -w json"))["members"]
    urls = {entry["ID"]: entry["clientURLs"][0] for entry in listed if entry.get("clientURLs")}
    answers = await asyncio.gather(*(_ask(voter, url) for url in urls.values()))
    told = dict(zip(urls.values(), answers, strict=True))
    alarms = _alarms(await etcdctl(voter, "alarm list -w json"), listed)
    return view(listed, told, alarms, time.time())


Answer = tuple[dict[str, Any] | None, float | None, str]
"""A member's status, the seconds that its health took, and what is wrong."""


def view(
    listed: Sequence[Mapping[str, Any]], told: Mapping[str, Answer], alarms: Sequence[str], now: float
) -> EtcdView:
    """A look put together."""
    members = tuple(_member(entry, told) for entry in listed)
    voters = sum(not member.learner for member in members)
    return EtcdView(members, tuple(alarms), quorum(voters), tolerance(voters), now)


async def _ask(voter: Connection, url: str) -> Answer:
    try:
        status, health = await asyncio.gather(
            etcdctl(voter, "--command-timeout=3s endpoint status -w json", endpoints=url),
            etcdctl(voter, "--command-timeout=3s endpoint health -w json", endpoints=url),
        )
    except Trouble as trouble:
        return None, None, trouble.what
    try:
        return json.loads(status)[0]["Status"], _seconds(json.loads(health)[0].get("took", "")), ""
    except (ValueError, KeyError, IndexError) as error:
        return None, None, f"its answer cannot be read: {error}"


def _member(entry: Mapping[str, Any], told: Mapping[str, Answer]) -> MemberView:
    endpoint = next(iter(entry.get("clientURLs") or ()), "")
    status, latency, trouble = told.get(endpoint, (None, None, "it has not started yet"))
    found = status or {}
    return MemberView(
        id=f"{entry['ID']:x}",
        name=entry.get("name", ""),
        endpoint=endpoint,
        learner=bool(entry.get("isLearner")),
        leader=bool(status) and found.get("leader") == entry["ID"],
        version=found.get("version", ""),
        db_size=int(found.get("dbSize", 0)),
        db_in_use=int(found.get("dbSizeInUse", 0)),
        raft_index=int(found.get("raftIndex", 0)),
        raft_term=int(found.get("raftTerm", 0)),
        latency=latency,
        trouble=trouble,
    )


def _alarms(text: str, listed: Sequence[Mapping[str, Any]]) -> list[str]:
    names = {entry["ID"]: entry.get("name", "") for entry in listed}
    found = json.loads(text or "{}").get("alarms") or ()
    return [
        f"{_ALARMS.get(one.get('alarm'), one.get('alarm'))} on {names.get(one.get('memberID'), '?')}" for one in found
    ]


_UNITS = (("µs", 1e-6), ("ms", 1e-3), ("ns", 1e-9), ("s", 1.0))


def _seconds(text: str) -> float | None:
    """A duration as Go prints it, in one unit: "2.5ms"; None for anything else."""
    for unit, factor in _UNITS:
        if text.endswith(unit):
            try:
                return float(text.removesuffix(unit)) * factor
            except ValueError:
                return None
    return None
