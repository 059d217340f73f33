"""A table's rows: sorted, narrowed, marked; changed a few rows at a time, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tui.view_models.glyphs import State

_DIGITS = re.compile(r"\d+")
_FAULTS: frozenset[State] = frozenset({"failed", "degraded"})

SortKey = tuple[Any, ...]


class Keyed(Protocol):
    """A row: its key names it for as long as it exists."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column: its text for a row at a time in seconds since the epoch, and what it is sorted by.

    `wide` ones are shown on request only, `right` ones are aligned there and never cut, `ages` ones change with time
    alone, `tells` ones have the tone of the row's state.
    """

    title: str
    text: Callable[[R, float], str]
    sort: Callable[[R], SortKey]
    wide: bool = False
    right: bool = False
    ages: bool = False
    tells: bool = False


class Table(Generic[R]):
    """Rows in the order in which they are shown.

    A change that leaves the order alone costs as much as the rows that changed; any other one costs a sort of rows that
    are nearly sorted already. Widths are those of the rows that were looked at.
    """

    def __init__(self, columns: Sequence[Column[R]], state: Callable[[R], State], sort: int = 0) -> None:
        self.columns = tuple(columns)
        self.state = state
        self.hidden: frozenset[str] = frozenset()
        self.wide = False
        self.sort = sort
        self.descending = False
        self.marked: dict[str, None] = {}
        self.only_faults = False
        self.matches: Callable[[R], bool] | None = None
        self._rows: dict[str, R] = {}
        self._keys: dict[str, SortKey] = {}
        self._order: list[str] = []
        self._numbers: dict[str, int] = {}
        self._widths = [len(column.title) + 1 for column in columns]

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, number: int) -> R:
        return self._rows[self._order[number]]

    @property
    def total(self) -> int:
        """How many rows there are, those that are filtered out as well."""
        return len(self._rows)

    @property
    def shown(self) -> list[int]:
        """The numbers of the columns that are shown, the first one always."""
        return [
            number
            for number, column in enumerate(self.columns)
            if number == 0 or (column.title not in self.hidden and (self.wide or not column.wide))
        ]

    @property
    def rows(self) -> Iterable[R]:
        """Every row, those that are filtered out as well."""
        return self._rows.values()

    def get(self, key: str) -> R | None:
        """The row of this key, None where there is none."""
        return self._rows.get(key)

    def number_of(self, key: str) -> int | None:
        """Where a row stands, None where it is not shown."""
        return self._numbers.get(key)

    @property
    def chosen(self) -> list[R]:
        """The marked rows, in the order in which they were marked."""
        return [self._rows[key] for key in self.marked]

    # Widths

    def width(self, number: int) -> int:
        """The cells that a column's title and the widest value that was looked at take."""
        return self._widths[number]

    def measure(self, first: int, last: int, now: float) -> None:
        """Look at the rows from line `first` to before `last`."""
        shown = [(number, self.columns[number].text) for number in self.shown]
        for key in self._order[max(first, 0) : last]:
            row = self._rows[key]
            for number, text in shown:
                room = len(text(row, now))
                if room > self._widths[number]:  # noqa: PLR1730 - a call of max costs more than the comparison
                    self._widths[number] = room

    # What changes the rows

    def apply(self, changes: Mapping[str, R | None]) -> list[int] | None:
        """Take rows that are new or changed, and None for those that are gone.

        Returns the numbers of the lines that look different, or None where lines moved, came or went.
        """
        moved = False
        for key, row in changes.items():
            moved |= self._drop(key) if row is None else self._take(row)
        if moved:
            self._arrange()
            return None
        return [self._numbers[key] for key in changes if key in self._numbers]

    def clear(self) -> None:
        """Forget every row."""
        self._rows.clear()
        self._keys.clear()
        self.marked.clear()
        self._arrange()

    def _drop(self, key: str) -> bool:
        self._rows.pop(key, None)
        self._keys.pop(key, None)
        self.marked.pop(key, None)
        return key in self._numbers

    def _take(self, row: R) -> bool:
        name = row.key
        self._rows[name] = row
        key = (*self.columns[self.sort].sort(row), name)
        before = self._keys.get(name)
        self._keys[name] = key
        return key != before or self._passes(row) != (name in self._numbers)

    # What changes the view of them

    def sort_by(self, number: int, descending: bool = False) -> None:
        """Sort by this column."""
        self.sort, self.descending = number, descending
        sort = self.columns[number].sort
        self._keys = {key: (*sort(row), key) for key, row in self._rows.items()}
        self._arrange()

    def narrow(self, matches: Callable[[R], bool] | None, only_faults: bool = False) -> None:
        """Show only rows that match, or that something is wrong with."""
        self.matches, self.only_faults = matches, only_faults
        self._arrange()

    def mark(self, keys: Iterable[str]) -> None:
        """Mark rows, or take their marks away where all of them are marked."""
        wanted = [key for key in keys if key in self._rows]
        if all(key in self.marked for key in wanted):
            for key in wanted:
                del self.marked[key]
        else:
            self.marked |= dict.fromkeys(wanted)

    def between(self, first: int, last: int) -> list[str]:
        """The keys of the rows from one line to another, whichever comes first."""
        low, high = sorted((first, last))
        return self._order[low : high + 1]

    def _passes(self, row: R) -> bool:
        if self.only_faults and self.state(row) not in _FAULTS:
            return False
        return self.matches is None or self.matches(row)

    def _arrange(self) -> None:
        # What is shown already stays in its order, so that sorting it again is nearly nothing.
        keys = [key for key in self._order if key in self._rows]
        keys += [key for key in self._rows if key not in self._numbers]
        if self.matches is not None or self.only_faults:
            keys = [key for key in keys if self._passes(self._rows[key])]
        keys.sort(key=self._keys.__getitem__, reverse=self.descending)
        self._order = keys
        self._numbers = {key: number for number, key in enumerate(keys)}


def natural(text: str) -> str:
    """A text that sorts as people count: "node-10" after "node-9"."""
    return _DIGITS.sub(lambda found: found[0].zfill(8), text.casefold())
