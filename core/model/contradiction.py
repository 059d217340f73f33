"""What is wrong between parts that are each sound in themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.model.base import Path


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that does not go with others.

    `path` is the value to change, `about` are the others that it was held against; paths are those of the document.
    """

    path: Path
    found: str
    allowed: str
    about: tuple[Path, ...] = ()


def repeated(named: Iterable[tuple[Path, str]], what: str) -> Iterator[Contradiction]:
    """Every name that came before, with the place where it did."""
    first: dict[str, Path] = {}
    for path, name in named:
        if name in first:
            yield Contradiction(path, f'"{name}" again', f"each {what} once", (first[name],))
        first.setdefault(name, path)
