"""Putting descriptions together: names and values in two columns, sections that are indented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]
Field = tuple[str, str]

NONE = "<none>"
_WIDTH = 16
_LONGEST = 200


def fields(pairs: Iterable[Field], indent: int = 0) -> list[str]:
    """Names with their values below each other; a value of several lines goes on below its beginning."""
    lines = []
    for name, value in pairs:
        head, *rest = (value or NONE).splitlines() or [NONE]
        lines.append(f"{' ' * indent}{name + ':':<{_WIDTH}} {head}")
        lines += [f"{' ' * (indent + _WIDTH)} {line}" for line in rest]
    return lines


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Lines under a title; none where there are no lines."""
    return [f"{title}:", *(f"  {line}" for line in lines)] if lines else []


def listed(entries: Mapping[str, Any] | None) -> str:
    """Labels or annotations, one a line; long ones are cut."""
    found = [f"{key}={value}" for key, value in sorted((entries or {}).items())]
    return "\n".join(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in found)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows below their heads, as wide as they must be."""
    found = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[index]) for row in found) for index in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in found]


def conditions(status: Object) -> list[str]:
    """The conditions of an object, as a table."""
    found = status.get("conditions") or ()
    if not found:
        return []
    rows = [[str(one.get(name, "")) for name in ("type", "status", "reason", "message")] for one in found]
    return section("Conditions", table(["Type", "Status", "Reason", "Message"], rows))


def at(thing: Any, *path: str) -> Any:
    """What is at a path inside an object, None where the path ends before."""
    for key in path:
        thing = thing.get(key) if isinstance(thing, Mapping) else None
    return thing


def word(value: Any) -> str:
    """A value as one word; nothing is empty."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
