"""The actions on environments that are more than a question and a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from tui.verbs import Offer

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

Do = Callable[["MainScreen", Offer], Awaitable[None]]


async def logs(screen: MainScreen, offer: Offer) -> None:
    """The logs of a declared pod, beside the tree."""
    await screen.show_tab("logs")


async def plan(screen: MainScreen, offer: Offer) -> None:
    """What a deployment would do; it may be deployed from there."""
    from tui.screens.plan import PlanScreen

    if await screen.app.push_screen_wait(PlanScreen(screen.shared, offer.selection.environment.environment)):
        screen.action_act("deploy")


DECLARED: Mapping[str, Do] = {
    "logs": logs,
    "plan": plan,
}
"""What each of these actions does."""
