"""A mistake in a document, as a person is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: where it is, what was found there and what is allowed instead.

    `line` counts from 1. `field` is dotted (`components[0].workers.count`), `document` where it is the whole. Neither
    `found` nor `allowed` ever shows a value that might be a secret.
    """

    file: str
    line: int
    field: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: found {self.found}; allowed: {self.allowed}"


class DocumentError(ValueError):
    """A document with mistakes: all of them, in the order of their lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: list[Problem] = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))
