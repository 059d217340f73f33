"""The command palette: what the selection can do now, with or without a key, and what the console itself can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.main import MainScreen
from tui.verbs import Offer
from tui.view_models.command import VERBS
from tui.working import begin


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the palette."""

    text: str
    run: Callable[[], None]
    help: str


class ActionsProvider(Provider):
    """Offers what is possible; an action that is not is left out."""

    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(entry.text, entry.run, help=entry.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries():
            score = matcher.match(entry.text)
            if score > 0:
                yield Hit(score, matcher.highlight(entry.text), entry.run, help=entry.help)

    def _entries(self) -> Iterator[_Entry]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        for offer in screen.offers:
            if offer.refusal is None:
                run = partial(screen.action_act, offer.action.id)
                yield _Entry(f"{offer.action.title}: {offer.target}", run, _command(screen, offer))
        for verb, title in VERBS.items():
            yield _Entry(f"{title[0].upper()}{title[1:]}", partial(_run, screen, verb), f":{verb}")


def _command(screen: MainScreen, offer: Offer) -> str:
    """The command line that does the same."""
    if offer.is_live and offer.selection.objects and screen.shared.api is not None:
        return screen.shared.api.live.command(offer.action.id, offer.selection.objects)
    return offer.action.command(offer.selection)


def _run(screen: MainScreen, verb: str) -> None:
    """Do a command; one that needs a word more is typed to its end."""
    if verb in ("ctx", "env", "ns", "import"):
        begin(screen, partial(screen.action_command, f"{verb} "), "palette", alone=False)
    else:
        begin(screen, partial(screen.commands.run, verb), "palette", alone=False)
