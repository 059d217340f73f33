"""The board's supply: connects, lists the environments, listens to each one, tries again where one is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui.context import Context, sentence
from tui.view_models.board import Board

if TYPE_CHECKING:
    from core.console_api import ConsoleApi

Connect = Callable[[], "Awaitable[ConsoleApi]"]

LIST_INTERVAL = 5.0
"""Seconds between two looks into the database for environments that another process made or removed."""

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0


class Feeds:
    """Keeps the board current; a lost environment never holds back another one.

    `changed` is called after each change of the board, `told` with each sentence that a person must read.
    """

    def __init__(
        self,
        connect: Connect,
        context: Context,
        board: Board,
        changed: Callable[[], None],
        told: Callable[[str], None],
    ) -> None:
        self._connect = connect
        self._context = context
        self._board = board
        self._changed = changed
        self._told = told
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._hurry = asyncio.Event()
        self._listing = ""

    async def run(self) -> None:
        """Feed the board until cancelled."""
        try:
            self._context.api = await self._connected()
            while True:
                await self._list()
                await self._pause(LIST_INTERVAL)
        finally:
            for task in self._watches.values():
                task.cancel()
            await asyncio.gather(*self._watches.values(), return_exceptions=True)
            if self._context.api is not None:
                await self._context.api.live.close()

    def retry(self) -> None:
        """End every wait now."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    async def _connected(self) -> ConsoleApi:
        delay = _FIRST_DELAY
        while True:
            try:
                return await self._connect()
            except Exception as error:
                self._told(sentence(error))
            await self._pause(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _list(self) -> None:
        try:
            came, went = self._board.reload(await self._context.ask().environments())
        except Exception as error:
            self._tell_once(sentence(error))
            return
        self._listing = ""
        for name in went:
            self._watches.pop(name).cancel()
        for name in came:
            self._watches[name] = asyncio.create_task(self._watch(name))
        self._changed()

    def _tell_once(self, text: str) -> None:
        """A list that goes on failing for the same reason is told of once."""
        if text != self._listing:
            self._told(text)
        self._listing = text

    async def _watch(self, name: str) -> None:
        delay = _FIRST_DELAY
        while True:
            trouble = "it stopped telling what changes"
            try:
                async for status in self._context.ask().changes(name):
                    delay = _FIRST_DELAY
                    self._board.receive(status)
                    self._changed()
            except asyncio.CancelledError:
                if _is_cancelled():
                    raise
                trouble = "what it was asked through was closed"
            except Exception as error:
                trouble = sentence(error)
            self._board.lose(name, trouble, self._context.clock())
            self._changed()
            await self._pause(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _pause(self, seconds: float) -> None:
        hurry = self._hurry
        try:
            await asyncio.wait_for(hurry.wait(), seconds)
        except TimeoutError:
            return


def _is_cancelled() -> bool:
    """Whether the present task is to end; else something that it waited for was cancelled by somebody else."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
