"""Artifacts as a run uses them: asked for by name, answered with verified files in the operator's cache."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.engine.errors import Refusal, Transient, Trouble
from core.machines.artifacts.archive import unpack
from core.machines.artifacts.checks import digest_of, published_sum
from core.machines.artifacts.download import Downloads
from core.machines.artifacts.index import Entry, Member, read_entry, write_entry
from core.machines.artifacts.locking import exclusive
from core.machines.artifacts.table import Release, VersionTable, version_table
from core.machines.state import Binary

MIRROR_VARIABLE = "GONDOLIER_MIRROR"


@dataclass(frozen=True, slots=True)
class Program:
    """A file of an artifact on its way to a machine.

    `path` is where it goes, `local` where we have it, `place` that file's path relative to the cache, which a machine
    may have mounted.
    """

    path: str
    local: Path
    place: str
    size: int
    sha256: str


def mirrors_from(environment: Mapping[str, str], configured: Sequence[str] = ()) -> list[str]:
    """The mirrors to try, those of GONDOLIER_MIRROR (between spaces) before the configured ones."""
    return [*environment.get(MIRROR_VARIABLE, "").split(), *configured]


class Artifacts:
    """Fetches, verifies and remembers artifacts. Looking at what is known downloads nothing.

    `mirrors` are URLs (file, http, https) under which releases lie by original host name; they are tried in order,
    then the publisher. What cannot be verified is never used.
    """

    def __init__(self, cache: Path, mirrors: Sequence[str] = (), versions: VersionTable | None = None) -> None:
        self.cache = cache
        self.table = versions or version_table()
        self._mirrors = [mirror.rstrip("/") for mirror in mirrors]
        self._downloads = Downloads()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._entries: dict[str, Entry] = {}

    def versions(self, minor: str) -> Mapping[str, str]:
        """The versions that go with a Kubernetes minor. Raises `Refusal` for one that is not supported."""
        return self.table.versions(minor)

    def known(self, binary: Binary, arch: str) -> tuple[Program, ...] | None:
        """What a binary consists of on a machine of this architecture, None while its artifact was never fetched.

        Raises:
            Refusal: no such artifact, or none for the architecture.
            Trouble: the artifact does not hold the binary's member.
        """
        if not arch:
            return None
        release = self.table.release(binary.artifact, binary.version, arch)
        entry = self._entry(release)
        return None if entry is None else self._programs(binary, release, entry)

    async def programs(self, binary: Binary, arch: str) -> tuple[Program, ...]:
        """What a binary consists of, fetched where it never was. Raises as `known` and `fetch` do."""
        release = self.table.release(binary.artifact, binary.version, arch)
        return self._programs(binary, release, await self._obtained(release))

    async def fetch(self, name: str, version: str, arch: str) -> Path:
        """An artifact's verified file in the cache.

        Raises:
            Refusal: no such artifact, or what the sources have cannot be verified or is for another architecture.
            Transient: no source answers.
            Trouble: the cache cannot be written.
        """
        release = self.table.release(name, version, arch)
        await self._obtained(release)
        return self.cache / release.path

    async def close(self) -> None:
        """Close connections to mirrors."""
        await self._downloads.close()

    def _entry(self, release: Release) -> Entry | None:
        known = self._entries.get(release.path) or read_entry(self.cache, release.path)
        if known is not None:
            self._entries[release.path] = known
        return known

    def _programs(self, binary: Binary, release: Release, entry: Entry) -> tuple[Program, ...]:
        return tuple(
            Program(path, self.cache / member.place, member.place, member.size, member.sha256)
            for path, member in _chosen(binary, release, entry.members)
        )

    async def _obtained(self, release: Release) -> Entry:
        # One download at a time: within this process by the one lock, among processes by the other.
        async with self._locks[release.path]:
            if entry := self._entry(release):
                return entry
            try:
                self._folder(release).mkdir(parents=True, exist_ok=True)
                async with exclusive(self.cache / f"{release.path}.lock"):
                    return self._entry(release) or await self._downloaded(release)
            except OSError as error:
                what = f"{release} cannot be kept in the cache {self.cache}: {error.strerror or error}"
                raise Trouble(what, where="this machine", fix="make room there, or name another cache") from error

    async def _downloaded(self, release: Release) -> Entry:
        failures: list[Trouble] = []
        for url in (*(f"{mirror}/{release.path}" for mirror in self._mirrors), release.url):
            try:
                return await self._from(url, release)
            except Trouble as trouble:
                failures.append(trouble)
        raise _no_source(release, failures)

    async def _from(self, url: str, release: Release) -> Entry:
        expected = release.pin or await self._published(url, release)
        part = self.cache / f"{release.path}.part"
        await self._fill(url, part, release, expected)
        members = await asyncio.to_thread(unpack, self.cache, release, part)
        digest = await asyncio.to_thread(digest_of, part)
        entry = Entry(digest, part.stat().st_size, url, members)
        part.replace(self.cache / release.path)
        await asyncio.to_thread(write_entry, self.cache, release.path, entry)
        return entry

    async def _published(self, url: str, release: Release) -> str:
        """The checksum that lies beside a file."""
        if not release.sums:
            what = f"{url}: its publisher gives no checksum, so it cannot be verified"
            raise Refusal(what, fix=f"give its sha256 as pin of {release.name} {release.version} {release.arch}")
        sums = f"{url.rpartition('/')[0]}/{release.sums}"
        found = published_sum(await self._downloads.text(sums), release.file)
        if found is None:
            raise Refusal(f"{sums} names no checksum of {release.file}")
        return found

    async def _fill(self, url: str, part: Path, release: Release, expected: str) -> None:
        resumed = await self._downloads.file(url, part)
        kind = "sha256" if release.pin else release.source.digest
        if resumed and await asyncio.to_thread(digest_of, part, kind) != expected:
            # What was there of an earlier attempt may have been another source's.
            part.unlink()
            await self._downloads.file(url, part)
        found = await asyncio.to_thread(digest_of, part, kind)
        if found != expected:
            part.unlink()
            raise Refusal(f"{url}: its {kind} is {found}, but {expected} was expected")

    def _folder(self, release: Release) -> Path:
        return (self.cache / release.path).parent


def _chosen(binary: Binary, release: Release, members: Mapping[str, Member]) -> list[tuple[str, Member]]:
    """The members that a binary takes, with the paths they get."""
    wanted = binary.member
    if wanted.endswith("/"):
        base = binary.path.rstrip("/")
        found = [(f"{base}/{name[len(wanted) :]}", m) for name, m in members.items() if name.startswith(wanted)]
    else:
        only = len(members) == 1 and not wanted
        found = [(binary.path, m) for name, m in members.items() if only or name == wanted]
    if not found:
        raise Trouble(f"{release} holds no {wanted or 'single program'}", fix=f"it holds {', '.join(sorted(members))}")
    return found


def _no_source(release: Release, failures: Sequence[Trouble]) -> Trouble:
    what = f"{release} cannot be had: {'; '.join(failure.what for failure in failures)}"
    fix = next((failure.fix for failure in failures if failure.fix), "name a mirror that has it in GONDOLIER_MIRROR")
    if any(isinstance(failure, Refusal) for failure in failures):
        return Refusal(what, fix=fix)
    kind = Transient if any(isinstance(failure, Transient) for failure in failures) else Trouble
    return kind(what, fix=fix)
