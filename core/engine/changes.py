"""Changes as people read them: in a few words, or line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from core.engine.step import Change

MOST_SUBJECTS = 5

MOST_LINES = 500
"""What is kept of a step's differences: enough for every file that the product writes."""

MARKS = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "start": "▸",
    "restart": "↻",
    "stop": "■",
    "run": "▸",
    "wait": "…",
}


def count(changes: Sequence[Change]) -> str:
    """How many, in words: "1 change", "3 changes"."""
    return "1 change" if len(changes) == 1 else f"{len(changes)} changes"


def summarise(changes: Sequence[Change]) -> str:
    """What is changed by name: "create file /etc/hosts, restart unit etcd.service and 4 more"."""
    shown = ", ".join(f"{change.action} {change.subject}" for change in changes[:MOST_SUBJECTS])
    rest = len(changes) - MOST_SUBJECTS
    return f"{shown} and {rest} more" if rest > 0 else shown


def diff_lines(change: Change) -> list[str]:
    """The unified diff of a change, without its head; one line of text that is new stands as it is."""
    if "\n" not in change.before + change.after:
        return [line for line in (f"-{change.before}", f"+{change.after}") if len(line) > 1]
    lines = difflib.unified_diff(change.before.splitlines(), change.after.splitlines(), lineterm="", n=2)
    return list(lines)[2:]


def diff_text(changes: Sequence[Change]) -> str:
    """All changes with their differences, as plans show them; of a secret only that it changes."""
    lines = [line for change in changes for line in _lines(change)]
    left = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"… {left} more lines"] if left > 0 else [])])


def _lines(change: Change) -> Iterator[str]:
    hidden = "  (content hidden)" if change.secret else ""
    yield f"{MARKS[change.action]} {change.action} {change.subject}{hidden}"
    if not change.secret:
        yield from (f"    {line}" for line in diff_lines(change))
