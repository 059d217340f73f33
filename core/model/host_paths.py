"""Directories of machines that containers may see: those below an allowed list, no others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Any

from core.model.base import Path
from core.model.container import HostPathVolume
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.host import DockerStandaloneHost
from core.model.manifest import KubernetesManifest
from core.model.pod import KubernetesPod


def host_path_contradictions(declaration: Declaration, allowed: Sequence[str]) -> Iterator[Contradiction]:
    """Every directory of a machine that is asked for and neither allowed nor below one that is."""
    for path, wanted in _wanted(declaration):
        if not permitted(wanted, allowed):
            listed = ", ".join(allowed) or "none"
            yield Contradiction(path, f'"{wanted}"', f"a path below one of `host_paths` in the settings file: {listed}")


def permitted(wanted: str, allowed: Sequence[str]) -> bool:
    """Whether a path is one of the allowed ones or below one, however it is written."""
    path = posixpath.normpath(f"/{wanted}").lstrip("/")
    roots = (posixpath.normpath(f"/{root}").lstrip("/") for root in allowed)
    return any(not root or path == root or path.startswith(f"{root}/") for root in roots)


def _wanted(declaration: Declaration) -> Iterator[tuple[Path, str]]:
    for index, part in enumerate(declaration.components):
        here: Path = ("components", index)
        if isinstance(part, KubernetesPod | DockerStandaloneHost):
            for place, application in enumerate(part.applications):
                for mount, volume in application.volumes.items():
                    if isinstance(volume, HostPathVolume):
                        yield (*here, "applications", place, "volumes", mount, "path"), volume.path
        elif isinstance(part, KubernetesManifest):
            yield from _raw(part.manifests, (*here, "manifests"))


def _raw(data: Any, here: Path) -> Iterator[tuple[Path, str]]:
    """The `hostPath.path` of every volume in raw objects, however deep it is."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list | tuple) else ()
    for key, value in items:
        if key == "hostPath" and isinstance(value, dict) and isinstance(value.get("path"), str):
            yield (*here, key, "path"), value["path"]
        else:
            yield from _raw(value, (*here, key))
