"""JSON lines of logs: read once each, shown as words, or spread out over lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_LEVELS = ("level", "severity", "lvl", "log.level", "loglevel")
_MESSAGES = ("message", "msg", "log", "event")
_TIMES = ("time", "timestamp", "ts", "@timestamp")


@lru_cache(maxsize=512)
def parsed(text: str) -> Mapping[str, Any] | None:
    """The object that a line is, None where it is no JSON object."""
    body = text.strip()
    if not (body.startswith("{") and body.endswith("}")):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def field_of(document: Mapping[str, Any] | None, path: Sequence[str]) -> object | None:
    """A field, also one whose name has the dots in it; None where there is none."""
    if document is None:
        return None
    dotted = ".".join(path)
    if dotted in document:
        return _value(document[dotted])
    found: Any = document
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return _value(found)


def level_of(document: Mapping[str, Any]) -> str:
    """How severe a line says it is, empty where it does not say."""
    return next((str(document[name]) for name in _LEVELS if name in document), "")


def as_words(document: Mapping[str, Any]) -> str:
    """Level and message first, then the other fields as name=value; times are left to the log's own."""
    message = next((name for name in _MESSAGES if isinstance(document.get(name), str)), "")
    head = [level_of(document).upper(), str(document.get(message, "")) if message else ""]
    known = {message, *_LEVELS, *_TIMES}
    rest = [f"{name}={_word(value)}" for name, value in document.items() if name not in known]
    return " ".join(part for part in (*head, *rest) if part)


def spread_out(text: str) -> list[str]:
    """A line as it reads best alone: JSON indented, also where it stands behind other words."""
    head, brace, rest = text.partition("{")
    document = parsed(brace + rest)
    if document is None:
        return [text]
    lines = json.dumps(document, indent=2, ensure_ascii=False).splitlines()
    return [head.rstrip(), *lines] if head.strip() else lines


def _word(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if " " in value or not value else value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(value: object) -> object:
    """A truth value or nothing as JSON writes it."""
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else _word(value)
