"""Where simulated machines get their programs from: a mirror and a cache of their own, filled with stand-ins.

Neither the network nor the cache of real downloads is touched; what is fetched is verified as everywhere else.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

from core.clouds.simulated.mirror import publish, stand_in
from core.machines.artifacts import Artifacts, Program, VersionTable, version_table
from core.machines.artifacts.table import ARCHITECTURES
from core.machines.state import Binary


class StandInArtifacts(Artifacts):
    """Artifacts below `directory`, each published there when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self._mirror = directory / "mirror"
        super().__init__(directory / "artifacts", [self._mirror.absolute().as_uri()], _pinned(version_table()))

    async def programs(self, binary: Binary, arch: str) -> tuple[Program, ...]:
        """As `Artifacts.programs`, with the artifact in the mirror before."""
        await self._provide(binary.artifact, binary.version)
        return await super().programs(binary, arch)

    async def fetch(self, name: str, version: str, arch: str) -> Path:
        """As `Artifacts.fetch`, with the artifact in the mirror before."""
        await self._provide(name, version)
        return await super().fetch(name, version, arch)

    async def _provide(self, name: str, version: str) -> None:
        releases = [self.table.release(name, version, arch) for arch in set(ARCHITECTURES.values())]
        await asyncio.to_thread(publish, self._mirror, releases)


def _pinned(table: VersionTable) -> VersionTable:
    """The table with checksums of ours for the stand-ins of what has no published ones."""
    unpublished = [name for name, source in table.sources.items() if not source.sums]
    releases = [
        table.release(name, versions[name], arch)
        for versions in table.minors.values()
        for name in unpublished
        for arch in set(ARCHITECTURES.values())
    ]
    pins = {(one.name, one.version, one.arch): hashlib.sha256(stand_in(one)).hexdigest() for one in releases}
    return replace(table, pins=pins)
