"""Drives the console in tests and waits for conditions while it goes on, so that no test sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from tests.tui.fake_console import FakeConsole
from tui.app import GondolierApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.main import MainScreen
from tui.view_models.text import plain
from tui.view_models.tree import Key
from tui.widgets.answer import Answer
from tui.widgets.key_line import KeyLine
from tui.widgets.line_view import LineView
from tui.widgets.notice_line import NoticeLine
from tui.widgets.pane_tab import PaneTab

_DEADLINE = 45.0


@dataclass(frozen=True, slots=True)
class Driven:
    """An open console with its pilot and the façade behind it."""

    app: GondolierApp
    pilot: Pilot[None]
    fake: FakeConsole

    @property
    def main(self) -> MainScreen:
        return self.app.main

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, holds: Callable[[], bool]) -> None:
        await until(self.pilot, holds)

    async def select(self, *key: str) -> None:
        """Put the cursor on a line of the tree."""
        self.main.environments.select(key)
        await self.until(lambda: self.selected == key)
        await self.pilot.pause()

    @property
    def selected(self) -> Key:
        line = self.main.environments.selected
        return line.key if line else ()

    def stands_on(self, key: Key) -> bool:
        """The cursor is on this line."""
        return self.selected == key

    @property
    def notice(self) -> str:
        return self.main.query_one(NoticeLine).text

    @property
    def keys(self) -> str:
        return text_of(self.main.query_one(KeyLine))

    @property
    def tree(self) -> str:
        return text_of(self.main.environments)

    @property
    def content(self) -> str:
        """What the open tab shows."""
        content = self.main.pane.content
        if isinstance(content, PaneTab):
            return "\n".join(text_of(view) for view in content.query(LineView))
        assert isinstance(content, LineView)
        return text_of(content)


async def dialog(driven: Driven) -> str:
    """The words of the dialog that is open, once it is; "▸" stands before the answer that has the focus."""
    await driven.until(lambda: isinstance(driven.app.screen, ConfirmScreen))
    screen = driven.app.screen
    await driven.until(lambda: isinstance(screen.focused, Answer))
    return "\n".join(text_of(view) for view in screen.query(LineView))


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fails after a deadline that only a hanging test meets."""
    async with asyncio.timeout(_DEADLINE):
        while not holds():
            await pilot.pause(0.01)


async def settled(pilot: Pilot[None], app: GondolierApp, fake: FakeConsole) -> None:
    """Return once every environment was looked at and the screen shows it."""
    board = app.main.board
    await until(pilot, lambda: len(board) == len(fake.statuses) and all(branch.live for branch in board))
    await until(pilot, lambda: not app.main.refreshing)
    await pilot.pause()


def text_of(view: LineView) -> str:
    """What the view shows, without tones."""
    return "\n".join(plain(view.line_at(number)).rstrip() for number in range(view.line_count))
