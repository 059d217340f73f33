"""Simulated machines behind the product's own connection: commands, losses, keys."""

from __future__ import annotations

import asyncio

import pytest

from core.engine.errors import Trouble
from core.machines.connection import Connection


async def test_a_command_gives_status_and_both_outputs(link: Connection) -> None:
    done = await link.run("echo out; echo err >&2; exit 3", check=False)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


async def test_an_unknown_command_fails_with_its_text(link: Connection) -> None:
    with pytest.raises(Trouble, match="ended with status 127: gondolier simulator: unknown command: frobnicate --hard"):
        await link.run("frobnicate --hard")
    done = await link.run("for each in a b; do frobnicate; done", check=False)
    assert done.stderr == "gondolier simulator: unknown command: for each in a b; do frobnicate; done\n"


async def test_many_commands_share_one_connection(link: Connection) -> None:
    done = await asyncio.gather(*(link.run(f"echo {number}") for number in range(25)))
    assert [answer.stdout for answer in done] == [f"{number}\n" for number in range(25)]
