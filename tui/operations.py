"""What is being done to live objects: each operation with all that it told, kept until the console ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.live.api import Arguments, LiveApi
from core.live.objects import Target
from core.live.operations import Finished, Progress
from tui.view_models.glyphs import State


@dataclass(slots=True)
class Operation:
    """An action on objects; `told` are its sentences with their states, `state` is how it goes or went."""

    title: str
    started: float
    state: State = "working"
    told: list[tuple[State, str]] = field(default_factory=list)
    ended: float | None = None

    @property
    def newest(self) -> str:
        """The last thing that it told."""
        return self.told[-1][1] if self.told else self.title

    def tell(self, state: State, text: str) -> None:
        """Add a sentence."""
        self.told.append((state, text))

    def end(self, state: State, text: str, now: float) -> None:
        """It is over."""
        self.state, self.ended = state, now
        self.tell(state, text)


_STATES: dict[str, State] = {"info": "ready", "warning": "degraded", "error": "failed"}


class Operations:
    """All operations of this console, the newest last; `changed` is called after each thing that one tells."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.all: list[Operation] = []
        self.changed: Callable[[Operation], None] = lambda operation: None
        self._clock = clock

    @property
    def running(self) -> list[Operation]:
        """Those that are not over yet."""
        return [operation for operation in self.all if operation.ended is None]

    async def perform(
        self, live: LiveApi, title: str, action: str, targets: Sequence[Target], arguments: Arguments
    ) -> Operation:
        """Do it, keeping what it tells; an error is its end, never raised."""
        from tui.context import sentence

        operation = Operation(title, self._clock())
        self.all.append(operation)
        self.changed(operation)
        try:
            async for told in live.perform(action, targets, arguments):
                self._take(operation, told)
        except Exception as error:
            operation.end("failed", sentence(error), self._clock())
        if operation.ended is None:
            operation.end("unknown", "it ended without saying how", self._clock())
        self.changed(operation)
        return operation

    def _take(self, operation: Operation, told: Progress | Finished) -> None:
        if isinstance(told, Finished):
            operation.end("failed" if told.failed else "ready", told.text, self._clock())
            return
        about = f"{told.target.name}: " if told.target is not None else ""
        operation.tell(_STATES[told.level], about + told.text)
        self.changed(operation)
