"""An engine's records in the shapes of its API (Docker Engine API 1.45)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.simulator.docker.engine import volumes_of
from core.simulator.docker.networks import gateway_of
from core.simulator.docker.records import Body, Container, Image, Network, Place, Volume
from core.simulator.docker.store import ROOT

if TYPE_CHECKING:
    from core.simulator.docker.engine import Engine
    from core.simulator.docker.published import Binding

_NEVER = "0001-01-01T00:00:00Z"
_STARTING = 0.3
"""Seconds after a start until a container's own check has succeeded."""


def moment(seconds: float) -> str:
    """A time as the engine writes it."""
    if not seconds:
        return _NEVER
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def row(engine: Engine, container: Container) -> Body:
    """A container in a list."""
    command = [*(container.body.get("Entrypoint") or []), *(container.body.get("Cmd") or [])]
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.reference,
        "ImageID": container.image,
        "Command": " ".join(command) or "/docker-entrypoint.sh",
        "Created": int(container.created),
        "Ports": _row_ports(container, engine.lives.published.of(container)),
        "Labels": container.labels,
        "State": container.state,
        "Status": status(container, engine.machine.clock()),
        "HostConfig": {"NetworkMode": container.mode},
        "NetworkSettings": {"Networks": _networks(engine, container)},
        "Mounts": _mounts(container),
    }


def inspected(engine: Engine, container: Container) -> Body:
    """Everything about a container."""
    command = [*(container.body.get("Entrypoint") or ["/docker-entrypoint.sh"]), *(container.body.get("Cmd") or [])]
    config = {key: value for key, value in container.body.items() if key not in ("HostConfig", "NetworkingConfig")}
    defaults = {"Hostname": container.id[:12], "Tty": False, "OpenStdin": False, "Env": [], "Cmd": None}
    return {
        "Id": container.id,
        "Created": moment(container.created),
        "Path": command[0],
        "Args": command[1:],
        "State": _state(container, engine.machine.clock()),
        "Image": container.image,
        "Name": f"/{container.name}",
        "RestartCount": container.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "LogPath": f"{ROOT}/containers/{container.id}/{container.id}-json.log",
        "HostConfig": {"NetworkMode": container.mode} | container.host,
        "Mounts": _mounts(container),
        "Config": defaults | config | {"Labels": container.labels, "Entrypoint": container.body.get("Entrypoint")},
        "NetworkSettings": _network_settings(engine, container),
    }


def status(container: Container, now: float) -> str:
    """A container's state for people: "Up 3 minutes (healthy)", "Exited (1) 2 seconds ago"."""
    run = container.last
    match container.state:
        case "created":
            return "Created"
        case "running" | "paused":
            word = health(container, now)
            shown = f" ({'health: starting' if word == 'starting' else word})" if word else ""
            shown += " (Paused)" if container.state == "paused" else ""
            return f"Up {_ago(now - run.started)}{shown}"
        case "restarting":
            return f"Restarting ({run.code}) {_ago(now - run.finished)} ago"
    return f"Exited ({run.code}) {_ago(now - run.finished)} ago"


def health(container: Container, now: float) -> str:
    """What a container's own check says, empty where it has none."""
    test = (container.body.get("Healthcheck") or {}).get("Test") or ["NONE"]
    if test[0] == "NONE" or not container.running:
        return ""
    return "healthy" if now - container.last.started >= _STARTING else "starting"


def image_row(image: Image, containers: Sequence[Container]) -> Body:
    """An image in a list."""
    users = sum(each.image == image.id for each in containers)
    return {
        "Id": image.id,
        "ParentId": "",
        "RepoTags": image.tags,
        "RepoDigests": _digests(image),
        "Created": int(image.created),
        "Size": image.size,
        "SharedSize": -1,
        "Labels": {},
        "Containers": users,
    }


def image_inspected(image: Image) -> Body:
    """Everything about an image."""
    return {
        "Id": image.id,
        "RepoTags": image.tags,
        "RepoDigests": _digests(image),
        "Created": moment(image.created),
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image.size,
        "Config": {"Env": [], "Cmd": None, "Entrypoint": None, "Labels": {}, "ExposedPorts": {}},
        "RootFS": {"Type": "layers", "Layers": [image.id]},
    }


def network(engine: Engine, known: Network) -> Body:
    """A network with who is in it."""
    pools = [{"Subnet": known.subnet, "Gateway": gateway_of(known)}] if known.subnet else []
    inside = {
        each.id: {"Name": each.name, "IPv4Address": f"{each.places[known.name].address}/16"}
        for each in engine.containers.values()
        if each.running and known.name in each.places
    }
    return {
        "Id": known.id,
        "Name": known.name,
        "Created": moment(known.created),
        "Scope": "local",
        "Driver": known.driver,
        "EnableIPv6": False,
        "Internal": False,
        "IPAM": {"Driver": "default", "Config": pools},
        "Containers": inside,
        "Options": {},
        "Labels": known.labels,
    }


def volume(known: Volume) -> Body:
    """A volume."""
    return {
        "Name": known.name,
        "Driver": "local",
        "Mountpoint": f"{ROOT}/volumes/{known.name}/_data",
        "CreatedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(known.created)),
        "Labels": known.labels,
        "Options": {},
        "Scope": "local",
    }


def _state(container: Container, now: float) -> Body:
    run = container.last
    found: Body = {
        "Status": container.state,
        "Running": container.running,
        "Paused": container.state == "paused",
        "Restarting": container.state == "restarting",
        "OOMKilled": False,
        "Dead": False,
        "Pid": 1000 + int(container.id[:4], 16) if container.running else 0,
        "ExitCode": run.code,
        "Error": container.error,
        "StartedAt": moment(run.started),
        "FinishedAt": moment(run.finished),
    }
    word = health(container, now)
    return found | ({"Health": {"Status": word, "FailingStreak": 0, "Log": []}} if word else {})


def _network_settings(engine: Engine, container: Container) -> Body:
    ports: Body = dict.fromkeys(container.body.get("ExposedPorts") or {})
    for binding in engine.lives.published.of(container):
        place = {"HostIp": "127.0.0.1" if binding.loopback else "0.0.0.0", "HostPort": str(binding.host)}
        ports[binding.key] = [*(ports.get(binding.key) or []), place]
    networks = _networks(engine, container)
    bridge = networks.get("bridge") or {}
    return {"Ports": ports, "Networks": networks, "IPAddress": bridge.get("IPAddress", "")}


def _networks(engine: Engine, container: Container) -> Body:
    return {name: _endpoint(engine.networks.find(name), container, place) for name, place in container.places.items()}


def _endpoint(known: Network, container: Container, place: Place) -> Body:
    inside = container.running
    return {
        "IPAMConfig": {"IPv4Address": place.asked} if place.asked else None,
        "Links": None,
        "Aliases": [*place.aliases, container.id[:12]],
        "NetworkID": known.id,
        "EndpointID": container.id[::-1] if inside else "",
        "Gateway": gateway_of(known) if inside else "",
        "IPAddress": place.address if inside else "",
        "IPPrefixLen": int(known.subnet.rpartition("/")[2]) if inside and known.subnet else 0,
    }


def _row_ports(container: Container, bindings: Sequence[Binding]) -> list[Body]:
    found: list[Body] = [
        {
            "IP": "127.0.0.1" if binding.loopback else "0.0.0.0",
            "PrivatePort": binding.inside,
            "PublicPort": binding.host,
            "Type": binding.protocol,
        }
        for binding in bindings
    ]
    bound = {binding.key for binding in bindings}
    exposed = (key for key in container.body.get("ExposedPorts") or {} if key not in bound and container.running)
    parted = (key.partition("/") for key in exposed)
    return found + [{"PrivatePort": int(number), "Type": kind or "tcp"} for number, _, kind in parted]


def _mounts(container: Container) -> list[Body]:
    found: list[Body] = [
        {
            "Type": "volume",
            "Name": name,
            "Source": f"{ROOT}/volumes/{name}/_data",
            "Destination": path,
            "Driver": "local",
            "RW": True,
        }
        for path, name in volumes_of(container).items()
    ]
    for bind in container.host.get("Binds") or ():
        source, _, rest = bind.partition(":")
        target, _, mode = rest.partition(":")
        if source.startswith("/"):
            found.append({"Type": "bind", "Source": source, "Destination": target, "Mode": mode, "RW": mode != "ro"})
    return found


def _digests(image: Image) -> list[str]:
    return sorted({f"{tag.rpartition(':')[0]}@{image.id}" for tag in image.tags})


def _ago(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {name}"
    if seconds < 1:
        return "Less than a second"
    return "1 second" if seconds < 2 else f"{int(seconds)} seconds"
