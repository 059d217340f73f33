"""Pauses between looks."""

from __future__ import annotations

import asyncio

import pytest

from core.engine.pauses import FIRST, MOST, Pauses


async def test_pauses_grow_to_the_longest_and_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pauses = Pauses()
    for _ in range(10):
        await pauses.wait()
    assert slept[0] == FIRST
    assert slept == sorted(slept)
    assert slept[-2:] == [MOST, MOST]
