"""The command palette's view of the registry: what the selected line can do now, with or without a key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.main import MainScreen
from tui.verbs import Offer


class ActionsProvider(Provider):
    """Offers the actions that are possible; one that is not is left out."""

    async def discover(self) -> Hits:
        for offer, text in self._possible():
            yield DiscoveryHit(text, partial(self._act, offer), help=offer.action.command(offer.selection))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for offer, text in self._possible():
            score = matcher.match(text)
            if score > 0:
                run = partial(self._act, offer)
                yield Hit(score, matcher.highlight(text), run, help=offer.action.command(offer.selection))

    def _possible(self) -> Iterator[tuple[Offer, str]]:
        if not isinstance(self.screen, MainScreen):
            return
        for offer in self.screen.offers:
            if offer.refusal is None:
                yield offer, f"{offer.action.title}: {offer.target}"

    def _act(self, offer: Offer) -> None:
        screen = self.screen
        assert isinstance(screen, MainScreen)
        screen.action_act(offer.action.id)
