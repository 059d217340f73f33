"""The board's supply and the batches of streams, without an app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from core.engine.errors import Trouble
from core.status import EnvironmentStatus
from tests.tui.data import NOON, landscape
from tests.tui.fake_console import FakeConsole
from tui.batches import MOST, batches
from tui.context import Context
from tui.feeds import Feeds
from tui.view_models.board import Board


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0)


async def test_a_connection_that_fails_is_told_and_tried_again() -> None:
    fake, board, told = landscape(), Board(), list[str]()
    fake.failures["connect"] = Trouble("no database", where="/data", fix="make it readable")
    feeds = Feeds(fake.connect, Context(clock=lambda: NOON), board, lambda: None, told.append)
    task = asyncio.create_task(feeds.run())
    await until(lambda: told == ["/data: no database – make it readable"])
    fake.failures.clear()
    feeds.retry()
    await until(lambda: len(board) == 3)
    task.cancel()


async def test_a_list_that_goes_on_failing_is_told_once() -> None:
    fake, told = landscape(), list[str]()
    fake.failures["environments"] = Trouble("locked")
    feeds = Feeds(fake.connect, Context(), Board(), lambda: None, told.append)
    task = asyncio.create_task(feeds.run())
    await until(lambda: len(fake.called("environments")) == 1)
    feeds.retry()
    await until(lambda: len(fake.called("environments")) == 2)
    assert told == ["locked"]
    task.cancel()


async def test_every_watch_ends_with_the_feeds() -> None:
    fake = landscape()
    feeds = Feeds(fake.connect, Context(), Board(), lambda: None, lambda _: None)
    before = asyncio.all_tasks()
    task = asyncio.create_task(feeds.run())
    await until(lambda: len(fake.called("changes")) == 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_what_somebody_else_cancelled_is_a_loss_that_is_tried_again() -> None:
    class Closing(FakeConsole):
        """Its first stream ends as one does whose connection is closed under it."""

        async def changes(self, environment: str) -> AsyncIterator[EnvironmentStatus]:
            if len(self.called("changes")) < len(self.statuses):
                self._call("changes", environment)
                raise asyncio.CancelledError
            async for status in super().changes(environment):
                yield status

    board, fake = Board(), landscape()
    closing = Closing(statuses=fake.statuses)
    feeds = Feeds(closing.connect, Context(clock=lambda: NOON), board, lambda: None, lambda _: None)
    task = asyncio.create_task(feeds.run())
    await until(lambda: len(board) == 3 and all(branch.lost is not None for branch in board))
    feeds.retry()
    await until(lambda: all(branch.live and branch.lost is None for branch in board))
    task.cancel()


async def numbers(count: int, error: Exception | None = None) -> AsyncIterator[int]:
    for number in range(count):
        yield number
    if error is not None:
        raise error


async def test_batches_keep_every_item_in_order_and_hold_the_loop_for_none() -> None:
    found = [batch async for batch in batches(numbers(2500), interval=0)]
    assert [number for batch in found for number in batch] == list(range(2500))
    assert max(len(batch) for batch in found) <= MOST


async def test_batches_fail_as_their_source_does_after_what_came_before() -> None:
    seen: list[int] = []
    with pytest.raises(Trouble, match="broken"):
        async for batch in batches(numbers(3, Trouble("broken")), interval=0):
            seen += batch
    assert seen == [0, 1, 2]


async def test_a_source_that_is_faster_than_the_screen_has_to_wait() -> None:
    taken = 0

    async def endless() -> AsyncIterator[int]:
        nonlocal taken
        while True:
            yield taken
            taken += 1

    stream = batches(endless(), interval=0)
    first = await anext(stream)
    for _ in range(50):
        await asyncio.sleep(0)
    assert taken <= len(first) + 2 * MOST + 1
    await stream.aclose()  # type: ignore[attr-defined]


def test_the_fake_has_every_method_of_the_facade() -> None:
    from core.console_api import ConsoleApi

    wanted = {name for name in vars(ConsoleApi) if not name.startswith("_")}
    assert wanted <= set(dir(FakeConsole()))
