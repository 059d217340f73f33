"""etcdctl's commands about members and endpoints."""

from __future__ import annotations

from core.simulator.etcd import words
from core.simulator.etcd.control.client import Client
from core.simulator.etcd.control.options import Misused
from core.simulator.etcd.control.printing import JSON, Found, header, member_document, member_line
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member
from core.simulator.etcd.words import EtcdError, TimedOut

VERSION = "3.6.16"
_SIZE = 20480
"""Bytes of a fresh database file."""


def listed(client: Client) -> Found:
    """`member list`."""
    ensemble, asked = client.ask()
    members = [ensemble.members[id] for id in sorted(ensemble.members)]
    head = {key: value for key, value in header(ensemble, asked).items() if key != "revision"}
    document = {"header": head, "members": [member_document(member) for member in members]}
    return Found("\n".join(map(member_line, members)), document)


def add(client: Client, name: str) -> Found:
    """`member add NAME --peer-urls=URL [--learner]`."""
    ensemble, asked = client.administer()
    peers = client.options.flags.get("peer-urls", "").split(",")
    if not any(peers):
        raise Misused("member peer urls not provided")
    fresh = ensemble.add(asked, peers, learner=client.options.on("learner"))
    roster = [f"{member.name}={peer}" for member in ensemble.members.values() if member.name for peer in member.peers]
    roster += [f"{name}={peer}" for peer in peers]
    text = (
        f"Member {fresh.id:16x} added to cluster {ensemble.id:16x}\n\n"
        f'ETCD_NAME="{name}"\nETCD_INITIAL_CLUSTER="{",".join(roster)}"\n'
        f'ETCD_INITIAL_ADVERTISE_PEER_URLS="{",".join(peers)}"\nETCD_INITIAL_CLUSTER_STATE="existing"'
    )
    return Found(text, {"header": header(ensemble, asked), "member": member_document(fresh)})


def remove(client: Client, id: str) -> Found:
    """`member remove ID`."""
    ensemble, asked = client.administer()
    ensemble.remove(asked, _number(id))
    return Found(f"Member {id:>16} removed from cluster {ensemble.id:16x}", {"header": header(ensemble, asked)})


def promote(client: Client, id: str) -> Found:
    """`member promote ID`."""
    ensemble, asked = client.administer()
    ensemble.promote(asked, _number(id))
    return Found(f"Member {id:>16} promoted in cluster {ensemble.id:16x}", {"header": header(ensemble, asked)})


def move_leader(client: Client, id: str) -> Found:
    """`move-leader ID`, which only the leader itself takes."""
    for endpoint in client.options.endpoints:
        ensemble, asked = client.reach(endpoint)
        if asked is ensemble.leader:
            ensemble.move_leader(_number(id))
            return Found(f"Leadership transferred from {asked.id:x} to {id}")
    raise Misused(f"no leader endpoint given at [{' '.join(client.options.endpoints)}]", 128)


def health(client: Client) -> Found:
    """`endpoint health`: whether the cluster agrees on anything through each endpoint."""
    found = [_health(client, endpoint) for endpoint in _endpoints(client)]
    lines = [_health_line(entry) for entry in found]
    well = all(entry["health"] for entry in found)
    return Found(
        "\n".join(lines),
        found,
        errors="" if well else "Error: unhealthy cluster\n",
        took=0.0 if well else client.options.patience,
    )


def _health(client: Client, endpoint: str) -> JSON:
    try:
        ensemble, asked = client.reach(endpoint)
        if asked.learner:
            raise EtcdError(words.LEARNER_ASKED)
        ensemble.agree()
    except EtcdError as error:
        text = words.DEADLINE if isinstance(error, TimedOut) else str(error)
        return {"endpoint": endpoint, "health": False, "took": f"{client.options.patience:.6f}s", "error": text}
    return {"endpoint": endpoint, "health": True, "took": "2.513004ms"}


def _health_line(entry: JSON) -> str:
    if entry["health"]:
        return f"{entry['endpoint']} is healthy: successfully committed proposal: took = {entry['took']}"
    return f"{entry['endpoint']} is unhealthy: failed to commit proposal: {entry['error']}"


def status(client: Client) -> Found:
    """`endpoint status`: what each endpoint knows of itself."""
    found, errors = [], []
    for endpoint in _endpoints(client):
        try:
            ensemble, asked = client.reach(endpoint)
        except TimedOut as error:
            errors.append(f"Failed to get the status of endpoint {endpoint} ({error})\n")
        else:
            found.append({"Endpoint": endpoint, "Status": _status(ensemble, asked)})
    text = "\n".join(_status_line(entry) for entry in found)
    return Found(text, found, errors="".join(errors), took=client.options.patience if errors else 0.0)


def _status(ensemble: Ensemble, asked: Member) -> JSON:
    leader = ensemble.leader
    index = ensemble.keys.revision + 10
    numbers = {"raftIndex": index, "raftTerm": ensemble.term, "raftAppliedIndex": index, "dbSizeInUse": _SIZE}
    found: JSON = {"header": header(ensemble, asked), "version": VERSION, "dbSize": _SIZE, **numbers}
    if leader is None:
        return found | {"errors": [words.NO_LEADER]}
    return found | {"leader": leader.id} | ({"isLearner": True} if asked.learner else {})


def _status_line(entry: JSON) -> str:
    told = entry["Status"]
    leads = told.get("leader") == told["header"]["member_id"]
    parts = [entry["Endpoint"], f"{told['header']['member_id']:x}", told["version"], "20 kB", str(leads).lower()]
    numbers = [str(told["raftTerm"]), str(told["raftIndex"]), str(told["raftAppliedIndex"])]
    return ", ".join([*parts, str(told.get("isLearner", False)).lower(), *numbers, "".join(told.get("errors", []))])


def alarms(client: Client) -> Found:
    """`alarm list`: none is ever raised here."""
    ensemble, asked = client.administer()
    return Found("", {"header": header(ensemble, asked)})


def defragment(client: Client) -> Found:
    """`defrag`."""
    lines = []
    for endpoint in client.options.endpoints:
        client.reach(endpoint)
        lines.append(f"Finished defragmenting etcd member[{endpoint}]. took 10.331ms")
    return Found("\n".join(lines))


def _endpoints(client: Client) -> list[str]:
    if not client.options.on("cluster"):
        return client.options.endpoints
    ensemble, _ = client.ask()
    return [url for member in ensemble.members.values() for url in member.clients]


def _number(id: str) -> int:
    try:
        return int(id, 16)
    except ValueError as error:
        text = f'bad member ID arg (strconv.ParseUint: parsing "{id}": invalid syntax), expecting ID in Hex'
        raise Misused(text, 128) from error
