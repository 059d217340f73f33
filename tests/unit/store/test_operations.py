"""The table of operations."""

from __future__ import annotations

import pytest

from core.store.store import Store


def test_operations_are_found_by_what_they_were_and_said(store: Store) -> None:
    first = store.operations.begin("me", "scale", environment="lab", cluster="alpha", subject="Deployment web")
    second = store.operations.begin("me", "drain", environment="lab", cluster="alpha", subject="Node kube-2")
    store.operations.end(first, "succeeded", "1 → 2 replicas", "")
    store.operations.end(second, "failed", "", "A budget holds web-1")
    assert [one.action for one in store.operations.find()] == ["drain", "scale"]
    assert [one.id for one in store.operations.find(result="failed")] == [second]
    assert [one.id for one in store.operations.find(text="BUDGET")] == [second]
    assert [one.id for one in store.operations.find(action="scale", cluster="alpha")] == [first]
    assert store.operations.find(text="50%") == []
    assert [one.id for one in store.operations.find(most=1)] == [second]
    assert store.operations.find(since=store.operations.find()[0].started + 1) == []


def test_an_operation_outlives_its_environment(store: Store) -> None:
    store.environments.ensure("gone")
    number = store.operations.begin("me", "abandon", environment="gone")
    store.environments.delete("gone")
    store.operations.end(number, "succeeded", "forgotten", "")
    assert store.operations.find(environment="gone")[0].text == "forgotten"


def test_there_are_no_other_columns_to_ask_for(store: Store) -> None:
    with pytest.raises(ValueError, match="no exact column"):
        store.operations.find(user="me; DROP TABLE operations")
