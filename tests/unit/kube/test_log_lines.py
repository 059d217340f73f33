"""Where reading of a log stands: no line is lost or doubled, wherever the reading is cut."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kube.log_lines import Cursor, Splitter, parse_stamp

_START = 1_767_225_600
_BILLION = 10**9


def _raw(time: int, text: str) -> str:
    moment = datetime.fromtimestamp(time // _BILLION, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{time % _BILLION:09}".rstrip("0")
    return f"{moment}{'.' + fraction if fraction else ''}Z {text}"


def _time(raw: str) -> int:
    return parse_stamp(raw.split(" ", maxsplit=1)[0])


def _server(log: list[str], since: str | None) -> list[str]:
    """The API's rule: everything from that whole second on."""
    return [line for line in log if since is None or _time(line) >= parse_stamp(since)]


@st.composite
def _logs(draw: st.DrawFn) -> list[str]:
    """Lines in bursts and pauses; repeated ones, and some a little out of order, as two writers stamp them."""
    now, lines = _START * _BILLION, []
    for step in draw(st.lists(st.sampled_from([0, 0, 1, 10**6, 4 * 10**8, 3 * 10**9]), max_size=40)):
        now += step
        back = draw(st.sampled_from([0, 0, 0, 1000, 5 * 10**8]))
        lines.append(_raw(now - back, draw(st.sampled_from(["tick", "tock", ""]))))
    return lines


@given(_logs(), st.data())
def test_a_log_that_is_cut_anywhere_is_read_once_and_whole(log: list[str], data: st.DataObject) -> None:
    cursor = Cursor()
    told: list[str] = []
    for last in range(data.draw(st.integers(0, 4)) + 1, 0, -1):
        if told:
            cursor.resume()
        coming = _server(log, cursor.since)
        stop = len(coming) if last == 1 else data.draw(st.integers(0, len(coming)))
        told += [raw for raw in coming[:stop] if cursor.take(raw) is not None]
    assert sorted(told) == sorted(log)


@given(_logs(), st.integers(1, 10))
def test_a_tail_is_followed_without_telling_what_was_before_it(log: list[str], tail: int) -> None:
    log = sorted(log, key=_time)
    cursor = Cursor(tail=True)
    told = [raw for raw in log[-tail:] if cursor.take(raw) is not None]
    cursor.resume()
    new = _raw((_START + 1000) * _BILLION, "new")
    first = _time(told[0]) if told else 0
    again = [raw for raw in _server([*log, new], cursor.since) if cursor.take(raw) is not None]
    assert again[-1] == new
    assert all(_time(raw) >= first for raw in again)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01T00:00:00Z", _START * _BILLION),
        ("2026-01-01T00:00:00.5Z", _START * _BILLION + 500_000_000),
        ("2026-01-01T00:00:00.123456789Z", _START * _BILLION + 123_456_789),
        ("2026-01-01T02:00:00.000000001+02:00", _START * _BILLION + 1),
    ],
)
def test_stamps_are_read_to_the_nanosecond_in_any_zone(text: str, time: int) -> None:
    assert parse_stamp(text) == time


def test_a_line_without_a_stamp_is_told_as_it_is() -> None:
    assert Cursor().take("failed to watch file") == (0, "failed to watch file")


@given(st.lists(st.text(alphabet="ab é", max_size=8), max_size=8), st.data())
def test_lines_come_whole_however_the_bytes_are_cut(lines: list[str], data: st.DataObject) -> None:
    sent = "".join(f"{line}\n" for line in lines).encode()
    splitter, found = Splitter(), []
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        found += splitter.feed(sent[:size])
        sent = sent[size:]
    assert found == lines
    assert splitter.end() == []


def test_a_last_line_without_an_end_is_given_at_the_end() -> None:
    splitter = Splitter()
    assert splitter.feed(b"one\ntwo") == ["one"]
    assert splitter.end() == ["two"]


def test_an_endless_line_does_not_grow_without_bound() -> None:
    splitter = Splitter()
    assert [len(line) for line in splitter.feed(b"x" * (2 << 20))] == [2 << 20]
    assert splitter.end() == []
