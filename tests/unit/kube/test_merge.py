"""Two edits of one object."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.kube.merge import merged

_VALUES = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=6,
)
_SPECS = st.dictionaries(st.sampled_from("abc"), _VALUES, max_size=3)


def _object(spec: dict[str, Any], version: str = "1", **others: Any) -> dict[str, Any]:
    return {"kind": "Thing", "metadata": {"name": "t", "resourceVersion": version}, "spec": spec, **others}


@given(_SPECS, _SPECS)
def test_where_one_side_changed_nothing_the_other_one_holds(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert merged(_object(base), _object(changed), _object(base, "2")) == _object(changed, "2")
    assert merged(_object(base), _object(base), _object(changed, "2")) == _object(changed, "2")


@given(_SPECS, _SPECS)
def test_the_same_change_on_both_sides_is_one_change(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert merged(_object(base), _object(changed), _object(changed, "2")) == _object(changed, "2")


@given(_SPECS, _VALUES, _VALUES)
def test_changes_of_different_fields_are_both_kept(base: dict[str, Any], mine: Any, theirs: Any) -> None:
    found = merged(_object(base), _object(base | {"m": mine}), _object(base | {"t": theirs}, "2"))
    assert found is not None
    assert found["spec"] == base | {"m": mine, "t": theirs}


def test_different_changes_of_one_field_contradict_each_other() -> None:
    assert merged(_object({"a": 1}), _object({"a": 2}), _object({"a": 3}, "2")) is None
    assert merged(_object({"a": 1}), _object({}), _object({"a": 3}, "2")) is None


def test_containers_are_merged_by_name() -> None:
    base = {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}
    mine = {"containers": [{"name": "a", "image": "2"}, {"name": "b", "image": "1"}]}
    theirs = {"containers": [{"name": "b", "image": "3"}, {"name": "a", "image": "1"}, {"name": "c"}]}
    found = merged(_object(base), _object(mine), _object(theirs, "2"))
    assert found is not None
    assert found["spec"]["containers"] == [{"name": "b", "image": "3"}, {"name": "a", "image": "2"}, {"name": "c"}]


def test_what_the_server_sets_is_never_an_edit() -> None:
    found = merged(_object({"a": 1}, status={"n": 1}), _object({"a": 2}, status={"n": 1}), _object({"a": 1}, "9"))
    assert found == _object({"a": 2}, "9")


def test_a_field_that_is_called_like_one_of_the_servers_is_an_edit_elsewhere() -> None:
    found = merged(_object({"generation": "1"}), _object({"generation": "2"}), _object({"generation": "1"}, "2"))
    assert found is not None
    assert found["spec"] == {"generation": "2"}
