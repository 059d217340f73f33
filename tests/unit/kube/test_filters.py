"""Filters and selectors: what they let through, for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.errors import Refusal
from core.kube.filters import fuzzy, parse_filter
from core.kube.selectors import Requirement, parse_selector, selector_text, selects

_WORDS = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=8)
_LABELS = st.dictionaries(_WORDS, _WORDS, max_size=4)
_REQUIREMENTS = st.one_of(
    st.builds(
        Requirement, _WORDS, st.sampled_from(["in", "notin"]), st.lists(_WORDS, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Requirement, _WORDS, st.sampled_from(["exists", "absent"])),
)


@given(st.text(), st.text())
def test_any_text_is_a_filter(typed: str, line: str) -> None:
    assert parse_filter(typed).matches(line) in (True, False)


@given(_WORDS, st.text())
def test_plain_words_are_looked_for_in_both_cases(word: str, line: str) -> None:
    if line.isascii():
        assert parse_filter(word).matches(line) == (word in line.lower())


@given(_WORDS, st.text())
def test_the_inverse_lets_through_what_the_filter_does_not(word: str, line: str) -> None:
    assert parse_filter(f"!{word}").matches(line) is not parse_filter(word).matches(line)


@given(st.lists(_WORDS, min_size=1), st.text(max_size=3))
def test_fuzzy_letters_may_have_others_between_them(parts: list[str], between: str) -> None:
    assert fuzzy("".join(parts), between.join(parts))


@given(_WORDS)
def test_fuzzy_needs_every_letter(word: str) -> None:
    assert not fuzzy(f"{word}#", word)
    assert parse_filter(f"-f {word}").matches(word)


@given(st.lists(_REQUIREMENTS, max_size=4), _LABELS)
def test_a_selector_means_the_same_after_it_was_told(found: list[Requirement], labels: dict[str, str]) -> None:
    again = parse_selector(selector_text(found))
    assert again == tuple(found)
    assert selects(again, labels) == all(one.matches(labels) for one in found)


@given(_REQUIREMENTS, _LABELS, _WORDS)
def test_a_selector_may_be_followed_by_a_filter(found: Requirement, labels: dict[str, str], word: str) -> None:
    both = parse_filter(f"-l {found} {word}")
    assert both.problem == ""
    assert both.matches(word, labels) == found.matches(labels)
    assert not both.matches("#", labels)


def test_case_matters_once_a_capital_was_typed() -> None:
    assert parse_filter("web").matches("WEB")
    assert not parse_filter("Web").matches("web")


def test_signs_make_a_regular_expression_and_half_a_one_is_taken_as_it_is() -> None:
    assert parse_filter(r"^web-\d+$").matches("web-12")
    assert not parse_filter(r"^web-\d+$").matches("web-x")
    assert parse_filter("web(").matches("a web( b")
    assert not parse_filter("web(").matches("web")


def test_a_wrong_selector_is_told_and_hides_nothing() -> None:
    wrong = parse_filter("-l =web")
    assert "no label selector" in wrong.problem
    assert wrong.matches("anything")


def test_sets_keep_their_spaces() -> None:
    both = parse_filter("-l app in (web, api),tier!=x site")
    assert both.matches("site", {"app": "api"})
    assert not both.matches("site", {"app": "api", "tier": "x"})
    assert not both.matches("other", {"app": "api"})


@pytest.mark.parametrize("text", ["a=b=c", "in (a)", "a b", "a in b"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no label selector"):
        parse_selector(text)
