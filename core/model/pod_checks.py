"""What must hold between the applications of a pod or of a Docker host."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.base import Path
from core.model.container import Application, HostPathVolume
from core.model.contradiction import Contradiction, repeated
from core.model.host import DockerStandaloneHost
from core.model.pod import KubernetesPod
from core.model.scope import Protocol

_SHORTEST_CONTAINER = 2
"""Docker: `[a-zA-Z0-9][a-zA-Z0-9_.-]+`."""


def pod_contradictions(pod: KubernetesPod, here: Path) -> Iterator[Contradiction]:
    """All of one pod; `here` is its path in the document."""
    yield from _names(pod.applications, here)
    yield from _images(pod.applications, here)
    yield from _ports(pod, here)
    yield from _workload(pod, here)


def host_contradictions(host: DockerStandaloneHost, here: Path) -> Iterator[Contradiction]:
    """All of one Docker host, on which two applications may well listen on the same port inside."""
    yield from _names(host.applications, here)
    yield from _images(host.applications, here)
    for index, application in enumerate(host.applications):
        where = (*here, "applications", index)
        if len(application.name) < _SHORTEST_CONTAINER:
            allowed = f"a name of at least {_SHORTEST_CONTAINER} characters, as Docker wants it"
            yield Contradiction((*where, "name"), f'"{application.name}"', allowed)
        yield from _own_ports(application, where)
        for path, volume in application.volumes.items():
            if isinstance(volume, HostPathVolume) and ":" in volume.path:
                yield Contradiction(
                    (*where, "volumes", path, "path"), f'"{volume.path}"', "a path without `:` for Docker"
                )


def _names(applications: tuple[Application, ...], here: Path) -> Iterator[Contradiction]:
    named = (((*here, "applications", index, "name"), one.name) for index, one in enumerate(applications))
    yield from repeated(named, "application name in a component")


def _images(applications: tuple[Application, ...], here: Path) -> Iterator[Contradiction]:
    for index, one in enumerate(applications):
        where = (*here, "applications", index)
        if not one.image and one.catalogue is None:
            yield Contradiction(
                (*where, "image"), "nothing", "an image reference, as nginx:1.29, or an entry in `catalogue`"
            )
        if one.parameters and one.catalogue is None:
            found = f"parameters of application {one.name}, which is none of the catalogue"
            yield Contradiction((*where, "parameters"), found, "no parameters, or an entry in `catalogue`")


def _ports(pod: KubernetesPod, here: Path) -> Iterator[Contradiction]:
    taken: dict[tuple[int, Protocol], tuple[str, Path]] = {}
    for index, application in enumerate(pod.applications):
        for place, port in enumerate(application.ports):
            path = (*here, "applications", index, "ports", place, "port")
            owner, where = taken.setdefault((port.port, port.protocol), (application.name, path))
            if where != path:
                found = f"port {port.port}/{port.protocol} in pod {pod.name}, where application {owner} has it already"
                yield Contradiction(path, found, "each port and protocol once in a pod", _port_paths(where, path))


def _own_ports(application: Application, here: Path) -> Iterator[Contradiction]:
    taken: dict[tuple[int, Protocol], Path] = {}
    for place, port in enumerate(application.ports):
        path = (*here, "ports", place, "port")
        where = taken.setdefault((port.port, port.protocol), path)
        if where != path:
            found = f"port {port.port}/{port.protocol} twice in application {application.name}"
            yield Contradiction(path, found, "each port and protocol once in an application", _port_paths(where, path))


def _port_paths(first: Path, second: Path) -> tuple[Path, ...]:
    """Both ports with their protocols: where one of these is wrong, there may be no conflict at all."""
    return (first, (*first[:-1], "protocol"), (*second[:-1], "protocol"))


def _workload(pod: KubernetesPod, here: Path) -> Iterator[Contradiction]:
    path, about = (*here, "workload"), ((*here, "replicas"),)
    if pod.workload == "Pod" and pod.replicas > 0:
        found = f"Pod with {pod.replicas} replicas"
        yield Contradiction(path, found, "Deployment or ReplicationController; a bare Pod has replicas: 0", about)
    if pod.workload not in (None, "Pod") and pod.replicas == 0:
        yield Contradiction(path, f"{pod.workload} with replicas: 0", "Pod, which is what no replicas mean", about)
