"""What a cluster has, as lists that the steps of all its pods ask for together instead of object by object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.together import Together

Row = TypeVar("Row")


class Lists:
    """Lists of one cluster, each fresh for whoever asks; `cluster` opens it."""

    def __init__(self, cluster: Callable[[], Awaitable[Cluster]]) -> None:
        self._cluster = cluster
        self._asked: dict[tuple[Any, ...], Together[Any]] = {}

    async def rows(self, path: str, row: type[Row], labels: str = "") -> Sequence[Row]:
        """A collection's rows that the selector lets through."""

        async def ask() -> Sequence[Row]:
            return await (await self._cluster()).list(path, row, labels=labels)

        found: Sequence[Row] = await self._together((path, row, labels), ask).answer()
        return found

    async def objects(self, version: str, resource: str, namespace: str, labels: str = "") -> Sequence[Object]:
        """A collection's whole objects."""
        path, query = paths.collection(version, resource, namespace), [("labelSelector", labels)] if labels else []

        async def ask() -> Sequence[Object]:
            listed = await (await self._cluster()).get(path, query)
            return (listed or {}).get("items") or ()

        found: Sequence[Object] = await self._together((path, Object, labels), ask).answer()
        return found

    def _together(self, key: tuple[Any, ...], ask: Callable[[], Awaitable[Any]]) -> Together[Any]:
        return self._asked.setdefault(key, Together(ask))
