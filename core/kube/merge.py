"""Merging two edits of one object; lists of named things are merged by name, other lists are one value."""

from __future__ import annotations

import copy
from typing import Any

_SERVERS = ("resourceVersion", "generation", "managedFields", "creationTimestamp")
"""What the server sets in the metadata itself: never anybody's edit, nor is the status."""


class _Absent:
    """What a side does not have; copies of it are itself."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Absent:
        return self


_ABSENT = _Absent()


class Contradiction(Exception):
    """Both sides changed one thing differently."""


def merged(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any] | None:
    """Theirs with my changes on top, None where both changed one thing differently."""
    try:
        found: dict[str, Any] = _merge(_edited(base, theirs), _edited(mine, theirs), theirs)
    except Contradiction:
        return None
    return found


def _edited(side: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """A side with what is the server's as it is now."""
    metadata = {key: value for key, value in side.get("metadata", {}).items() if key not in _SERVERS}
    metadata |= {key: theirs["metadata"][key] for key in _SERVERS if key in theirs.get("metadata", {})}
    rest = {key: value for key, value in side.items() if key != "status"}
    return rest | {"metadata": metadata} | ({"status": theirs["status"]} if "status" in theirs else {})


def _merge(base: Any, mine: Any, theirs: Any) -> Any:
    if mine in (base, theirs):
        return copy.deepcopy(theirs)
    if theirs == base:
        return copy.deepcopy(mine)
    if all(isinstance(one, dict) for one in (base, mine, theirs)):
        return _merge_fields(base, mine, theirs)
    if all(_named(one) for one in (base, mine, theirs)):
        sides = [{entry["name"]: entry for entry in one} for one in (base, mine, theirs)]
        return list(_merge_fields(*sides).values())
    raise Contradiction


def _merge_fields(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Each field merged by itself; one that a side does not have is as good as a value."""
    found: dict[str, Any] = {}
    for key in (*theirs, *(key for key in mine if key not in theirs)):
        value = _merge(base.get(key, _ABSENT), mine.get(key, _ABSENT), theirs.get(key, _ABSENT))
        if value is not _ABSENT:
            found[key] = value
    return found


def _named(value: Any) -> bool:
    """Whether it is a list of things with a name each."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) and "name" in entry for entry in value):
        return False
    return len({entry["name"] for entry in value}) == len(value)
