"""Making columns from functions of a typed row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from core.kube.words import age_text
from core.live.tables import Column, LiveRow, SortKey

NONE = "<none>"
"""What kubectl shows where there is nothing."""

_LAST = (1,)


def text(title: str, value: Callable[[Any], str], *, wide: bool = False) -> Column:
    """A column of words, sorted by them; an empty one is last."""

    def sort(live: LiveRow) -> SortKey:
        found = value(live.row)
        return (0, found) if found else _LAST

    return Column(title, lambda live, now: value(live.row) or NONE, sort, wide)


def number(title: str, value: Callable[[Any], int], *, wide: bool = False) -> Column:
    """A column of counts."""
    return Column(title, lambda live, now: str(value(live.row)), lambda live: (value(live.row),), wide, right=True)


def share(title: str, part: Callable[[Any], int], whole: Callable[[Any], int]) -> Column:
    """A column "2/3", what lacks most first."""

    def shown(live: LiveRow, now: float) -> str:
        return f"{part(live.row)}/{whole(live.row)}"

    def sort(live: LiveRow) -> SortKey:
        return (part(live.row) - whole(live.row), whole(live.row))

    return Column(title, shown, sort, right=True)


def since(title: str, moment: Callable[[Any], datetime | None], *, wide: bool = False) -> Column:
    """A column that says how long something is ago, the newest first; nothing is last."""

    def shown(live: LiveRow, now: float) -> str:
        found = moment(live.row)
        return NONE if found is None else age_text(max(0, int(now - found.timestamp())))

    def sort(live: LiveRow) -> SortKey:
        found = moment(live.row)
        return _LAST if found is None else (0, -found.timestamp())

    return Column(title, shown, sort, wide, right=True, ages=True)


def joined(words: Iterable[str]) -> str:
    """Words as kubectl lists them."""
    return ",".join(words)


def pairs(found: dict[str, str]) -> str:
    """Labels as kubectl lists them."""
    return ",".join(f"{key}={value}" for key, value in sorted(found.items()))


NAMESPACE = text("NAMESPACE", lambda row: str(row.metadata.namespace))
NAME = text("NAME", lambda row: str(row.metadata.name))
AGE = since("AGE", lambda row: row.metadata.creation_timestamp)
LABELS = text("LABELS", lambda row: pairs(row.metadata.labels), wide=True)
