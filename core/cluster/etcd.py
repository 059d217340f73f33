"""A machine's etcd as wanted state, and the commands that ask and change the cluster's membership."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from core.cluster.blueprint import Blueprint, pair_files, render, unit_file
from core.cluster.certificates import ETCD_MEMBER
from core.cluster.layout import Node
from core.cluster.membership import Member
from core.engine.errors import Transient
from core.machines.connection import Connection
from core.machines.state import Binary, Desired, Directory, File, Unit

DATA = "/var/lib/etcd/data"
INITIAL = "/etc/etcd/initial.env"

_CTL = (
    "/usr/local/bin/etcdctl --endpoints={endpoints} --cacert=/etc/etcd/pki/ca.crt "
    "--cert=/etc/etcd/pki/operator.crt --key=/etc/etcd/pki/operator.key "
    "--dial-timeout=3s --command-timeout=8s "
)
LOCAL = "https://127.0.0.1:2379"


def etcd_state(blueprint: Blueprint, node: Node) -> Desired:
    """A voter's etcd. How it first found the others is no part of this: see `initial_file`."""
    version = blueprint.versions["etcd"]
    server = blueprint.pair(f"etcd-{node.name}")
    files = (
        unit_file("etcd.service"),
        File("/etc/etcd/etcd.env", _settings(blueprint, node)),
        File("/etc/etcd/pki/ca.crt", blueprint.authority("etcd-ca")),
        *pair_files("/etc/etcd/pki/server", server),
        *pair_files("/etc/etcd/pki/operator", blueprint.pair("etcd-operator")),
    )
    reads = tuple(file.path for file in files if "operator" not in file.path)
    return Desired(
        directories=(Directory("/etc/etcd/pki", 0o700), Directory("/var/lib/etcd", 0o700)),
        binaries=tuple(
            Binary(f"/usr/local/bin/{name}", "etcd", version, name) for name in ("etcd", "etcdctl", "etcdutl")
        ),
        files=files,
        units=(Unit("etcd.service", reads=(*reads, "/usr/local/bin/etcd")),),
    )


def _settings(blueprint: Blueprint, node: Node) -> bytes:
    return render("etcd.env.j2", node=blueprint.addressed(node), member_name=ETCD_MEMBER)


def no_etcd_state() -> Desired:
    """A machine whose etcd has left, or never was."""
    return Desired(
        absent=(DATA, "/etc/etcd"),
        units=(Unit("etcd.service", enabled=False, running=False),),
    )


def initial_file(peers: dict[str, str], *, existing: bool, token: str) -> File:
    """What etcd reads when its data directory is empty, and never again. `peers` maps names to peer URLs."""
    roster = ",".join(f"{name}={url}" for name, url in peers.items())
    state = "existing" if existing else "new"
    text = f"ETCD_INITIAL_CLUSTER={roster}\nETCD_INITIAL_CLUSTER_STATE={state}\nETCD_INITIAL_CLUSTER_TOKEN={token}\n"
    return File(INITIAL, text.encode())


def peer_url(blueprint: Blueprint, node: Node) -> str:
    return f"https://{blueprint.address(node)}:2380"


async def etcdctl(connection: Connection, arguments: str, *, endpoints: str = LOCAL) -> str:
    """Run etcdctl on a voter. Raises `Transient` with etcd's own words when it fails."""
    done = await connection.run(_CTL.format(endpoints=endpoints) + arguments, check=False, timeout=20)
    if done.status:
        raise Transient(
            f"etcdctl {arguments.split(' -', maxsplit=1)[0]}: {_last_line(done.stderr)}", where=connection.name
        )
    return done.stdout


async def members(connection: Connection) -> tuple[Member, ...]:
    """The members with their health, as one voter sees them.

    Raises:
        Transient: etcd does not answer there, or has no quorum.
    """
    listed = json.loads(await etcdctl(connection, "member list -w json"))["members"]
    urls = [url for entry in listed for url in entry.get("clientURLs", [])[:1] if not entry.get("isLearner")]
    healthy, leader = await _health(connection, urls)
    return tuple(_member(entry, healthy, leader) for entry in listed)


async def _health(connection: Connection, urls: Sequence[str]) -> tuple[set[str], int]:
    if not urls:
        return set(), 0
    # The later time-out counts: one endpoint that is dead must not hold up the answer of the others for long.
    command = f"{_CTL.format(endpoints=','.join(urls))} --command-timeout=3s endpoint"
    health, status = await asyncio.gather(
        *(connection.run(f"{command} {what} -w json", check=False, timeout=25) for what in ("health", "status"))
    )
    healthy = {entry["endpoint"] for entry in _json_list(health.stdout) if entry.get("health")}
    leaders = {entry["Status"].get("leader", 0) for entry in _json_list(status.stdout)}
    return healthy, next(iter(leaders - {0}), 0)


def _member(entry: dict[str, Any], healthy: set[str], leader: int) -> Member:
    learner = bool(entry.get("isLearner"))
    urls = entry.get("clientURLs", [])
    return Member(
        id=f"{entry['ID']:x}",
        name=entry.get("name", ""),
        peer=entry["peerURLs"][0],
        learner=learner,
        # A learner answers no linearizable read; whether it keeps up shows when it is promoted.
        healthy=bool(urls) and (learner or urls[0] in healthy),
        leader=entry["ID"] == leader,
    )


def _json_list(text: str) -> list[dict[str, Any]]:
    # etcdctl prints the JSON as the first line and errors after it where some endpoint is down.
    for line in text.splitlines():
        if line.startswith("["):
            found: list[dict[str, Any]] = json.loads(line)
            return found
    return []


def find(known: Sequence[Member], peer: str) -> Member | None:
    """The member with this peer URL: an identity, never a part of a text."""
    return next((member for member in known if member.peer == peer), None)


def leader_endpoint(known: Sequence[Member]) -> str:
    """Where the leader takes requests.

    With access control on, only the leader itself can promote: what another member passes on to it has no user.

    Raises:
        Transient: there is no leader now.
    """
    leader = next((member for member in known if member.leader), None)
    if leader is None:
        raise Transient("etcd has no leader now")
    return leader.peer.replace(":2380", ":2379")


async def has_data(connection: Connection) -> bool:
    """Whether the machine holds an etcd data directory."""
    done = await connection.run(f"test -d {DATA}/member", check=False)
    return done.status == 0


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return "no answer"
    try:
        return str(json.loads(lines[-1]).get("error", lines[-1]))
    except (ValueError, AttributeError):
        return lines[-1]
