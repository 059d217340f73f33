"""Machines from the console: the command line of an SSH session, and the journal of a unit as it comes."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from core.engine.errors import Refusal, Trouble, Unreachable
from core.live.logs import LogRecord, LogSource
from core.live.objects import ClusterRef
from core.machines.access import Access
from core.machines.connection import Connection

UNITS = ("kubelet", "containerd", "etcd", "haproxy", "gondolier-gateway", "calico-node", "flanneld")
"""Units that a person may want to read, of those that a machine has."""

_UNIT = re.compile(r"^[A-Za-z0-9@._:-]+$")
_LINE = re.compile(r"^(\d+)\.(\d{1,9}) [^ ]+ ?(?:[^ :\[]+(?:\[\d+\])?: )?(.*)$")
_BILLION = 10**9
_FLUSH_SECONDS = 0.05
_WAITING = 2000
_BATCH = 1000
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0


def ssh_command(access: Access, known_hosts: Path) -> list[str]:
    """The arguments of an SSH session: the pinned keys are in `known_hosts`, which is written, and count alone."""
    lines = [_pinned(one) for one in _line(access)]
    known_hosts.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known_hosts.write_text("".join(f"{line}\n" for line in lines))
    return [*_words(access, known_hosts), f"{access.user}@{access.address}"]


async def unit_log(
    connection: Connection, ref: ClusterRef, unit: str, *, tail: int, follow: bool
) -> AsyncGenerator[Sequence[LogRecord], None]:
    """The journal of a unit on a machine, oldest line first, then as it comes.

    A connection that is lost while following is told and made again, without losing or doubling a line.

    Raises:
        Refusal: that is no unit's name. Trouble: the machine does not answer at first, or has no journal.
    """
    if not _UNIT.match(unit):
        raise Refusal(f"{unit!r} is no name of a unit", where=connection.name)
    source = LogSource(ref, "", connection.name, unit)
    place, pause = _Place(tail), _FIRST_PAUSE
    while True:
        try:
            async with aclosing(_batched(connection, _command(unit, place, follow))) as batches:
                async for batch in batches:
                    pause = _FIRST_PAUSE
                    yield [record(source, line) for line in batch if place.take(line)]
            return
        except Unreachable as trouble:
            if not follow or not place.begun:
                raise
            yield [LogRecord(source, place.second * _BILLION, str(trouble), "lost")]
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)
        place.resume()


class _Place:
    """How far a journal was read: to the second, with the lines of that second, for it can only go on from there."""

    def __init__(self, tail: int) -> None:
        self.second = 0
        self.begun = False
        self._tail = tail
        self._lines: Counter[str] = Counter()
        self._again: Counter[str] = Counter()

    @property
    def options(self) -> str:
        """What to ask for."""
        return f"--since=@{self.second} --lines=all" if self.begun else f"--lines={self._tail}"

    def resume(self) -> None:
        """From here on, lines of the last second come again."""
        self._again = self._lines.copy()

    def take(self, line: str) -> bool:
        """Whether the line was not told before."""
        if self._again[line]:
            self._again[line] -= 1
            return False
        second = int(line.partition(".")[0]) if _LINE.match(line) else self.second
        if second > self.second:
            self.second = second
            self._lines.clear()
        self._lines[line] += 1
        self.begun = True
        return True


def _command(unit: str, place: _Place, follow: bool) -> str:
    following = " --follow" if follow else ""
    return f"journalctl --unit={shlex.quote(unit)} {place.options} --output=short-unix --no-pager --quiet{following}"


def record(source: LogSource, line: str) -> LogRecord:
    """A line of `journalctl --output=short-unix` ("1700000000.123456 host unit[1]: text")."""
    found = _LINE.match(line)
    if found is None:
        return LogRecord(source, 0, line)
    return LogRecord(source, int(found[1]) * _BILLION + int(found[2].ljust(9, "0")), found[3])


async def _batched(connection: Connection, command: str) -> AsyncGenerator[list[str], None]:
    """A command's lines, those of a twentieth of a second together; the machine waits for a slow reader."""
    queue: asyncio.Queue[str | Trouble | None] = asyncio.Queue(_WAITING)
    task = asyncio.create_task(_read(connection, command, queue))
    try:
        while True:
            batch = [await queue.get()]
            await asyncio.sleep(_FLUSH_SECONDS)
            while not queue.empty() and len(batch) < _BATCH:
                batch.append(queue.get_nowait())
            if lines := [one for one in batch if isinstance(one, str)]:
                yield lines
            last = batch[-1]
            if isinstance(last, Trouble):
                raise last
            if last is None:
                return
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _read(connection: Connection, command: str, queue: asyncio.Queue[str | Trouble | None]) -> None:
    last: Trouble | None = None
    try:
        async with aclosing(connection.stream(command)) as lines:
            async for line in lines:
                await queue.put(line)
    except Trouble as trouble:
        last = trouble
    await queue.put(last)


def _line(access: Access) -> list[Access]:
    """The machine, and those on the way to it."""
    return [access, *(_line(access.jump) if access.jump else [])]


def _pinned(access: Access) -> str:
    place = access.address if access.port == 22 else f"[{access.address}]:{access.port}"
    return f"{place} {access.host_key.strip()}"


def _options(access: Access, known_hosts: Path) -> list[str]:
    options = {
        "UserKnownHostsFile": str(known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "IdentityFile": str(access.login_key),
    }
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def _words(access: Access, known_hosts: Path, depth: int = 0) -> list[str]:
    """The arguments of ssh that lead to a machine, over `depth` other calls of ssh that expand "%" once each."""
    words = ["ssh", "-F", "none", *_options(access, known_hosts), "-p", str(access.port)]
    jump = access.jump
    if jump is not None:
        place = "%" * 2**depth
        through = [*_words(jump, known_hosts, depth + 1), "-W", f"{place}h:{place}p", f"{jump.user}@{jump.address}"]
        words += ["-o", f"ProxyCommand={shlex.join(through)}"]
    return words
