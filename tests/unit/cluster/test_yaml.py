"""Configuration files are the same text whichever YAML library writes them: another text would restart daemons."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.cluster.blueprint import yaml_text

words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words.filter(bool), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(words.filter(bool), values, min_size=1, max_size=4))
def test_both_libraries_write_the_same(document: dict[str, object]) -> None:
    assert yaml_text(document).decode() == yaml.safe_dump(document, sort_keys=False)
