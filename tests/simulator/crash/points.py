"""Where a run can be killed: at the boundaries of each of its steps, and inside."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Where = Literal["intended", "inside", "applied", "ended"]

WHERE: tuple[Where, ...] = ("intended", "inside", "applied", "ended")
"""The intent is on the disk; the work waits for something for the n-th time; the work is done and nobody has looked
at the result; the result is on the disk."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a run is killed; `turn` says at which wait of the step's work, for `inside` alone."""

    step: str
    where: Where
    turn: int = 0

    def __str__(self) -> str:
        return f"{self.step} {self.where}" + (f" at wait {self.turn}" if self.turn else "")


Turns = Mapping[str, int]
"""For each step that an undisturbed run applied, how many times its work waited for something."""


def every_point(turns: Turns, chance: random.Random) -> list[Point]:
    """All points of a run in the order of its steps; chance chooses the wait at which a step is killed inside."""
    return [
        Point(step, where, chance.randint(1, waits) if where == "inside" else 0)
        for step, waits in turns.items()
        for where in WHERE
        if waits or where != "inside"
    ]


def some_points(turns: Turns, chance: random.Random, count: int) -> list[Point]:
    """So many points by chance, of as many kinds as there are."""
    points = every_point(turns, chance)
    kinds: Sequence[Where] = chance.sample(WHERE, k=min(count, len(WHERE)))
    return [chance.choice([point for point in points if point.where == kind]) for kind in kinds]
