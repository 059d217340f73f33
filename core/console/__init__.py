"""The façade that the console and the command line call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.console.choosing import Choosing
from core.console.looking import Looking
from core.console.records import NotFound
from core.console.runs import Runs
from core.console_api import ConsoleApi
from core.deployment.documents import Documents
from core.deployment.outcome import Outcome
from core.operations.live import Live
from core.store.store import Store

__all__ = ["Console", "ConsoleApi", "NotFound", "Outcome"]


class Console(Looking, Choosing):
    """Everything a front end may ask for; opened with `Console.open`, it closes what it opened."""

    def __init__(self, store: Store | None = None) -> None:
        super().__init__(store or Store())
        self.live = Live(self.store)
        self.documents = Documents(self.store)
        self.runs = Runs(self)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Console]:
        """A façade on the home directory's database."""
        with Store() as store:
            console = cls(store)
            try:
                yield console
            finally:
                await console.live.close()
