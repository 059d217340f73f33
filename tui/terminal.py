"""A command in a container, or a program here, gets the terminal; the console comes back when it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

if TYPE_CHECKING:
    from core.live.api import Terminal

_LEFT = b"\x1d"
"""Ctrl-] ends a session that does not end by itself, as telnet has it."""


async def run_program(app: App[None], command: Sequence[str]) -> int:
    """Run a program in the foreground; returns its exit status.

    Raises:
        Trouble: the console has no terminal to give, or the program cannot be started.
    """
    from core.engine.errors import Trouble

    try:
        with app.suspend():
            process = await asyncio.create_subprocess_exec(*command)
            return await process.wait()
    except SuspendNotSupported:
        raise Trouble("there is no terminal to give away here", fix=f"run it yourself: {' '.join(command)}") from None
    except OSError as error:
        raise Trouble(f"{command[0]} cannot be started: {error.strerror}") from error


async def run_session(app: App[None], opening: AbstractAsyncContextManager[Terminal], title: str) -> int | None:
    """Lead keys and output between this terminal and a session until it ends; returns its exit status.

    Raises:
        Trouble: the console has no terminal to give, or the session cannot be opened.
    """
    from core.engine.errors import Trouble

    async with opening as terminal:
        try:
            with app.suspend():
                sys.stdout.write(f"\r\n{title} – ctrl+] leaves\r\n")
                sys.stdout.flush()
                await _bridge(terminal)
        except SuspendNotSupported:
            raise Trouble("there is no terminal to give away here", fix="open the console in a terminal") from None
        return terminal.status


async def _bridge(terminal: Terminal) -> None:
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    keys: asyncio.Queue[bytes] = asyncio.Queue()
    resized = asyncio.Event()
    tty.setraw(descriptor)
    loop.add_reader(descriptor, lambda: keys.put_nowait(os.read(descriptor, 65536)))
    loop.add_signal_handler(signal.SIGWINCH, resized.set)
    tasks = [
        asyncio.create_task(work) for work in (_output(terminal), _input(terminal, keys), _size(terminal, resized))
    ]
    try:
        done, _ = await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        loop.remove_reader(descriptor)
        loop.remove_signal_handler(signal.SIGWINCH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


async def _output(terminal: Terminal) -> None:
    async for data in terminal.output():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


async def _input(terminal: Terminal, keys: asyncio.Queue[bytes]) -> None:
    while (data := await keys.get()) and _LEFT not in data:
        await terminal.write(data)


async def _size(terminal: Terminal, resized: asyncio.Event) -> None:
    while True:
        columns, rows = shutil.get_terminal_size()
        await terminal.resize(columns, rows)
        await resized.wait()
        resized.clear()
