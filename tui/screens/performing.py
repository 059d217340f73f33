"""What happens when an action is chosen: the question before it, the call, the place where its progress is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.screens.confirm import ConfirmScreen, Question
from tui.verbs import Offer
from tui.view_models.text import Tone

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


async def perform(screen: MainScreen, offer: Offer) -> None:
    """Ask where the action changes something, then do it.

    Raises:
        Trouble: the core could not do it, or refuses.
    """
    name = offer.selection.environment.environment
    if offer.action.id == "logs":
        await screen.show_tab("logs")
    elif offer.action.id == "plan":
        await _plan(screen, name)
    elif await screen.app.push_screen_wait(ConfirmScreen(screen.shared, question(offer))):
        await _start(screen, offer)
        await screen.show_tab("deployment")


def question(offer: Offer) -> Question:
    """What is asked before the action; Cancel has the focus where something is destroyed."""
    name = offer.selection.environment.environment
    component = offer.selection.component
    target = name if component is None else f"{name}/{component.name}"
    if offer.action.id == "cancel":
        text = f"The run of {name} finishes or aborts the step it is at, then says what is half done."
        return Question(f"Cancel the run of {name}?", [(text, "text")], "Cancel the run", "Let it run", careful=True)
    sentences: list[tuple[str, Tone]] = [
        ("It runs in a process of its own: the console may be closed meanwhile.", "text"),
        ("", "text"),
        (offer.action.command(offer.selection), "accent"),
    ]
    destroys = offer.action.danger == "destroys"
    if destroys:
        sentences.insert(0, ("This destroys something that runs now.", "warn"))
    return Question(f"{offer.action.title}: {target}", sentences, offer.action.title, careful=destroys)


def leaving(running: Sequence[str]) -> Question:
    """What is asked on leaving while runs go on."""
    names = ", ".join(running)
    sentences: list[tuple[str, Tone]] = [
        (f"A run is going on in {names}. It goes on in its own process when you leave.", "text"),
        ("Come back to it with `gondolier`, from another terminal too.", "dim"),
    ]
    return Question("Leave the console?", sentences, "Leave", "Stay")


async def _plan(screen: MainScreen, environment: str) -> None:
    from tui.screens.plan import PlanScreen

    if await screen.app.push_screen_wait(PlanScreen(screen.shared, environment)):
        screen.action_act("deploy")


async def _start(screen: MainScreen, offer: Offer) -> None:
    api = screen.shared.ask()
    environment = offer.selection.environment.environment
    if offer.action.id == "deploy":
        await api.deploy(environment)
    elif offer.action.id == "cancel":
        await api.cancel(environment)
    else:
        component = offer.selection.component
        assert component is not None, "every action but those above is asked of a component"
        await api.act(environment, component.name, offer.action.id)
