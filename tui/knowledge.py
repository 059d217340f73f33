"""What the console has asked of the core to know what can be done: clusters, their kinds, rights, read-only marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.live.objects import ClusterRef, Kind, Right, Rights
from tui.context import Context
from tui.verbs import Offer

_MOST = 50
"""The most rights that are asked about at once: more than the marked objects of one action is for the server to say."""


class Knowledge:
    """Fills the context; what cannot be asked stays unknown and forbids nothing: the server has the last word."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked: set[tuple[ClusterRef, Right]] = set()

    async def look(self, environments: Iterable[str]) -> None:
        """Ask which clusters run, and which of these environments are closed to changes.

        Raises:
            Trouble: it cannot be asked.
        """
        live = self._context.ask().live
        self._context.clusters = await live.clusters()
        closed = [name for name in environments if await live.read_only(name)]
        self._context.allowed = replace(self._context.allowed, read_only=frozenset(closed))

    async def toggle_read_only(self, environment: str) -> bool:
        """Close an environment to changes, or open it again; says whether it is closed now.

        Raises:
            Trouble: it cannot be kept.
        """
        closed = environment not in self._context.allowed.read_only
        await self._context.ask().live.set_read_only(environment, closed)
        names = self._context.allowed.read_only ^ {environment}
        self._context.allowed = replace(self._context.allowed, read_only=names)
        return closed

    async def review(self, offered: Sequence[Offer]) -> bool:
        """Ask for the rights that these offers need and nobody knows yet; says whether something was learned.

        Raises:
            Trouble: it cannot be asked.
        """
        wanted = [one for one in dict.fromkeys(_needed(offered)) if one not in self._asked][:_MOST]
        if not wanted:
            return False
        self._asked.update(wanted)
        found = await self._context.ask().live.rights(wanted)
        known = self._context.allowed.rights.answers
        self._context.allowed = replace(self._context.allowed, rights=Rights({**known, **found.answers}))
        return True

    def forget(self) -> None:
        """Ask for every right again when it is needed."""
        self._asked.clear()

    async def kinds(self, cluster: ClusterRef) -> Sequence[Kind]:
        """What a cluster serves, asked once.

        Raises:
            Trouble: it cannot be asked.
        """
        if cluster not in self._context.kinds:
            self._context.kinds[cluster] = await self._context.ask().live.kinds(cluster)
        return self._context.kinds[cluster]


def _needed(offered: Sequence[Offer]) -> Iterable[tuple[ClusterRef, Right]]:
    for offer in offered:
        for target in offer.selection.objects:
            for need in offer.action.needs:
                yield target.cluster, need.of(target)
