"""What containers write: lines of their runs by the kubelets' own rules, so that nothing of it needs to be kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from core.simulator.docker.records import Body, Container, Run
from core.simulator.kubernetes.kubelet.log import RunLog, nano_stamp
from core.simulator.kubernetes.kubelet.writing import writing_of

STDOUT, STDERR = 1, 2
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the time at which it was written."""

    time: float
    text: str

    def framed(self, *, tty: bool, timestamps: bool) -> bytes:
        """As the API sends it: a header with stream and size before it, unless it comes from a terminal."""
        data = f"{f'{nano_stamp(self.time)} ' if timestamps else ''}{self.text}\n".encode()
        return data if tty else frame(STDOUT, data)


def frame(stream: int, data: bytes) -> bytes:
    """A piece of a stream that shares its connection with others."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def written(container: Container, until: float, after: float = 0.0) -> Iterator[Line]:
    """The lines of all runs that are kept, after one time and until another; what is old has been rotated away."""
    for number, run in enumerate(container.runs):
        log = _log(container, number, run)
        for position in range(log.after(after, until), log.count(until)):
            if log.moment(position) > after:
                yield Line(log.moment(position), log.text(position))


async def followed(container: Container, clock: Callable[[], float], since: float) -> AsyncIterator[Line]:
    """The lines after a time as they come, until the container is at rest, however short that is."""
    run = container.last.started
    while True:
        resting = not container.running and container.state != "restarting"
        now, ends = clock(), resting or container.last.started != run
        for line in written(container, now, since):
            yield line
        if ends:
            return
        since = now
        await asyncio.sleep(_LOOK)


def program_of(container: Container) -> Body:
    """A container's program in Kubernetes' terms."""
    body = container.body
    pairs = (entry.partition("=") for entry in body.get("Env") or ())
    return {
        "image": container.reference,
        "command": list(body.get("Entrypoint") or []),
        "args": list(body.get("Cmd") or []),
        "env": [{"name": name, "value": value} for name, _, value in pairs],
        "tty": container.tty,
    }


def _log(container: Container, number: int, run: Run) -> RunLog:
    return RunLog(f"{container.id}/{number}", writing_of(program_of(container)), run.started, run.finished or None)
