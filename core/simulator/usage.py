"""Whether anybody uses the world: what listens counts its connections here, so that it can stop when unused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Usage:
    """Counts open connections from outside, and knows since when there has been none."""

    def __init__(self) -> None:
        self.open = 0
        self._last = time.monotonic()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Count a connection for as long as it is open."""
        self.opened()
        try:
            yield
        finally:
            self.closed()

    def opened(self) -> None:
        """A connection has come; `closed` is called once for it."""
        self.open += 1

    def closed(self) -> None:
        """A connection has ended."""
        self.open -= 1
        self._last = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds since the last connection ended; 0 while one is open."""
        return 0.0 if self.open else time.monotonic() - self._last
