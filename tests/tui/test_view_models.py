"""The other view models, without an app."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.status import ReportLine
from tests.tui.data import ENDPOINTS, NOON, lab, shop
from tui.verbs import KEYED, offer_of, offers, where
from tui.view_models.board import Board, Branch
from tui.view_models.endpoints import endpoint_lines, endpoints_of
from tui.view_models.glyphs import ASCII, UNICODE, glyphs_for
from tui.view_models.header import header_line
from tui.view_models.health import age
from tui.view_models.keys import key_hints, key_line
from tui.view_models.overview import overview_lines, start_lines
from tui.view_models.report import report_lines
from tui.view_models.text import Line, Span, plain, shorten, spread, table, width_of, wrapped
from tui.view_models.tree import TreeLine, tree_lines


def line_named(name: str, branch: Branch | None = None) -> TreeLine:
    lines = tree_lines([branch or Branch(lab(), live=True)], frozenset(), "", NOON)
    return next(line for line in lines if line.key[-1] == name)


def text(lines: list[Line]) -> str:
    return "\n".join(plain(line) for line in lines)


# Text


def test_a_long_name_is_shortened_in_the_middle() -> None:
    assert shorten("web-6c9f7d4b5-x2kqp", 11, "…") == "web-6…x2kqp"
    assert shorten("short", 11, "…") == "short"
    assert shorten("long", 1, "…") == "l"


def test_the_left_side_gives_way_to_the_right_one() -> None:
    row = spread((Span("a" * 30),), (Span("right"),), 20, "…")
    assert width_of(row) == 20
    assert plain(row).endswith("… right")


def test_wrapped_text_goes_on_below_itself() -> None:
    rows = wrapped((Span("head  "),), "one two three four five six", 26)
    assert [plain(row) for row in rows] == ["head  one two three four", "      five six"]


def test_the_widest_column_of_a_table_gives_way_first() -> None:
    rows = table(["a", "b"], [[Span("x" * 40), Span("short")]], 30, "…")
    assert "short" in plain(rows[1])
    assert "…" in plain(rows[1])
    assert width_of(rows[1]) <= 30


# Glyphs


@pytest.mark.parametrize(
    ("environ", "encoding", "wanted"),
    [
        ({"TERM": "xterm-256color"}, "UTF-8", UNICODE),
        ({"TERM": "xterm-256color"}, "utf8", UNICODE),
        ({"TERM": "xterm-256color"}, "ANSI_X3.4-1968", ASCII),
        ({"TERM": "linux"}, "UTF-8", ASCII),
        ({"TERM": "dumb"}, "UTF-8", ASCII),
        ({"TERM": "xterm", "GONDOLIER_ASCII": "1"}, "UTF-8", ASCII),
        ({"TERM": "xterm", "GONDOLIER_ASCII": "0"}, "UTF-8", UNICODE),
    ],
)
def test_the_terminal_gets_the_marks_that_it_can_show(environ: dict[str, str], encoding: str, wanted: object) -> None:
    assert glyphs_for(environ, encoding) is wanted


def test_every_state_has_a_mark_of_one_cell_in_both_sets_and_no_two_share_one() -> None:
    for glyphs in (UNICODE, ASCII):
        assert len(set(glyphs.states.values())) == 7
        assert {width_of((glyphs.mark(state),)) for state in glyphs.states} == {1}


def test_sentences_are_folded_to_ascii_and_never_carry_control_characters() -> None:
    assert ASCII.fold("3 → 3 – “done” ß") == '3 -> 3 - "done" ?'
    assert UNICODE.fold("a\x1b[31mb") == "a [31mb"


@pytest.mark.parametrize(("seconds", "words"), [(-3, "0 s"), (59, "59 s"), (190, "3 min"), (7300, "2 h"), (2e5, "2 d")])
def test_an_age_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert age(seconds) == words


# Header and keys


def test_the_header_counts_what_there_is_and_what_is_wrong() -> None:
    board = Board()
    board.reload([lab(), shop("shop-prod", "deploy failure"), shop("shop-test", "new")])
    board.receive(lab())
    board.lose("shop-test", "no answer", NOON)
    words = plain(header_line(board, line_named("alpha"), 160, UNICODE))
    assert "lab ▸ alpha" in words
    assert "3 environments  3 clusters" in words
    assert "▲ 2 degraded" in words
    assert "◌ 1 stale" in words
    assert words.rstrip().endswith("SIMULATED")


def test_the_header_fits_a_narrow_terminal() -> None:
    board = Board()
    board.reload([lab()])
    assert width_of(header_line(board, line_named("web-6c9f7d4b5-x2kqp"), 80, UNICODE)) <= 80


def test_real_environments_carry_no_badge() -> None:
    board = Board()
    board.reload([shop("shop", "ready")])
    assert "SIMULATED" not in plain(header_line(board, line_named("shop", Branch(shop("shop", "ready"))), 160, UNICODE))


def test_the_offers_of_a_line_come_from_the_registry_with_their_reasons() -> None:
    full = lab(workers=5)
    line = line_named("alpha", Branch(full, live=True))
    offer = offer_of(offers(line), "scale-workers-up")
    assert offer is not None
    assert offer.refusal == "workers: maximum of 5 reached – raise `workers.max`"
    assert offer_of(offers(line), "scale-pod-up") is None
    assert offers(None) == []


def test_what_is_not_possible_is_in_parentheses_on_the_key_line() -> None:
    hints = key_hints(offers(line_named("alpha", Branch(lab(workers=5), live=True))))
    words = "".join(plain(line) for _, line in key_line(hints, 160, UNICODE))
    assert " (+) One worker more " in words
    assert " - One worker less " in words


def test_a_narrow_key_line_keeps_help_and_quit_and_drops_what_is_not_possible_first() -> None:
    hints = key_hints(offers(line_named("alpha", Branch(lab(workers=5), live=True))))
    shown = key_line(hints, 60, UNICODE)
    assert sum(width_of(line) for _, line in shown) <= 60
    assert [hint.key for hint, _ in shown[-2:]] == ["?", "q"]
    assert all(hint.refusal is None for hint, _ in shown)


def test_where_says_which_lines_an_action_is_for() -> None:
    assert where([action for action in KEYED if action.key == "+"]) == (
        "select a cluster or its workers or its gateways or a pod or what has replicas"
    )


# Overview and endpoints


def test_the_overview_shows_mark_word_reason_and_message_of_every_condition() -> None:
    words = text(overview_lines(line_named("queue"), ENDPOINTS, 110, NOON, UNICODE))
    row = next(row for row in words.splitlines() if "Available" in row)
    assert row.split() == ["▲", "Available", "False", "Crashing", "queue-0", "restarts:", "OOMKilled"]


def test_the_overview_of_a_cluster_tells_its_facts() -> None:
    words = text(overview_lines(line_named("alpha"), ENDPOINTS, 110, NOON, UNICODE))
    assert "3 voters, tolerates 1 loss" in words
    assert "https://10.7.0.11:6443" in words
    assert "1 of at most 2" in words


def test_the_overview_of_a_machine_says_what_it_is_to_etcd() -> None:
    assert "voter" in text(overview_lines(line_named("kube-2"), None, 110, NOON, UNICODE))


def test_a_lost_environment_says_since_when_and_why() -> None:
    branch = Branch(lab(), live=True, lost=NOON - 60, trouble="no route to 10.7.0.11")
    words = text(overview_lines(line_named("lab", branch), None, 110, NOON, UNICODE))
    assert "◌ stale 1 min" in words
    assert "no route to 10.7.0.11" in words


def test_a_part_that_could_not_be_looked_at_is_told() -> None:
    branch = Branch(replace(lab(), trouble="kube-2: SSH refused"), live=True)
    assert "kube-2: SSH refused" in text(overview_lines(line_named("lab", branch), None, 110, NOON, UNICODE))


def test_no_overview_line_is_wider_than_the_pane() -> None:
    for name in ("lab", "alpha", "kube-2", "web", "web-6c9f7d4b5-x2kqp"):
        for width in (60, 76, 120):
            lines = overview_lines(line_named(name), ENDPOINTS, width, NOON, UNICODE)
            assert max(width_of(line) for line in lines) <= width


def test_an_empty_console_says_how_to_begin() -> None:
    assert "gondolier apply" in text(start_lines(True, 80))
    assert "gondolier apply" not in text(start_lines(False, 80))


def test_a_cluster_lists_the_endpoints_of_its_pods_the_widest_scope_first() -> None:
    found = endpoints_of(line_named("alpha"), ENDPOINTS)
    assert [(one.component, one.scope) for one in found] == [
        ("queue", "cloud"),
        ("queue", "internal"),
        ("web", "public"),
        ("web", "cloud"),
        ("web", "internal"),
    ]
    assert {one.component for one in endpoints_of(line_named("web"), ENDPOINTS)} == {"web"}


def test_a_narrow_table_drops_columns_before_it_cuts_an_address() -> None:
    words = text(endpoint_lines(line_named("alpha"), ENDPOINTS, 64, UNICODE))
    assert "203.0.113.20" in words
    assert "port scope" not in words
    assert "protocol" in text(endpoint_lines(line_named("alpha"), ENDPOINTS, 110, UNICODE))


def test_endpoints_that_are_not_read_yet_and_none_are_told_apart() -> None:
    assert "reading" in text(endpoint_lines(line_named("web"), None, 80, UNICODE))
    assert "no endpoints" in text(endpoint_lines(line_named("web"), [], 80, UNICODE))


# Report, plan and logs


def test_a_report_line_wraps_below_its_text_and_keeps_every_line_of_it() -> None:
    rows = report_lines(ReportLine(1, NOON, "kube-5", "error", "etcd: " + "word " * 30 + "\nsecond"), 60, UNICODE)
    assert "✖ kube-5" in plain(rows[0])
    assert "error: etcd:" in plain(rows[0])
    assert plain(rows[1]).startswith(" " * 12)
    assert plain(rows[-1]).strip() == "second"
    assert max(width_of(row) for row in rows) <= 60
