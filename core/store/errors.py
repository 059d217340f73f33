"""Errors as sentences a person can act on; they live in the lowest room that raises them."""

from __future__ import annotations


class Trouble(Exception):
    """Something failed: what, where, and what to do about it.

    Args:
        what: a sentence that says what failed, with the other side's own words.
        where: the machine, file or service concerned.
        fix: what the reader can do.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" – {self.fix}" if self.fix else ""
        return f"{place}{self.what}{advice}"


class Transient(Trouble):
    """A failure that may pass by itself: the engine tries again until the step's deadline."""


class Unreachable(Transient):
    """A machine or an API did not answer."""


class Refusal(Trouble):
    """An action that must not be done: trying again does not help, the reader must decide."""
