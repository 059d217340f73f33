"""Logs without an app: the buffer, queries, rows, what a line looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.logs import LogQuery as Wanted
from tests.tui.data import K8, LOG, NOON, X2, record
from tui.view_models.glyphs import ASCII, UNICODE
from tui.view_models.log_buffer import Entry, LogBuffer
from tui.view_models.log_feed import LogFeed, RecordNames
from tui.view_models.log_json import spread_out
from tui.view_models.log_look import Look, log_row, rows_of, shown_text
from tui.view_models.log_query import QueryError, log_query
from tui.view_models.log_rows import LogRows
from tui.view_models.log_search import LogSearch
from tui.view_models.logs import Reading, log_heading
from tui.view_models.text import Line, plain, width_of


def lines(*texts: str) -> list[Entry]:
    return [Entry("web-1", NOON, text) for text in texts]


def filled(*texts: str, limit: int = 1000) -> LogBuffer:
    buffer = LogBuffer(limit)
    buffer.extend(lines(*texts))
    return buffer


def found(query: str, *texts: str) -> list[int]:
    asked = log_query(query)
    assert asked is not None
    return asked.found(texts, 0)


# The buffer


def test_the_buffer_keeps_the_newest_lines_under_their_numbers() -> None:
    buffer = filled("a", "b", "c", limit=3)
    assert buffer.extend(lines("d", "e")) == 2
    assert (buffer.first, buffer.end, buffer.dropped, len(buffer)) == (2, 5, 2, 3)
    assert buffer[3] == Entry("web-1", NOON, "d")
    with pytest.raises(IndexError):
        buffer[1]
    buffer.clear()
    assert (buffer.first, buffer.end) == (0, 0)


# Queries


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("timeout", [0, 1]),
        ("Timeout", [1]),
        ("!timeout", [2, 3]),
        ("/t[io]me/", [0, 1]),
        ("!/^a/", [1, 2, 3]),
        (".level=ERROR", [2]),
        (".status>=500", [2]),
        (".status<500", [3]),
        (".user.id~^a", [3]),
        (".level!=error", [3]),
        ("!.status>=500", [0, 1, 3]),
    ],
)
def test_queries(query: str, wanted: list[int]) -> None:
    texts = (
        "a timeout",
        "Timeout again",
        '{"level": "error", "status": 503}',
        '{"level": "info", "status": "200", "user": {"id": "ada"}}',
    )
    assert found(query, *texts) == wanted


@pytest.mark.parametrize("query", ["/[/", ".status>many", ".a~["])
def test_a_query_that_means_nothing_says_why(query: str) -> None:
    with pytest.raises(QueryError, match=r"is no (pattern|number)"):
        log_query(query)


def test_nothing_typed_is_no_query() -> None:
    assert log_query("") is None
    assert log_query("!") is None


def test_a_search_goes_on_as_lines_come_and_forgets_those_that_go() -> None:
    buffer = filled("x", "hit", "y", "hit", limit=4)
    search = LogSearch(buffer)
    search.look_for(log_query("hit"))
    assert search.matches == [1, 3]
    buffer.extend(lines("hit", "z"))
    search.appended(2)
    assert search.matches == [3, 4]
    assert (search.step(3, 1), search.step(4, 1), search.step(3, -1)) == (4, 3, 4)
    assert (search.nearest(2), search.nearest(5), search.place(4)) == (3, 4, (2, 2))


# Rows


def rows(buffer: LogBuffer, width: int = 0) -> LogRows:
    made = LogRows(buffer)
    made.wrap((lambda text: rows_of(text, width)) if width else None)
    return made


def test_a_row_is_a_line_or_a_part_of_one() -> None:
    buffer = filled("short", "x" * 25, "end")
    assert rows(buffer).count == 3
    wrapped = rows(buffer, 10)
    assert wrapped.count == 5
    assert [wrapped.at(row) for row in range(5)] == [(0, 0), (1, 0), (1, 1), (1, 2), (2, 0)]
    assert wrapped.row_of(2) == 4


@given(
    st.lists(st.lists(st.integers(0, 35), max_size=9), max_size=9),
    st.sampled_from([0, 10]),
    st.booleans(),
)
def test_rows_that_grew_and_shrank_are_those_that_would_be_made_anew(
    batches: list[list[int]], width: int, narrowed: bool
) -> None:
    buffer = LogBuffer(12)
    grown = rows(buffer, width)
    even = (lambda texts, first: [n for n, text in enumerate(texts, first) if len(text) % 2 == 0]) if narrowed else None
    grown.narrow(even)
    for batch in batches:
        before = grown.count
        dropped = buffer.extend(lines(*("x" * length for length in batch)))
        came, gone = grown.appended(len(batch), dropped)
        assert grown.count == before + came - gone
    fresh = rows(buffer, width)
    fresh.narrow(even)
    assert [grown.at(row) for row in range(grown.count)] == [fresh.at(row) for row in range(fresh.count)]


# How a line looks


def shown(entry: Entry, look: Look | None = None, width: int = 80, part: int = 0) -> Line:
    return log_row(entry, look or Look(), UNICODE, part=part, marked=False, width=width, now=NOON + 90)


def test_severity_gives_the_tone_in_text_json_and_klog() -> None:
    tones = [shown(Entry("a", NOON, text))[-1].tone for text in (
        "ERROR boom", "warn: slow", "no errors here", "E0923 12:00:00.1 main.go] x", "debug x", '{"level":"fatal"}',
        '{"msg":"an error"}',
    )]  # fmt: skip
    assert tones == ["bad", "warn", "text", "bad", "dim", "bad", "text"]


def test_colours_and_control_characters_of_programs_never_reach_the_terminal() -> None:
    text = shown_text("\x1b[31mred\x1b[0m\tand\x07\x1b]0;title\x07bell", Look(), UNICODE)
    assert text == "red and bell"
    assert shown_text("naïve → 3", Look(), ASCII) == "na?ve -> 3"


def test_sources_are_called_by_what_tells_them_apart() -> None:
    look = Look()
    look.name(["web-6c9f-x2/site", "web-6c9f-k8/site", ""])
    assert look.shown_names == {"web-6c9f-x2/site": "x2", "web-6c9f-k8/site": "k8"}
    look.name(["web-6c9f-x2/site"])
    assert look.name_width == 0
    look.names = "full"
    look.name(["web-6c9f-x2/site"])
    assert look.name_width == 16


@given(st.text("aé漢 x", max_size=60), st.integers(60, 90))
def test_the_parts_of_a_wrapped_line_are_the_whole_line(text: str, width: int) -> None:
    look = Look(wrap=True)
    clean = shown_text(text, look, UNICODE)
    room = look.text_width(width)
    parts = [shown(Entry("a", NOON, text), look, width, part) for part in range(rows_of(clean, room))]
    assert "".join(plain(part)[look.head_width :] for part in parts) == clean
    assert max(width_of(part) for part in parts) <= width


def test_what_is_searched_for_is_highlighted_before_other_words() -> None:
    look = Look()
    query, term = log_query("timeout"), log_query("/time|order/")
    assert query is not None
    assert term is not None
    assert query.pattern is not None
    assert term.pattern is not None
    look.patterns = [(query.pattern, "match"), (term.pattern, "term-a")]
    line = shown(Entry("a", NOON, "WARN timeout order=1"), look)
    assert [(span.text, span.tone) for span in line if span.tone in ("match", "term-a")] == [
        ("timeout", "match"),
        ("order", "term-a"),
    ]


def test_times_in_every_form() -> None:
    entry = Entry("a", NOON, "x")
    words = {times: plain(shown(entry, Look(times=times))) for times in ("time", "date", "utc", "age", "none")}
    assert words["utc"] == "  2026-09-23T10:40:00.000Z x"
    assert words["age"] == "    1m x"
    assert words["none"] == "  x"
    assert plain(shown(Entry("a", 0, "x"), Look(times="age"))) == "       x"


def test_json_reads_as_words_and_spreads_out_behind_other_words() -> None:
    text = '{"time":"now","severity":"warn","message":"two words","a":{"b":1},"c":""}'
    assert shown_text(text, Look(json=True), UNICODE) == 'WARN two words a={"b":1} c=""'
    assert spread_out('req {"a": 1}') == ["req", "{", '  "a": 1', "}"]
    assert spread_out("{broken") == ["{broken"]


# Feeds


def test_records_become_lines_and_what_happened_becomes_a_rule() -> None:
    names = RecordNames()
    entries = names.entries([*LOG, record(X2, 9, "", "lost")])
    assert entries[0] == Entry("web-6c9f7d4b5-x2kqp/site", NOON + 1, "INFO  GET /cart 200 12ms")
    assert entries[3].source == ""
    assert entries[-1].text == "web-6c9f7d4b5-x2kqp/site lost"
    assert (names.containers, names.pods) == (["site"], 2)
    assert K8 != X2


def test_a_feed_says_what_is_read_of_it() -> None:
    feed = LogFeed("web", Wanted(tail=500))
    assert feed.words == "all containers"
    assert feed.since(300).previous.of_container("site").words == "site   before the restart   since 5m"
    assert feed.since(300).query.tail is None
    assert feed.since(300).since(None).query.tail == 500


def test_the_heading_says_how_the_reading_goes() -> None:
    feed = LogFeed("web")

    def words(reading: Reading, look: Look | None = None) -> str:
        return "\n".join(plain(line) for line in log_heading(feed, reading, look or Look(), 120, UNICODE))

    assert "2 lines, 1 older dropped" in words(Reading(lines=2, shown=2, dropped=1))
    assert "paused, 1,214 new below" in words(Reading(unseen=1214))
    assert "following" in words(Reading())
    assert "ended" in words(Reading(ended=True))
    assert "✖ gone" in words(Reading(ended=True, trouble="gone"))
    query = log_query("timeout")
    assert "find: timeout 3 of 17" in words(Reading(query=query, place=(3, 17)))
    assert "json   wrapped   2 marked" in words(Reading(marks=2), Look(json=True, wrap=True))
