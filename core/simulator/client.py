"""Asks a home's world, and starts its daemon when there is none."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import core
from core.simulator.alone import is_held
from core.simulator.messages import (
    LONGEST_LINE,
    READY,
    Answer,
    Census,
    Request,
    control_socket,
    edition,
    simulator_directory,
)
from core.store.errors import Refusal, Transient, Trouble
from core.store.home import private_directory, socket_address

PATIENCE = 20.0
"""Seconds that a daemon may take to start, or to stop."""

_LONGEST_LOG = 1024 * 1024
_LOOK = 0.02

_AWAY = (FileNotFoundError, ConnectionError)
"""What is raised where no daemon listens, or it goes while it is asked."""

_T = TypeVar("_T")


class Client:
    """Asks the world of a home; every request is a connection of its own.

    A daemon of another edition of this package is replaced before it is asked: what it holds is kept.
    """

    def __init__(self, home: Path, idle: float | None = None) -> None:
        self._home = home
        self._idle = idle
        self._met = False

    async def ask(self, request: str, answer: type[_T], **given: Any) -> _T:
        """Ask, with the daemon started where there is none.

        Raises:
            Refusal: it cannot be had, as asked.
            Transient: it failed, and may succeed another time.
            Trouble: the daemon cannot be started.
        """
        if not self._met:
            await self.start()
        try:
            return await self._asked(request, answer, given)
        except _AWAY:
            # It has stopped meanwhile: unused, or killed.
            await self.start()
        try:
            return await self._asked(request, answer, given)
        except _AWAY as error:
            raise Transient("it stopped while it was asked", where="the simulator") from error

    async def census(self) -> Census | None:
        """How the world is doing; None where no daemon runs, and none is started."""
        try:
            return await self._asked("census", Census, {})
        except _AWAY:
            return None

    async def start(self) -> Census:
        """Have a daemon of this edition; says how its world is doing."""
        found = await self.census()
        if found is not None and found.edition != edition():
            await self.stop()
            found = None
        found = found or await self._launched()
        self._met = True
        return found

    async def stop(self) -> bool:
        """Stop the daemon, with everything kept, and wait until it has ended; says whether one ran."""
        found = await self.census()
        if found is None:
            return False
        await self._asked("stop", type(None), {})
        try:
            async with asyncio.timeout(PATIENCE):
                while is_held(self._home):
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise Trouble(
                f"the simulator's daemon does not stop: process {found.process}", where=str(self._home)
            ) from None
        return True

    async def _asked(self, request: str, answer: type[_T], given: dict[str, Any]) -> _T:
        with socket_address(control_socket(self._home)) as address:
            reader, writer = await asyncio.open_unix_connection(address, limit=LONGEST_LINE)
        try:
            writer.write(msgspec.json.encode(Request(request, given)) + b"\n")
            line = await reader.readline()
        finally:
            writer.close()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the simulator hung up")
        return _value(msgspec.json.decode(line, type=Answer), answer)

    async def _launched(self) -> Census:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._launch()
                # It may have been stopped since by somebody else.
                while (found := await self.census()) is None:
                    await self._launch()
                return found
        except TimeoutError:
            raise Trouble("the simulator's daemon does not answer", where=str(log_file(self._home))) from None

    async def _launch(self) -> None:
        private_directory(simulator_directory(self._home))
        if not await asyncio.to_thread(_started, self._home, self._idle):
            what = f"the simulator's daemon did not start: {_last_words(self._home)}"
            fix = f"if its world is spoiled, remove {simulator_directory(self._home)} and abandon its environments"
            raise Trouble(what, where=str(log_file(self._home)), fix=fix)


def log_file(home: Path) -> Path:
    """Where the daemon's output goes."""
    return home / "logs" / "simulator.log"


def _value(answer: Answer, kind: type[_T]) -> _T:
    where = "the simulator"
    if answer.problem == "refused":
        raise Refusal(answer.sentence, where=where)
    if answer.problem == "failed":
        raise Transient(answer.sentence, where=where)
    return msgspec.convert(answer.value, kind)


def _started(home: Path, idle: float | None) -> bool:
    """Start a daemon that outlives us and wait until it can be asked; one that finds another there ends well, too."""
    log = log_file(home)
    private_directory(log.parent)
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.unlink()
    ours, theirs = os.pipe()
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*_command(theirs), *(["--idle", str(idle)] if idle is not None else [])],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=(theirs,),
                # Where the package is: there it is found again, whatever directory we are in.
                cwd=Path(core.__file__).parents[1],
                env=os.environ | {"GONDOLIER_HOME": str(home)},
            )
    finally:
        os.close(theirs)
    # Somebody has to take note of its end, should we outlive it.
    threading.Thread(target=process.wait, daemon=True).start()
    with os.fdopen(ours, "rb") as said:
        return said.readline() == READY or process.wait() == 0


def _command(ready: int) -> list[str]:
    return [sys.executable, "-m", "core.simulator", "--ready", str(ready)]


def _last_words(home: Path) -> str:
    lines = log_file(home).read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
