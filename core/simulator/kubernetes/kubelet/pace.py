"""How long things take on a simulated node: a table, much quicker than the real ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, as they pass here; `waiting` is what a second of a real back-off, delay or grace becomes."""

    sandbox: float = 0.08
    pull: float = 0.1
    pull_per_gigabyte: float = 0.5
    start: float = 0.03
    moment: float = 0.15
    stop: float = 0.12
    waiting: float = 0.1
    lease: float = 2.0
    status: float = 30.0
    sync: float = 0.25

    def pulling(self, size: int) -> float:
        """How long an image of so many bytes takes."""
        return self.pull + self.pull_per_gigabyte * size / 1e9


BACK_OFF_FIRST = 10.0
BACK_OFF_LONGEST = 300.0
BACK_OFF_FORGOTTEN = 600.0
"""Real seconds: a container that ran so long begins with the shortest back-off again."""
