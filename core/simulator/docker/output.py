"""What containers write: the same for the same run, so that nothing of it needs to be kept."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import shlex
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.simulator.docker.records import Container, Run
from core.simulator.kubernetes.kubelet.images import behaviour

_STDOUT, _STDERR = 1, 2
_ROTATED = 3600.0
"""Seconds after which what a container wrote is gone."""
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the time at which it was written, and the stream."""

    time: float
    text: str
    stream: int = _STDOUT

    def framed(self, *, tty: bool, timestamps: bool) -> bytes:
        """As the API sends it: a header with stream and size before it, unless it comes from a terminal."""
        stamp = datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z "
        data = f"{stamp if timestamps else ''}{self.text}\n".encode()
        return data if tty else frame(self.stream, data)


def frame(stream: int, data: bytes) -> bytes:
    """A piece of a stream that shares its connection with others."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def written(container: Container, until: float, after: float = 0.0) -> Iterator[Line]:
    """The lines of all runs that are kept, after one time and until another; what is old has been rotated away."""
    for run in container.runs:
        end = min(until, run.finished or until)
        for line in _of_run(container, run, max(after, until - _ROTATED)):
            if line.time > end:
                break
            if line.time > after:
                yield line


async def followed(container: Container, clock: Callable[[], float], since: float) -> AsyncIterator[Line]:
    """The lines after a time as they come, until the container is at rest."""
    while True:
        now, ends = clock(), not container.running and container.state != "restarting"
        for line in written(container, now, since):
            yield line
        if ends:
            return
        since = now
        await asyncio.sleep(_LOOK)


def _of_run(container: Container, run: Run, after: float) -> Iterator[Line]:
    words = [*(container.body.get("Entrypoint") or []), *(container.body.get("Cmd") or [])]
    said = spoken(words)
    if said or words[:1] in (["sh"], ["/bin/sh"]):
        yield from (Line(run.started, text) for text in said)
        return
    style = behaviour(container.reference).style
    yield from (Line(run.started, text, _STDERR if style == "web" else _STDOUT) for text in _BEGINNINGS[style])
    if regular := _REGULAR.get(style):
        for number in itertools.count(max(1, int((after - run.started) / regular.seconds))):
            time = run.started + number * regular.seconds
            yield Line(time, regular.text(time, _chance(container.id, number)))


def spoken(words: list[str]) -> list[str]:
    """What a command prints: of `echo` its arguments, also as statements of a shell's script."""
    if words[:1] and words[0].rpartition("/")[2] == "echo":
        return [" ".join(words[1:])]
    if len(words) < 3 or words[-2] not in ("-c", "-ec", "-lc"):
        return []
    statements = (_words(statement) for statement in words[-1].replace("&&", ";").split(";"))
    return [" ".join(parts[1:]) for parts in statements if parts[:1] == ["echo"]]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _chance(seed: str, number: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}{number}".encode(), digest_size=4).digest(), "big")


@dataclass(frozen=True, slots=True)
class Regular:
    """A line that comes every so many seconds, made of its time and a number that is as good as random."""

    seconds: float
    text: Callable[[float, int], str]


_PATHS = ("/", "/index.html", "/api/items", "/favicon.ico", "/assets/app.css")


def _access(time: float, chance: int) -> str:
    when = datetime.fromtimestamp(time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    path, size = _PATHS[chance % len(_PATHS)], 200 + chance % 5000
    return (
        f'172.29.240.1 - - [{when}] "GET {path} HTTP/1.1" {404 if chance % 17 == 0 else 200} {size} "-" "curl/8.14.1"'
    )


def _record(time: float, chance: int) -> str:
    path = _PATHS[chance % len(_PATHS)]
    fields = {"ts": round(time, 3), "level": "info", "msg": "handled request", "path": path, "ms": chance % 90}
    return json.dumps(fields)


_BEGINNINGS: dict[str, tuple[str, ...]] = {
    "web": ("/docker-entrypoint.sh: Configuration complete; ready for start up", "start worker processes"),
    "redis": ("* Server initialized", "* Ready to accept connections tcp"),
    "database": ("database system is ready to accept connections",),
    "json": ('{"level":"info","msg":"listening"}',),
    "klog": ("I1126 08:00:00.000000       1 server.go:1] Starting",),
    "dns": (".:53", "CoreDNS-1.14 linux/amd64"),
    "plain": ("started (simulated)",),
    "quiet": (),
}

_REGULAR: dict[str, Regular] = {
    "web": Regular(4.0, _access),
    "json": Regular(5.0, _record),
    "redis": Regular(60.0, lambda _, chance: f"* {1 + chance % 9} changes in 60 seconds. Saving..."),
    "plain": Regular(30.0, lambda _, chance: f"still here, {chance % 100} things done (simulated)"),
}
