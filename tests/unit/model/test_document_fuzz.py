"""The document's parser takes anything: it answers with an environment or with problems, soon, and never otherwise."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.document import DocumentError, dump, parse
from tests.unit.model.samples import EXAMPLE
from tests.unit.model.strategies import environments

pytestmark = pytest.mark.timeout(60)

Path = tuple[str | int, ...]

yamlish = st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@`#,\n\t 01.~<=\\\x00\x85\u2028\ufeff"), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def answered(text: str) -> None:
    """Parse a text, and hold what comes of it against the parser's promises."""
    try:
        environment = parse(text)
    except DocumentError as error:
        assert error.problems
        assert all(one.line >= 1 and one.field and one.found and one.allowed for one in error.problems)
    else:
        assert parse(dump(environment)) == environment


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | yamlish)
def test_any_text_is_answered(text: str) -> None:
    answered(text)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_sound_document_with_anything_in_the_place_of_a_value_is_answered(data: st.DataObject) -> None:
    document: dict[str, Any] = data.draw(environments())
    path = data.draw(st.sampled_from(list(_paths(document))))
    answered(_text(_changed(document, path, data.draw(values))))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values in a value, but for its own."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _changed(document: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed  # type: ignore[no-any-return]


def _text(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


LONG = 15_000
REPEATED = ("a", "a-", "a.", "#", "1", "-", " a", "10.0.0.0/")


@pytest.mark.parametrize("repeated", REPEATED)
def test_long_texts_in_every_place_are_answered_soon(repeated: str) -> None:
    """No rule for a text looks at it again and again: one that did would take hours."""
    document = yaml.safe_load(EXAMPLE)
    text = repeated * (LONG // len(repeated)) + "!"
    for path in _paths(document):
        answered(_text(_changed(document, path, text)))


BOMBS = {
    "aliases of aliases": "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "an alias of what is around it": "environment: &a [*a]\n",
    "lists in lists": "[" * 100_000,
    "complex keys": "? " * 50_000,
    "dashes": "- " * 100_000,
    "as many values as fit": "environment: [" + "x, " * 80_000 + "]",
    "many unknown keys": "".join(f"k{n}: {n}\n" for n in range(2_000)),
    "one key again and again": "environment: lab\n" * 2_000,
    "many documents": "---\n" * 50_000,
    "anchors": "&a " * 50_000,
    "tags": "!!str " * 30_000,
    "merges": "<<: {<<: {<<: {}}}\n" * 1_000,
    "a number of many digits": "environment: " + "9" * 200_000,
    "half a text": 'environment: "' + "a\\n" * 60_000,
    "too long": "x" * 10_000_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_what_is_made_to_exhaust_is_answered_soon(text: str) -> None:
    with pytest.raises(DocumentError):
        parse(text)
