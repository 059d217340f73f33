"""Changed counts and the sentences that refuse them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.model.counts import Limit, with_gateway_count, with_replicas, with_worker_count
from core.model.document import dump, parse
from core.model.environment import Environment
from tests.unit.model.samples import EXAMPLE, example

Change = Callable[[Environment, str, int], Environment]


def test_one_worker_more_changes_the_count_and_nothing_else() -> None:
    assert with_worker_count(example(), "alpha", 3) == parse(EXAMPLE.replace("count: 2", "count: 3"))


def test_one_gateway_more_changes_the_count_and_nothing_else() -> None:
    assert with_gateway_count(example(), "alpha", 2) == parse(EXAMPLE.replace("count: 1", "count: 2"))


def test_more_replicas_change_the_pod_and_nothing_else() -> None:
    assert with_replicas(example(), "web", 5) == parse(EXAMPLE.replace("replicas: 2", "replicas: 5"))


def test_a_changed_environment_is_a_document_again() -> None:
    changed = with_worker_count(example(), "alpha", 5)

    assert parse(dump(changed)) == changed


@pytest.mark.parametrize(
    ("change", "name", "count", "sentence"),
    [
        (with_worker_count, "alpha", 6, "alpha: maximum of 5 workers reached – raise workers.max"),
        (with_worker_count, "alpha", 0, "alpha: at least one worker must stay"),
        (with_gateway_count, "alpha", 3, "alpha: maximum of 2 gateways reached – raise gateways.max"),
        (with_gateway_count, "alpha", 0, "alpha: at least one gateway must stay"),
        (with_replicas, "web", 0, "web: at least one replica must stay"),
        (with_replicas, "web", 10001, "web: maximum of 10000 replicas reached"),
    ],
)
def test_a_count_beyond_its_limits_is_refused_with_a_sentence(
    change: Change, name: str, count: int, sentence: str
) -> None:
    environment = example()

    with pytest.raises(Limit) as caught:
        change(environment, name, count)

    assert str(caught.value) == sentence
    assert environment == example()


@pytest.mark.parametrize("replicas", [0, 1, 2])
def test_a_bare_pod_is_not_scaled(replicas: int) -> None:
    environment = parse(EXAMPLE.replace("replicas: 2", "replicas: 0"))

    with pytest.raises(Limit, match="bare pod"):
        with_replicas(environment, "web", replicas)


@pytest.mark.parametrize(
    ("change", "name"),
    [(with_worker_count, "web"), (with_gateway_count, "nobody"), (with_replicas, "alpha"), (with_replicas, "nobody")],
)
def test_what_is_not_there_or_has_no_such_count_is_a_key_error(change: Change, name: str) -> None:
    with pytest.raises(KeyError, match=name):
        change(example(), name, 1)
