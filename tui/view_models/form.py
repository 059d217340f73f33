"""Forms without a screen: fields with what is typed into them, what is wrong with it, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.actions import Ask

Value = str | int | float | bool | None
Check = Callable[[str], str]
"""The sentence what is wrong with a text, "" where nothing is."""

FieldKind = Literal["text", "number", "flag", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something to be filled in; `help` is a sentence about it, `check` looks at each letter that is typed."""

    name: str
    title: str
    kind: FieldKind = "text"
    text: str = ""
    choices: Sequence[str] = ()
    optional: bool = False
    help: str = ""
    check: Check | None = None

    def problem(self, text: str) -> str:
        """What is wrong with this text, "" where nothing is."""
        if not text.strip():
            return "" if self.optional or self.kind == "flag" else "this is needed"
        if self.kind == "number" and not text.strip().lstrip("-").isdigit():
            return "a whole number is needed"
        return self.check(text.strip()) if self.check is not None else ""

    def value(self, text: str) -> Value:
        """What this text means, which nothing is wrong with."""
        text = text.strip()
        if self.kind == "flag":
            return text == "yes"
        if not text:
            return None
        return int(text) if self.kind == "number" else text


def field_of(ask: Ask, suggested: str = "") -> Field:
    """The field of something that an action asks for."""
    default = "" if ask.default is None else str(ask.default)
    if ask.kind == "flag":
        default = "yes" if ask.default else "no"
    return Field(
        ask.name, ask.title, ask.kind, suggested or default, ask.choices, ask.optional, ask.help, check=_not_negative
        if ask.kind == "number" else None,
    )  # fmt: skip


def name_field(title: str, wanted: str, consequence: str) -> Field:
    """A field that is right only when somebody typed this very name."""

    def check(text: str) -> str:
        return "" if text == wanted else f"type {wanted} to say that you mean it"

    return Field("name", title, help=consequence, check=check)


def values(fields: Sequence[Field], texts: Mapping[str, str]) -> dict[str, Value]:
    """What a form's texts mean, which nothing is wrong with."""
    return {field.name: field.value(texts[field.name]) for field in fields}


def _not_negative(text: str) -> str:
    return "not below 0" if text.startswith("-") else ""
