"""How often, how long and how patiently the engine tries."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from core.engine.errors import Transient, Unreachable, Unsettled


@dataclass(frozen=True, slots=True)
class Retry:
    """How one kind of error is met: so many attempts in all, waits in seconds that grow by `factor` up to `most`."""

    attempts: int
    first: float = 1.0
    factor: float = 2.0
    most: float = 15.0

    def wait(self, failures: int, jitter: float) -> float:
        """Seconds to wait after this many failures; `jitter` in 0…1 takes off up to a half, so that many machines
        that failed together do not come back together."""
        full = min(self.most, self.first * self.factor ** min(failures - 1, 32))
        return full * (1.0 - jitter / 2)


ONCE = Retry(attempts=1)

# The first kind that fits decides; what is not listed is tried once.
RETRIES: tuple[tuple[type[BaseException], Retry], ...] = (
    (Unreachable, Retry(attempts=40, first=0.5, most=10.0)),
    (Unsettled, Retry(attempts=3, most=5.0)),
    (Transient, Retry(attempts=20, first=0.5, most=15.0)),
    (FileNotFoundError, ONCE),
    (FileExistsError, ONCE),
    (PermissionError, ONCE),
    (NotADirectoryError, ONCE),
    (IsADirectoryError, ONCE),
    (TimeoutError, Retry(attempts=6)),
    (OSError, Retry(attempts=6)),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The knobs of a run; clocks (`now` of the wall, `clock` for spans), sleep and jitter are given, so that tests
    need no real time.

    `concurrency` bounds the steps that run at once. `grace` is how many seconds running steps get to finish after a
    cancel, `abort` how many they then get to clean up.
    """

    retries: tuple[tuple[type[BaseException], Retry], ...] = RETRIES
    concurrency: int = 256
    grace: float = 30.0
    abort: float = 10.0
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random

    def retry(self, error: BaseException) -> Retry:
        """How this error is met."""
        for kind, retry in self.retries:
            if isinstance(error, kind):
                return retry
        return ONCE

    def decisive(self, error: Exception) -> Exception:
        """The error that decides: of a group the first that is not tried again, else its first."""
        leaves = list(_leaves(error))
        final = [leaf for leaf in leaves if self.retry(leaf).attempts <= 1]
        return (final or leaves)[0]


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
