"""Programs of this box: their ends become sentences, and none outlives its caller."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.clouds.nspawn.lock import locked
from core.clouds.process import lines, run
from core.engine.errors import Transient, Trouble


async def test_output_and_input_pass_through() -> None:
    done = await run("cat", stdin="hello")
    assert (done.status, done.stdout) == (0, "hello")


async def test_a_failure_says_command_status_and_last_words() -> None:
    with pytest.raises(Trouble, match=r"`sh -c echo broken >&2; exit 3` failed with status 3: broken"):
        await run("sh", "-c", "echo broken >&2; exit 3")
    assert (await run("sh", "-c", "exit 3", check=False)).status == 3


async def test_a_program_that_is_not_installed_is_named() -> None:
    with pytest.raises(Trouble, match="the program no-such-program is not installed"):
        await run("no-such-program")


async def test_a_program_that_does_not_end_is_killed() -> None:
    with pytest.raises(Transient, match="did not end within 0 s"):
        await run("sleep", "1000", timeout=0.05)


async def test_lines_come_as_they_are_written_and_a_failure_after_them() -> None:
    seen: list[str] = []
    with pytest.raises(Trouble, match="status 1: one / two"):
        async for line in lines("sh", "-c", "echo one; echo two >&2; exit 1"):
            seen.append(line)
    assert seen == ["one", "two"]


async def test_a_lock_is_held_by_one_and_the_other_is_told_once(tmp_path: Path) -> None:
    order: list[str] = []
    told = asyncio.Event()

    async def second() -> None:
        async with locked(tmp_path / "lock", told.set):
            order.append("second")

    async with locked(tmp_path / "lock"):
        waiting = asyncio.create_task(second())
        await told.wait()
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_a_lock_is_held_on_by_a_program_that_inherited_it(tmp_path: Path) -> None:
    told = asyncio.Event()
    async with locked(tmp_path / "lock") as held:
        keeper = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, pass_fds=(held,))

    async def second() -> None:
        async with locked(tmp_path / "lock", told.set):
            pass

    waiting = asyncio.create_task(second())
    await told.wait()
    await keeper.communicate(b"")
    await waiting
