"""What a log line says: its severity and its fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kube.log_fields import fields, json_fields, pretty, severity, value_at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I0102 15:04:05.000000       1 main.go:5] begun", "info"),
        ("E0102 15:04:05.000000       1 main.go:5] failed", "error"),
        ('{"level":"warn","msg":"x"}', "warning"),
        ('{"severity":"ERROR"}', "error"),
        ('{"log.level":"debug"}', "debug"),
        ('{"log":{"level":"fatal"}}', "fatal"),
        ('{"level":50,"msg":"pino"}', "error"),
        ('{"msg":"no level", "error": null}', ""),
        ("time=2026-01-01T00:00:00Z level=info msg=x", "info"),
        ("2026-01-01 00:00:00 WARNING something", "warning"),
        ("2026/01/01 00:00:00 [error] 7#7: *1 open() failed", "error"),
        ("[ERROR] it broke", "error"),
        ("no error was found", ""),
        ("GET /error 200", ""),
        ("", ""),
    ],
)
def test_the_severity_is_what_the_line_says(text: str, expected: str) -> None:
    assert severity(text) == expected


@given(st.text())
def test_any_line_may_be_asked(text: str) -> None:
    severity(text)
    fields(text)
    assert isinstance(pretty(text), str)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=5))
def test_json_lines_give_their_fields_and_are_the_same_when_pretty(found: dict[str, Any]) -> None:
    text = json.dumps(found)
    assert json_fields(text) == found
    assert json.loads(pretty(text)) == found


def test_fields_of_logfmt_and_of_nothing() -> None:
    assert fields('level=info msg="two words" n=1') == {"level": "info", "msg": "two words", "n": "1"}
    assert fields("a=1 is no logfmt") == {}


def test_a_field_is_found_by_its_path_or_by_its_very_name() -> None:
    found = {"a": {"b": 1}, "a.c": 2}
    assert (value_at(found, "a.b"), value_at(found, "a.c"), value_at(found, "a.d"), value_at(found, "x")) == (
        1,
        2,
        None,
        None,
    )
