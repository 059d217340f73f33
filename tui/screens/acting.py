"""The part of the main screen that does things: what is offered, the keys for it, questions, operations, rights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.live.objects import Target
from core.status import EnvironmentStatus
from tui.context import Context, sentence
from tui.messages import Told
from tui.verbs import KEYED, Offer, offer_of, offers, offers_on, where
from tui.view_models.tree import TreeLine
from tui.working import begin

if TYPE_CHECKING:
    from tui.knowledge import Knowledge
    from tui.operations import Operation, Operations

_ACTION_BINDINGS: list[BindingType] = [
    Binding(action.key or "", f"act('{action.id}')", action.title, id=f"action.{action.id}") for action in KEYED
]


class ActingScreen(Screen[None], inherit_bindings=False):
    """Turns keys into actions on what is selected; a subclass says what that is and where progress is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [*_ACTION_BINDINGS]

    shared: Context

    @property
    def line(self) -> TreeLine | None:
        """The selected line of the tree."""
        raise NotImplementedError

    @property
    def chosen(self) -> Sequence[Target]:
        """The live objects that actions are asked of, none where the line is."""
        raise NotImplementedError

    def status_of(self, environment: str) -> EnvironmentStatus | None:
        """An environment as it was last seen."""
        raise NotImplementedError

    def tell(self, message: Told) -> None:
        """Show a sentence that stays until it is dismissed."""
        raise NotImplementedError

    def offers_changed(self) -> None:
        """Something is possible now that was not, or the other way round."""
        raise NotImplementedError

    # What is offered

    @property
    def offers(self) -> list[Offer]:
        """What the selection can be asked: the chosen objects, or the line of the tree."""
        objects = self.chosen
        status = self.status_of(objects[0].cluster.environment) if objects else None
        if status is not None:
            return offers_on(objects, status, self.shared.allowed)
        return offers(self.line, self.shared.allowed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the actions that share a key, the one that is offered; where none is, the first says where."""
        if action != "act" or not self.is_mounted:
            return True
        name = str(parameters[0])
        offered = {offer.action.id for offer in self.offers}
        rivals = _rivals(name)
        return name in offered or (offered.isdisjoint(rivals) and name == rivals[0])

    def action_act(self, name: str) -> None:
        offered = self.offers
        offer = offer_of(offered, name)
        if offer is None:
            actions = [action for action in KEYED if action.id in _rivals(name)]
            self.tell(Told(f"{actions[0].key} is not for this line: {where(actions)}", "unknown"))
        elif offer.refusal is not None:
            self.tell(Told(f"{offer.action.title}: {offer.refusal}", "degraded"))
        else:
            begin(self, partial(self._perform, offer), "actions", alone=False)

    async def _perform(self, offer: Offer) -> None:
        from tui.screens.performing import perform

        try:
            # The rights are asked for while one reads; a quick finger must not be quicker than the answer.
            if await self._reviewed([offer]) and (now := offer_of(self.offers, offer.action.id)) and now.refusal:
                self.tell(Told(f"{offer.action.title}: {now.refusal}", "degraded"))
                return
            await perform(self, offer)  # type: ignore[arg-type]
        except Exception as error:
            self.tell(Told(f"{offer.action.title}: {sentence(error)}"))

    # Rights and operations; their modules are imported once something is looked at

    @cached_property
    def knowledge(self) -> Knowledge:
        """What was asked of the core to know what is allowed."""
        from tui.knowledge import Knowledge

        return Knowledge(self.shared)

    @cached_property
    def operations(self) -> Operations:
        """What is being done to live objects."""
        from tui.operations import Operations

        made = Operations(self.shared.clock)
        made.changed = self._operation_changed
        return made

    def review(self) -> None:
        """Ask for the rights that the offers need and nobody knows yet."""
        if self.shared.api is not None and any(offer.selection.objects for offer in self.offers):
            begin(self, self._review, "rights")

    async def _review(self) -> None:
        if await self._reviewed(self.offers):
            self.offers_changed()

    async def _reviewed(self, offered: Sequence[Offer]) -> bool:
        if not any(offer.selection.objects for offer in offered):
            return False
        try:
            return await self.knowledge.review(offered)
        except Exception:
            # What nobody can say is not forbidden: the action itself is refused by the server, with its reason.
            return False

    def show_operations(self) -> None:
        """Open what is being done."""
        from tui.screens.operations import OperationsScreen

        self.app.push_screen(OperationsScreen(self.shared, self.operations))

    def _operation_changed(self, operation: Operation) -> None:
        self.tell(Told(f"{operation.title}: {operation.newest}", operation.state))


def _rivals(name: str) -> list[str]:
    """The ids of the actions that share this one's default key, in the registry's order."""
    key = next(action.key for action in KEYED if action.id == name)
    return [action.id for action in KEYED if action.key == key]
