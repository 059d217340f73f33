"""Keys against a plain dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.simulator.etcd.keys import Keys, Range

WORD = st.text("ab/", max_size=4)
CHANGE = st.tuples(st.sampled_from(["put", "delete", "clear"]), WORD.filter(bool))


@given(st.lists(CHANGE), WORD, st.booleans())
def test_a_range_is_what_a_plain_search_finds(changes: list[tuple[str, str]], asked: str, prefix: bool) -> None:
    keys, plain = Keys(), dict[str, str]()
    for number, (kind, key) in enumerate(changes):
        if kind == "put":
            keys.put(key, str(number))
            plain[key] = str(number)
        else:
            gone = [each for each in plain if (each.startswith(key) if kind == "clear" else each == key)]
            assert keys.delete(Range.of(key, prefix=kind == "clear")) == len(gone)
            for each in gone:
                del plain[each]
    wanted = sorted(key for key in plain if (key.startswith(asked) if prefix else key == asked))
    assert [(pair.key, pair.value) for pair in keys.get(Range.of(asked, prefix=prefix))] == [
        (key, plain[key]) for key in wanted
    ]


@given(WORD, WORD, WORD, WORD, WORD)
def test_a_range_that_covers_another_has_all_its_keys(a: str, b: str, c: str, d: str, key: str) -> None:
    outer, inner = Range(a, b), Range(c, d)
    if outer.covers(inner) and key in inner:
        assert key in outer


def test_revisions_and_versions_count_as_in_etcd() -> None:
    keys = Keys()
    keys.put("/a", "1")
    keys.put("/a", "2")
    (pair,) = keys.get(Range("/a"))
    assert (pair.created, pair.modified, pair.version, keys.revision) == (2, 3, 2, 3)
    assert keys.delete(Range("/b")) == 0
    assert keys.revision == 3
