"""Many who ask at the same time, and one request for them."""

from __future__ import annotations

import asyncio

import pytest

from core.kube.together import Together


class Asked:
    """Counts requests, each of which is answered when `go` is set."""

    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.count += 1
        number = self.count
        await self.go.wait()
        if number == 3:
            raise ValueError("the third fails")
        return number


async def test_who_comes_before_the_request_shares_it_and_who_comes_later_gets_the_next() -> None:
    asked = Asked()
    together = Together(asked)
    early = [asyncio.create_task(together.answer()) for _ in range(5)]
    while not asked.count:
        await asyncio.sleep(0)
    late = [asyncio.create_task(together.answer()) for _ in range(5)]
    await asyncio.sleep(0)
    asked.go.set()
    assert await asyncio.gather(*early, *late) == [1] * 5 + [2] * 5


async def test_a_failure_is_for_those_who_shared_it_and_for_nobody_else() -> None:
    asked = Asked()
    asked.go.set()
    together = Together(asked)
    assert [await together.answer(), await together.answer()] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        await together.answer()
    assert await together.answer() == 4


async def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    asked = Asked()
    together = Together(asked)
    first, second = (asyncio.create_task(together.answer()) for _ in range(2))
    while not asked.count:
        await asyncio.sleep(0)
    first.cancel()
    asked.go.set()
    assert await second == 1
