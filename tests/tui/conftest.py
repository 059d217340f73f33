"""The console over the tests' landscape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.tui.data import NOON, landscape
from tests.tui.driving import Driven, settled
from tests.tui.fake_console import FakeConsole
from tui.app import GondolierApp
from tui.context import Context
from tui.view_models.glyphs import UNICODE, Glyphs
from tui.view_models.tree import Key

WIDE = (160, 45)
Open = Callable[..., AbstractAsyncContextManager[Driven]]


@pytest.fixture
def fake() -> FakeConsole:
    """A façade that tests may change before the console opens."""
    return landscape()


@pytest.fixture
def console(fake: FakeConsole) -> Open:
    """Opens the console, settled; `size` is columns and lines, `first` the tree's line that it begins on."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = WIDE, glyphs: Glyphs = UNICODE, first: Key = ()) -> AsyncIterator[Driven]:
        app = GondolierApp(fake.connect, environ={}, context=Context(glyphs, clock=lambda: NOON), first=first)
        async with app.run_test(size=size) as pilot:
            await settled(pilot, app, fake)
            yield Driven(app, pilot, fake)

    return opened
