"""The kinds that a cluster serves, custom resources included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from core.engine.errors import Refusal, Trouble
from core.kube.access import Cluster
from core.kube.kinds import known_kind, names
from core.live.objects import Kind


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...] = ()
    short_names: tuple[str, ...] | None = None
    singular_name: str = ""


class _Resources(msgspec.Struct, frozen=True):
    resources: tuple[_Resource, ...] | None = None


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    group_version: str


class _Group(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    preferred_version: _Version


class _Groups(msgspec.Struct, frozen=True):
    groups: tuple[_Group, ...] | None = None


class Kinds:
    """What one cluster serves, asked for once and again when something is not found."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: tuple[Kind, ...] | None = None
        self._asking = asyncio.Lock()

    async def all(self) -> Sequence[Kind]:
        """Every kind that can be listed, by resource and group.

        Raises:
            Trouble: the server does not answer.
        """
        async with self._asking:
            if self._known is None:
                self._known = await discover(self._cluster)
            return self._known

    async def find(self, name: str) -> Kind:
        """The kind that a word means: resource, kind or short name, with the group after a dot where it matters.

        Raises:
            Refusal: the cluster serves no such kind.
        """
        if (known := known_kind(name)) is not None:
            return known
        for again in (False, True):
            if again:
                self._known = None
            if (found := match(name, await self.all())) is not None:
                return found
        raise Refusal(f"it serves no kind {name}", where=self._cluster.name, fix="list the kinds that it serves")


def match(name: str, kinds: Iterable[Kind]) -> Kind | None:
    """The first kind that a word means, the core's and the built-in groups' before custom ones."""
    wanted = name.lower()
    found = [kind for kind in kinds if wanted in names(kind)]
    return min(found, key=lambda kind: ("." in kind.group, kind.id), default=None)


async def discover(cluster: Cluster) -> tuple[Kind, ...]:
    """Ask for every group's preferred version; a group whose API is away is left out."""
    groups = await cluster.read("/apis", _Groups)
    versions = ["v1", *(group.preferred_version.group_version for group in (groups.groups if groups else None) or ())]
    answers = await asyncio.gather(*(_resources(cluster, version) for version in versions), return_exceptions=True)
    found: list[Kind] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            if not isinstance(answer, Trouble) or answer is answers[0]:
                raise answer
        else:
            found += answer
    return tuple(sorted(found, key=lambda kind: (kind.resource, kind.group)))


async def _resources(cluster: Cluster, version: str) -> list[Kind]:
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    answer = await cluster.read(root, _Resources)
    listed = (answer.resources if answer else None) or ()
    return [_kind(found, version) for found in listed if "/" not in found.name and "list" in found.verbs]


def _kind(found: _Resource, version: str) -> Kind:
    short = tuple(word for word in (*(found.short_names or ()), found.singular_name) if word)
    return Kind(found.kind, found.name, version, found.namespaced, short, frozenset(found.verbs))


def kind_of(manifest: dict[str, Any], kinds: Iterable[Kind]) -> Kind | None:
    """The kind that a manifest is of."""
    wanted = (manifest.get("kind"), manifest.get("apiVersion"))
    return next((kind for kind in kinds if (kind.kind, kind.version) == wanted), None)
