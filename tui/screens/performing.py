"""What happens when an action is chosen: the question before it, the call, the place where its progress is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.live.objects import Target
from core.live.operations import EditConflict
from tui.context import sentence
from tui.messages import Told
from tui.screens.ask import AskScreen
from tui.screens.asking import UNASKED, live_fields, live_question, question
from tui.screens.confirm import ConfirmScreen
from tui.screens.conflict import ConflictScreen, Sides, Way
from tui.screens.declared import DECLARED
from tui.screens.showing import SHOWS
from tui.verbs import Offer
from tui.view_models.form import Value

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


async def perform(screen: MainScreen, offer: Offer) -> None:
    """Ask where the action changes something, then do it.

    Raises:
        Trouble: the core could not do it, or refuses.
    """
    name = offer.action.id
    if name in DECLARED:
        await DECLARED[name](screen, offer)
    elif name in SHOWS:
        await SHOWS[name](screen, offer)
    elif name == "edit":
        await _edit(screen, offer)
    elif name == "forward":
        await _forward(screen, offer)
    elif offer.is_live:
        await _operate(screen, offer)
    elif await screen.app.push_screen_wait(ConfirmScreen(screen.shared, question(offer))):
        await _run(screen, offer)
        await screen.show_tab("deployment")


async def _run(screen: MainScreen, offer: Offer) -> None:
    """Start a run of what is declared."""
    api, environment = screen.shared.ask(), offer.selection.environment.environment
    if offer.action.id == "deploy":
        await api.deploy(environment)
    elif offer.action.id == "cancel":
        await api.cancel(environment)
    else:
        place = offer.selection.place
        assert place, "every action but those above is asked of a component"
        await api.act(environment, place, offer.action.id)


async def _operate(screen: MainScreen, offer: Offer) -> None:
    """Do something to live objects, once the person said with what."""
    arguments = await _arguments(screen, offer)
    if arguments is None:
        return
    live, objects = screen.shared.ask().live, offer.selection.objects
    title = f"{offer.action.title}: {offer.target}"
    if offer.action.id == "drain":
        screen.show_operations()
    await screen.operations.perform(live, title, offer.action.id, objects, arguments)


async def _arguments(screen: MainScreen, offer: Offer) -> dict[str, str | int | bool | None] | None:
    """What the person said, None for no; an action that needs no asking has no arguments."""
    if offer.action.id in UNASKED:
        return {}
    command = screen.shared.ask().live.command(offer.action.id, offer.selection.objects, None)
    asked, fields = live_question(offer, command), live_fields(offer)
    if not fields:
        return {} if await screen.app.push_screen_wait(ConfirmScreen(screen.shared, asked)) else None
    found = await screen.app.push_screen_wait(AskScreen(screen.shared, asked, fields))
    if found is None:
        return None
    names = {ask.name for ask in offer.action.asks}
    return {name: _argument(value) for name, value in found.items() if name in names}


def _argument(value: Value) -> str | int | bool | None:
    return int(value) if isinstance(value, float) else value


async def _forward(screen: MainScreen, offer: Offer) -> None:
    """Lead a port of this machine to the object."""
    target = offer.selection.objects[0]
    live = screen.shared.ask().live
    asked = live_question(offer, live.command("forward", [target], None))
    found = await screen.app.push_screen_wait(AskScreen(screen.shared, asked, live_fields(offer)))
    if found is None:
        return
    made = await live.forward(target, int(found["remote"] or 0), int(found["local"] or 0))
    screen.tell(Told(f"{made.url} leads to {target.name}:{made.remote}; :forwards lists and stops them", "ready"))


async def _edit(screen: MainScreen, offer: Offer) -> None:
    """The object in the person's editor, until the server takes it or the person gives up."""
    from tui.editing import edit_text

    live, target = screen.shared.ask().live, offer.selection.objects[0]
    base = await live.yaml(target)
    unchanged, told = base, [f"{target} of {target.cluster}: leave it as it is to change nothing"]
    text = base
    while (text := await edit_text(screen.app, text, f"{target.name}.yaml", told)) not in (unchanged, ""):
        try:
            answer = await live.replace(target, base, text)
        except Exception as error:
            unchanged, told = text, [sentence(error), "correct it, or leave it as it is to give up"]
            continue
        if isinstance(answer, EditConflict):
            if (way := await _resolve(screen, target, answer)) is None:
                return
            merged = answer.merged if way == "merge" else None
            base, text, unchanged = answer.theirs, merged or answer.mine, ""
            told = ["on top of what was changed meanwhile: save to change it, leave nothing to give up"]
            continue
        screen.tell(Told(f"{target}: changed", "ready"))
        return
    screen.tell(Told(f"{target}: nothing was changed", "unknown"))


async def _resolve(screen: MainScreen, target: Target, conflict: EditConflict) -> Way | None:
    """What the person wants done about a change that came in between."""
    sides = Sides(f"{target}", conflict.message, conflict.base, conflict.mine, conflict.theirs)
    return await screen.app.push_screen_wait(ConflictScreen(screen.shared, sides, conflict.merged is not None))
