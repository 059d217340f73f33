"""What every declared thing has in common, and how a wrong value is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict
from pydantic_core import PydanticCustomError

SENTENCE = "sentence"

Path = tuple[str | int, ...]
Item = TypeVar("Item")


class Declared(BaseModel):
    """A part of the document: its fields are its whole vocabulary, and it never changes once made.

    Each field's description says which values it allows, in words that follow "allowed:"; error messages and forms
    show it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


Whole = Annotated[int, Strict()]
"""A whole number, never a text or a truth value that looks like one."""

Decimal = Annotated[float, Strict()]
"""A number."""

Flag = Annotated[bool, Strict()]
"""True or false, never a word or a number that means it."""


def refusal(allowed: str) -> PydanticCustomError:
    """The error that a validator raises, with a sentence of what is allowed instead."""
    return PydanticCustomError(SENTENCE, "{allowed}", {"allowed": allowed})


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise refusal("a list with at least one item")
    return items


Some = Annotated[tuple[Item, ...], AfterValidator(_not_empty)]
"""A list with at least one item. Unlike a length of pydantic's, it does not complain where the only item is wrong."""


def dotted(path: Path) -> str:
    """A path as people write it: ("components", 0, "name") is `components[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def suggestion(wanted: str, known: Iterable[str]) -> str:
    """` – did you mean …?` where one of the known words is close, nothing where none is."""
    near = get_close_matches(wanted, list(known), n=1)
    return f" – did you mean `{near[0]}`?" if near else ""
