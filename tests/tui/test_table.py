"""Tables without an app: order, filter, marks, columns that fit."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view_models.glyphs import UNICODE, State
from tui.view_models.table import Column, Table, natural
from tui.view_models.table_lines import details, fitted, head_line, row_line, short_age, table_text
from tui.view_models.text import plain, width_of

NOW = 1000.0


@dataclass(frozen=True)
class Thing:
    key: str
    size: int = 0
    born: float = NOW
    state: State = "ready"
    note: str = ""


def table(*things: Thing) -> Table[Thing]:
    columns = [
        Column[Thing]("name", lambda thing, now: thing.key, lambda thing: (natural(thing.key),)),
        Column[Thing]("status", lambda thing, now: thing.state, lambda thing: (thing.state,), tells=True),
        Column[Thing]("size", lambda thing, now: str(thing.size), lambda thing: (thing.size,), right=True),
        Column[Thing]("note", lambda thing, now: thing.note, lambda thing: (thing.note,), wide=True),
        Column[Thing]("age", lambda thing, now: short_age(now - thing.born), lambda thing: (-thing.born,), ages=True),
    ]
    made = Table(columns, lambda thing: thing.state)
    made.apply({thing.key: thing for thing in things})
    return made


def keys(shown: Table[Thing]) -> list[str]:
    return [shown[number].key for number in range(len(shown))]


def test_names_are_sorted_as_people_count() -> None:
    assert keys(table(Thing("node-10"), Thing("node-9"), Thing("Node-1"))) == ["Node-1", "node-9", "node-10"]


def test_a_change_that_moves_nothing_tells_its_line_only() -> None:
    shown = table(*(Thing(f"t-{number}") for number in range(100)))
    assert shown.apply({"t-7": Thing("t-7", size=3), "t-9": Thing("t-9", size=4)}) == [7, 9]
    assert shown[7].size == 3


def test_what_comes_goes_or_changes_places_tells_that_all_may_look_different() -> None:
    shown = table(Thing("a", 1), Thing("b", 2), Thing("c", 3))
    shown.sort_by(2, descending=True)
    assert keys(shown) == ["c", "b", "a"]
    assert shown.apply({"a": Thing("a", 9)}) is None
    assert keys(shown) == ["a", "c", "b"]
    assert shown.apply({"c": None}) is None
    assert keys(shown) == ["a", "b"]
    assert shown.apply({"never": None}) == []


def test_the_youngest_is_first_where_ages_are_sorted() -> None:
    shown = table(Thing("old", born=1), Thing("young", born=900))
    shown.sort_by(4)
    assert keys(shown) == ["young", "old"]


def test_a_filter_hides_rows_and_shows_them_as_they_change() -> None:
    shown = table(Thing("web-1", 5), Thing("web-2", 1), Thing("db", 7))
    shown.narrow(lambda thing: thing.key.startswith("web") and thing.size > 2)
    assert (keys(shown), shown.total) == (["web-1"], 3)
    assert shown.apply({"web-2": Thing("web-2", 8)}) is None
    assert keys(shown) == ["web-1", "web-2"]
    assert shown.number_of("db") is None


def test_only_what_is_wrong_is_shown_on_request() -> None:
    shown = table(Thing("a"), Thing("b", state="failed"), Thing("c", state="degraded"), Thing("d", state="working"))
    shown.narrow(None, only_faults=True)
    assert keys(shown) == ["b", "c"]


def test_marks_stay_with_their_rows_and_go_with_them() -> None:
    shown = table(Thing("a"), Thing("b"), Thing("c"))
    shown.mark(["c", "a", "gone"])
    assert [thing.key for thing in shown.chosen] == ["c", "a"]
    shown.apply({"a": None})
    assert [thing.key for thing in shown.chosen] == ["c"]
    shown.mark(["b", "c"])
    assert list(shown.marked) == ["c", "b"]
    shown.mark(["b", "c"])
    assert not shown.marked
    assert shown.between(1, 0) == ["b", "c"]


def test_wide_and_hidden_columns() -> None:
    shown = table(Thing("a", note="x"))
    assert shown.shown == [0, 1, 2, 4]
    shown.wide, shown.hidden = True, frozenset({"size", "name"})
    assert shown.shown == [0, 1, 3, 4]


def test_long_names_give_way_in_the_middle_numbers_never_and_the_rest_is_said_to_be_there() -> None:
    thing = Thing("a-very-long-name-of-a-pod-6c9f7d4b5-x2kqp", 1234567, note="n" * 30)
    shown = table(thing)
    shown.wide = True
    shown.measure(0, 1, NOW)
    for width in (160, 80, 60, 40, 30):
        columns = fitted(shown, width)
        assert width_of(row_line(shown, thing, columns, NOW, UNICODE)) <= width
    narrow = fitted(shown, 40)
    words = plain(row_line(shown, thing, narrow, NOW, UNICODE))
    assert "…" in words
    assert narrow.more
    assert plain(head_line(shown, narrow, UNICODE)).endswith("…")
    panned = fitted(shown, 40, left=1)
    assert "1234567" in plain(row_line(shown, thing, panned, NOW, UNICODE))


def test_the_heading_says_what_is_sorted_by() -> None:
    shown = table(Thing("a", 5))
    shown.sort_by(2, descending=True)
    head = plain(head_line(shown, fitted(shown, 100), UNICODE))
    assert "SIZE↓" in head
    assert "NAME " in head


def test_a_row_says_its_state_with_glyph_word_and_tone() -> None:
    thing = Thing("a", state="failed")
    shown = table(thing)
    shown.mark(["a"])
    assert plain(row_line(shown, thing, fitted(shown, 100), NOW, UNICODE)).startswith(" ◆✖ a")
    shown.marked.clear()
    tones = {span.text.strip(): span.tone for span in row_line(shown, thing, fitted(shown, 100), NOW, UNICODE)}
    assert (tones["✖"], tones["failed"], tones["0"]) == ("bad", "bad", "text")


def test_a_table_becomes_text_for_a_file_and_a_row_its_details() -> None:
    thing = Thing("a", 5, born=NOW - 90, note="hidden")
    assert table_text(table(thing), NOW) == "name\tstatus\tsize\tage\na\tready\t5\t1m\n"
    assert details(table(thing), thing, NOW)["note"] == "hidden"


def test_ages_are_short() -> None:
    assert [short_age(seconds) for seconds in (-1, 59, 60, 7200, 200000)] == ["0s", "59s", "1m", "2h", "2d"]
