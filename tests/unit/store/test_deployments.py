"""Deployments, their report and their journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.store import Deployment, JournalEntry, Line, Store
from core.store.deployments import Ending
from core.store.errors import Refusal
from core.store.journal import StepEvent


@pytest.fixture
def deployment(store: Store) -> Deployment:
    store.environments.create("lab")
    return store.deployments.begin("lab", "deploy", "one", "ann")


def entry(deployment: Deployment, step: str, event: StepEvent, seconds: float | None = None) -> JournalEntry:
    return JournalEntry(deployment.id, step, "alpha", step, "etcd", 1, event, 10.0, seconds, "1 change")


def line(deployment: Deployment, number: int, component: str = "alpha") -> Line:
    return Line(deployment.id, number, 1.5, component, "info", f"line {number}")


def test_deployments_are_numbered_within_their_environment(store: Store, deployment: Deployment) -> None:
    store.environments.create("other")
    assert store.deployments.begin("other", "deploy", "x", "bob").number == 1
    store.deployments.end(deployment.id, "succeeded")
    second = store.deployments.begin("lab", "scale-workers-up", "two", "bob")
    assert [(one.number, one.action, one.owner) for one in store.deployments.list("lab")] == [
        (2, "scale-workers-up", "bob"),
        (1, "deploy", "ann"),
    ]
    assert store.deployments.latest("lab") == second
    assert store.deployments.numbered("lab", 1).document == "one"
    with pytest.raises(Refusal, match="no deployment 7"):
        store.deployments.numbered("lab", 7)


@pytest.mark.parametrize(
    ("deleting", "ending", "status"),
    [
        (False, "succeeded", "ready"),
        (False, "failed", "deploy failure"),
        (False, "cancelled", "deploy failure"),
        (False, "interrupted", "deploy failure"),
        (True, "succeeded", "new"),
        (True, "failed", "delete failure"),
    ],
)
def test_the_environments_status_follows_its_deployment(
    store: Store, deleting: bool, ending: Ending, status: str
) -> None:
    store.environments.create("lab")
    begun = store.deployments.begin("lab", "deploy", "one", "ann", deleting=deleting)
    assert store.environments.require("lab").status == ("deleting" if deleting else "deploying")
    store.deployments.end(begun.id, ending)
    assert store.environments.require("lab").status == status
    assert store.deployments.require(begun.id).state == ending


def test_after_a_deletion_nothing_is_deployed(store: Store) -> None:
    store.environments.create("lab")
    store.deployments.end(store.deployments.begin("lab", "destroy", "one", "ann", deleting=True).id, "succeeded")
    assert store.environments.require("lab").document is None


def test_the_version_counts_changed_documents_only(store: Store, deployment: Deployment) -> None:
    store.deployments.end(deployment.id, "succeeded")
    store.deployments.end(store.deployments.begin("lab", "deploy", "one", "ann").id, "succeeded")
    assert store.environments.require("lab").version == 1
    store.deployments.begin("lab", "deploy", "two", "ann")
    assert store.environments.require("lab").version == 2


def test_an_ending_is_written_once(store: Store, deployment: Deployment) -> None:
    assert [one.number for one in store.deployments.interrupt("lab")] == [1]
    store.deployments.end(deployment.id, "succeeded")
    assert store.deployments.require(deployment.id).state == "interrupted"
    assert store.environments.require("lab").status == "deploy failure"


def test_followers_read_the_lines_after_the_last_one_they_have(store: Store, deployment: Deployment) -> None:
    store.lines.append([line(deployment, number) for number in (1, 2, 3)])
    assert [one.number for one in store.lines.after(deployment.id, 1)] == [2, 3]
    assert store.lines.last_number(deployment.id) == 3
    assert store.lines.after(deployment.id, 3) == []


def test_a_components_lines_are_read_over_all_deployments_in_order(store: Store, deployment: Deployment) -> None:
    store.lines.append([line(deployment, 1), line(deployment, 2, "web"), line(deployment, 3)])
    store.deployments.end(deployment.id, "succeeded")
    second = store.deployments.begin("lab", "deploy", "one", "ann")
    store.lines.append([line(second, 1)])
    found = store.lines.of_component("lab", "alpha", most=2)
    assert [(one.deployment, one.number) for one in found] == [(deployment.id, 3), (second.id, 1)]


def test_an_intent_without_ending_is_unfinished(store: Store, deployment: Deployment) -> None:
    events = [("a", "intent"), ("b", "intent"), ("c", "unchanged"), ("a", "done"), ("d", "intent"), ("d", "failed")]
    store.journal.append(deployment.id, [entry(deployment, step, event) for step, event in events])  # type: ignore[arg-type]
    assert [one.step for one in store.journal.unfinished(deployment.id)] == ["b"]


def test_a_second_attempt_without_ending_is_unfinished_again(store: Store, deployment: Deployment) -> None:
    first = [entry(deployment, "a", "intent"), entry(deployment, "a", "failed")]
    store.journal.append(deployment.id, [*first, replace(first[0], attempt=2)])
    assert [(one.step, one.attempt) for one in store.journal.unfinished(deployment.id)] == [("a", 2)]


def test_past_durations_are_medians_of_what_changed_something(store: Store, deployment: Deployment) -> None:
    done = [entry(deployment, name, "done", seconds) for name, seconds in (("a", 1.0), ("b", 5.0), ("c", 90.0))]
    store.journal.append(deployment.id, [*done, entry(deployment, "d", "unchanged", 0.0)])
    assert store.journal.durations("lab") == {"etcd": 5.0}
    assert store.journal.durations("other") == {}


def test_nothing_is_journalled_for_a_deployment_that_was_taken_over(store: Store, deployment: Deployment) -> None:
    store.deployments.interrupt("lab")
    with pytest.raises(Refusal, match="deployment 1 is interrupted already"):
        store.journal.append(deployment.id, [entry(deployment, "a", "intent")], [line(deployment, 1)])
    assert (store.journal.of(deployment.id), store.lines.after(deployment.id)) == ([], [])


def test_entries_and_lines_are_one_transaction(store: Store, deployment: Deployment) -> None:
    store.lines.append([line(deployment, 1)])
    with pytest.raises(Exception, match="UNIQUE"):
        store.journal.append(deployment.id, [entry(deployment, "a", "intent")], [line(deployment, 1)])
    assert store.journal.of(deployment.id) == []


def test_forgetting_an_environment_forgets_all_that_belongs_to_it(store: Store, deployment: Deployment) -> None:
    store.journal.append(deployment.id, [entry(deployment, "a", "intent")], [line(deployment, 1)])
    store.values.set("lab", "alpha", "roster", ["kube-1"])
    store.environments.delete("lab")
    tables = ("deployments", "journal", "lines", '"values"', "environments")
    counts = [store._database.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables]
    assert counts == [0, 0, 0, 0, 0]


def test_a_transaction_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), store.transaction():
        store.environments.create("lab")
        raise RuntimeError
    assert store.environments.list() == []
    store.environments.create("lab")
    with Store(tmp_path / "home") as other:
        assert other.environments.get("lab") is not None
