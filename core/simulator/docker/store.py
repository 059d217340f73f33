"""Where an engine keeps its records: below /var/lib/docker on its machine, so that they share the machine's fate."""

from __future__ import annotations

import msgspec

from core.simulator.docker.records import Container, Kept
from core.simulator.machine.files import Files

ROOT = "/var/lib/docker"
_CONTAINERS = f"{ROOT}/containers"
_OTHERS = f"{ROOT}/simulated.json"


class Store:
    """Records as files of a machine."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def containers(self) -> list[Container]:
        """All containers that were kept."""
        found = (self._files.read(_path(id)) for id in self._files.listing(_CONTAINERS))
        return [msgspec.json.decode(content, type=Container) for content in found if content]

    def keep(self, container: Container) -> None:
        """Keep a container as it is now."""
        self._files.write(_path(container.id), msgspec.json.encode(container), 0o600)

    def forget(self, container: Container) -> None:
        """Keep a container no more."""
        self._files.remove(f"{_CONTAINERS}/{container.id}")
        self._files.remove(f"{ROOT}/overlay2/{container.id}")

    def layer(self, container: Container) -> str:
        """Where the files are that a container has beside its image's."""
        return f"{ROOT}/overlay2/{container.id}/diff"

    def others(self) -> Kept:
        """Images, networks and volumes."""
        content = self._files.read(_OTHERS)
        return msgspec.json.decode(content, type=Kept) if content else Kept()

    def keep_others(self, kept: Kept) -> None:
        """Keep images, networks and volumes as they are now."""
        self._files.write(_OTHERS, msgspec.json.encode(kept), 0o600)

    def make_volume(self, name: str) -> None:
        """A volume's directory."""
        self._files.mkdir(f"{ROOT}/volumes/{name}/_data")

    def drop_volume(self, name: str) -> None:
        """A volume with what is in it."""
        self._files.remove(f"{ROOT}/volumes/{name}")


def _path(id: str) -> str:
    return f"{_CONTAINERS}/{id}/config.v2.json"
