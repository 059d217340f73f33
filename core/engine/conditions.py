"""Conditions: the vocabulary in which components say how they are, summed up from part to whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Truth = Literal["True", "False", "Unknown"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that holds, does not, or could not be seen.

    `reason` is one word in CamelCase, `message` a sentence, `since` the time of the last change of status in seconds
    since the epoch (0 where it is not known).
    """

    type: str
    status: Truth
    reason: str = ""
    message: str = ""
    since: float = 0.0


def summary(conditions: Sequence[Condition], type: str = "Ready") -> Condition:
    """One condition over all: the worst status decides, False before Unknown before True.

    The reason is the first one of that status, the message names all of them; nothing observed is Unknown.
    """
    if not conditions:
        return Condition(type, "Unknown", "NothingObserved", "nothing has been observed yet")
    worst = next(status for status in _WORST_FIRST if any(one.status == status for one in conditions))
    members = [one for one in conditions if one.status == worst]
    since = max(one.since for one in members)
    if worst == "True":
        return Condition(type, "True", "AllTrue", "", since)
    return Condition(type, worst, members[0].reason, "; ".join(_sentence(one) for one in members), since)


_WORST_FIRST: tuple[Truth, ...] = ("False", "Unknown", "True")


def _sentence(condition: Condition) -> str:
    return f"{condition.type}: {condition.message or condition.reason or condition.status}"
