"""What a log line says beside its text: its severity, and its fields where it is JSON or logfmt; read when shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

Severity = Literal["trace", "debug", "info", "warning", "error", "fatal", ""]

_WORDS: Mapping[str, Severity] = {
    "trace": "trace",
    "debug": "debug",
    "dbg": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warning",
    "warning": "warning",
    "err": "error",
    "error": "error",
    "fatal": "fatal",
    "panic": "fatal",
    "crit": "fatal",
    "critical": "fatal",
    "alert": "fatal",
    "emerg": "fatal",
}
# klog: I0102 15:04:05.000000; what Kubernetes' own programs write.
_KLOG = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d")
_KLOG_LETTERS: Mapping[str, Severity] = {"I": "info", "W": "warning", "E": "error", "F": "fatal"}
_FIELD = re.compile(r"""["']?\b(?:level|lvl|severity|loglevel)\b["']?\s*[:=]\s*["']?([A-Za-z]+)""", re.IGNORECASE)
# A bare word counts only at a line's head, in capitals or in brackets: "no error" is none.
_HEAD = re.compile(r"(?:^|[\s\[(|])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|PANIC|CRITICAL)(?=[\s\]):|]|$)")
_BRACKETS = re.compile(r"\[(trace|debug|info|notice|warn|warning|error|crit|alert|emerg)\]")
_LOOKED_AT = 200
_LEVELS: tuple[tuple[int, Severity], ...] = (
    (60, "fatal"),
    (50, "error"),
    (40, "warning"),
    (30, "info"),
    (20, "debug"),
    (0, "trace"),
)
"""Levels as numbers, of pino and bunyan."""
_PAIR = re.compile(r'([A-Za-z_][\w.\-]*)=("(?:[^"\\]|\\.)*"|\S*)')
_FEWEST_PAIRS = 2
_NAMES = ("level", "lvl", "severity", "loglevel", "log.level")


def severity(text: str) -> Severity:
    """How serious a line is, "" where it does not say; only its first 200 characters are looked at, of JSON all."""
    if text.startswith("{"):
        found = json_fields(text)
        if found is not None:
            return _of_fields(found)
    head = text[:_LOOKED_AT]
    if klog := _KLOG.match(head):
        return _KLOG_LETTERS[klog[1]]
    for pattern in (_FIELD, _BRACKETS, _HEAD):
        if match := pattern.search(head):
            return _WORDS.get(match[1].lower(), "")
    return ""


def json_fields(text: str) -> dict[str, Any] | None:
    """The fields of a line that is a JSON object, None for any other."""
    start = text.find("{")
    if start < 0 or text[:start].strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def fields(text: str) -> dict[str, Any]:
    """The fields of a line: of JSON, or of logfmt with two or more; none otherwise."""
    found = json_fields(text)
    if found is not None:
        return found
    pairs = _PAIR.findall(text)
    if len(pairs) < _FEWEST_PAIRS:
        return {}
    return {name: _unquoted(value) for name, value in pairs}


def value_at(found: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path, or of that very name; None where there is none."""
    if path in found:
        return found[path]
    value: Any = found
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def pretty(text: str) -> str:
    """A JSON line on several lines; any other as it is."""
    found = json_fields(text)
    return text if found is None else json.dumps(found, indent=2, ensure_ascii=False)


def _of_fields(found: Mapping[str, Any]) -> Severity:
    for name in _NAMES:
        value = value_at(found, name)
        if isinstance(value, str):
            return _WORDS.get(value.lower(), "")
        if isinstance(value, int) and not isinstance(value, bool):
            return next((word for least, word in _LEVELS if value >= least), "")
    return ""


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')
