"""Label selectors as kubectl writes them: parsed, told again, matched (kubernetes.io: "Labels and Selectors")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.engine.errors import Refusal

_KEY = r"(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VALUE = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|"
_SET = re.compile(rf"^({_KEY})\s+(in|notin)\s*\(([^()]*)\)$")
_EQUAL = re.compile(rf"^({_KEY})\s*(==|=|!=)\s*({_VALUE})$")
_THERE = re.compile(rf"^(!?)\s*({_KEY})$")
# A comma between requirements, none of those inside the parentheses of a set.
_COMMA = re.compile(r",(?![^()]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label; `operator` is "in", "notin", "exists" or "absent"."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it; a label that is not there is in no set."""
        match self.operator:
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case "in":
                return labels.get(self.key) in self.values
        return labels.get(self.key) not in self.values

    def __str__(self) -> str:
        if self.operator in ("exists", "absent"):
            return f"{'!' if self.operator == 'absent' else ''}{self.key}"
        if len(self.values) == 1:
            return f"{self.key}{'=' if self.operator == 'in' else '!='}{self.values[0]}"
        return f"{self.key} {self.operator} ({','.join(self.values)})"


Selector = tuple[Requirement, ...]


def parse_selector(text: str) -> Selector:
    """The requirements of a selector; none in an empty one.

    Raises:
        Refusal: it is none, with the part that is wrong.
    """
    parts = [part.strip() for part in _COMMA.split(text)]
    if parts == [""]:
        return ()
    return tuple(_requirement(part) for part in parts)


def selector_text(selector: Sequence[Requirement]) -> str:
    """The selector as the server takes it."""
    return ",".join(str(requirement) for requirement in selector)


def selects(selector: Sequence[Requirement], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every requirement."""
    return all(requirement.matches(labels) for requirement in selector)


def _requirement(text: str) -> Requirement:
    if found := _SET.match(text):
        values = tuple(value.strip() for value in found[3].split(","))
        return Requirement(found[1], found[2], values)
    if found := _EQUAL.match(text):
        return Requirement(found[1], "notin" if found[2] == "!=" else "in", (found[3],))
    if found := _THERE.match(text):
        return Requirement(found[2], "absent" if found[1] else "exists")
    raise Refusal(f"{text!r} is no label selector", fix="write key=value, key!=value, key in (a,b), key or !key")
