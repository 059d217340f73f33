"""What an application becomes on a Docker host; pure: the same declaration and surroundings give the same."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from core.containers.standalone import labels
from core.containers.variables import Value
from core.containers.vault import Hidden
from core.engine.errors import Refusal
from core.model.container import (
    Application,
    ApplicationPort,
    ClaimVolume,
    CommandProbe,
    HostPathVolume,
    HttpProbe,
    Probe,
    TemporaryVolume,
)
from core.model.scope import Scope

Configuration = dict[str, Any]

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SECOND = 10**9
_LOGS = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an application is on its host: its address on the host's own network, and the host's port for each of its
    `published` ports.
    """

    address: str
    ports: Mapping[ApplicationPort, int]


def configuration(
    host: str, application: Application, values: Mapping[str, Value], placed: Placed, cgroup_parent: str = ""
) -> Configuration:
    """The body that creates the application's container, labelled with the digest of all that is declared.

    Raises:
        Refusal: a secret is to stand among the arguments, where every user of the machine could read it.
    """
    body: Configuration = {
        "Image": application.image,
        "Hostname": application.name,
        "Env": [f"{name}={_text(value)}" for name, value in sorted(values.items())],
        "ExposedPorts": {_key(port): {} for port in application.ports},
        "HostConfig": _host_configuration(application, placed, cgroup_parent),
        "NetworkingConfig": {
            "EndpointsConfig": {
                labels.NETWORK: {"IPAMConfig": {"IPv4Address": placed.address}, "Aliases": [application.name]}
            }
        },
    }
    if application.command:
        body["Cmd"] = [_argument(word, application.name, values) for word in application.command]
    if check := _health(application):
        body["Healthcheck"] = check
    return body | {"Labels": _labels(host, application, placed, digest(body, values, application.files))}


def digest(body: Configuration, values: Mapping[str, Value], files: Mapping[str, str]) -> str:
    """The mark of everything that is declared; of a secret only its own mark counts."""
    marks = {name: value.mark if isinstance(value, Hidden) else value for name, value in values.items()}
    seen = body | {"Env": sorted(marks.items()), "Files": sorted(files.items())}
    return hashlib.sha256(msgspec.json.encode(seen, order="sorted")).hexdigest()[:16]


def archive(files: Mapping[str, str]) -> bytes:
    """The application's files as a tar archive that is unpacked at a container's root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, text in sorted(files.items()):
            content = text.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def container_name(application: str) -> str:
    """Applications' names are unique on their host, and are their containers' names."""
    return application


def _labels(host: str, application: Application, placed: Placed, mark: str) -> dict[str, str]:
    given = ",".join(f"{number}:{_key(port)}" for port, number in placed.ports.items())
    return {
        labels.HOST: host,
        labels.APPLICATION: application.name,
        labels.DIGEST: mark,
        labels.ALLOCATED: given,
    }


def _host_configuration(application: Application, placed: Placed, cgroup_parent: str) -> Configuration:
    found: Configuration = {
        "PortBindings": {_key(port): [{"HostPort": str(number)}] for port, number in placed.ports.items()},
        # As binds, not mounts: the engine makes a directory of the machine that is not there.
        "Binds": [
            f"{volume.path}:{path}"
            for path, volume in sorted(application.volumes.items())
            if isinstance(volume, HostPathVolume)
        ],
        "Mounts": [
            _mount(path, volume)
            for path, volume in sorted(application.volumes.items())
            if not isinstance(volume, HostPathVolume)
        ],
        "RestartPolicy": {"Name": "unless-stopped"},
        "Privileged": application.privileged,
        "LogConfig": _LOGS,
        "NetworkMode": labels.NETWORK,
        **_limits(application),
    }
    return found | ({"CgroupParent": cgroup_parent} if cgroup_parent else {})


def _mount(path: str, volume: TemporaryVolume | ClaimVolume) -> Configuration:
    if isinstance(volume, ClaimVolume):
        return {"Type": "volume", "Source": volume.claim, "Target": path, "ReadOnly": volume.read_only}
    return {"Type": "volume", "Target": path}


def _limits(application: Application) -> Configuration:
    limits, requests = application.resources.limits, application.resources.requests
    found: Configuration = {}
    if limits.cpu:
        found["NanoCpus"] = int(_processors(limits.cpu) * 10**9)
    if limits.memory:
        found["Memory"] = memory_bytes(limits.memory)
    if requests.memory:
        found["MemoryReservation"] = memory_bytes(requests.memory)
    return found


def _processors(amount: str) -> float:
    return int(amount[:-1]) / 1000 if amount.endswith("m") else int(amount)


def memory_bytes(amount: str) -> int:
    """An amount of memory as Kubernetes writes it ("256Mi"), in bytes."""
    number = amount.rstrip("KMGTik")
    return int(number) * _UNITS.get(amount[len(number) :], 1)


def _health(application: Application) -> Configuration:
    """Docker's own check. It runs inside the container, so only a command can be asked for; the other probes are made
    from outside.
    """
    probe = application.probe or application.liveness
    if not isinstance(probe, CommandProbe):
        return {}
    return {"Test": ["CMD", *probe.command]} | _timing(probe)


def _timing(probe: Probe) -> Configuration:
    return {
        "StartPeriod": probe.delay * _SECOND,
        "Interval": probe.period * _SECOND,
        "Timeout": probe.timeout * _SECOND,
        "Retries": probe.failures,
    }


def outside_probe(application: Application) -> tuple[int, str | None] | None:
    """The container's port that is asked from outside, with a path where it is asked over HTTP; None for neither."""
    probe = application.probe
    if isinstance(probe, HttpProbe):
        return probe.port, probe.path
    if probe is None or isinstance(probe, CommandProbe):
        return None
    return probe.port, None


def published(application: Application) -> list[ApplicationPort]:
    """The ports that the host itself listens on for the application: those that more than its containers may use.

    A host is no cluster, so a port of scope `internal` is seen by the host's own containers only.
    """
    return [port for port in application.ports if port.scope.includes(Scope.CLOUD)]


def _key(port: ApplicationPort) -> str:
    return f"{port.port}/{str(port.protocol).lower()}"


def _text(value: Value) -> str:
    return value.text if isinstance(value, Hidden) else value


def _argument(word: str, application: str, values: Mapping[str, Value]) -> str:
    """An argument with `$(VARIABLE)` replaced, as Kubernetes does it; what names no variable stays."""

    def replaced(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if isinstance(value, Hidden):
            raise Refusal(
                f"variable {found[1]} is a secret and stands among the arguments",
                where=application,
                fix="let a shell in the container read the variable",
            )
        return found[0] if value is None else value

    return _REFERENCE.sub(replaced, word)
