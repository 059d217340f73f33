"""The words that kubectl shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kube.rows import Metadata, NodeRow, PodRow
from core.kube.words import PodWords, _any, age_seconds, age_text, node_words, pod_words
from tests.unit.kube.samples import pod, running


def _row(status: dict[str, Any], spec: dict[str, Any] | None = None, **metadata: Any) -> PodRow:
    thing = pod("web")
    thing["status"] = status
    thing["spec"] |= spec or {}
    thing["metadata"] |= metadata
    return msgspec.convert(thing, PodRow)


def _container(ready: bool = False, restarts: int = 0, name: str = "site", **state: Any) -> dict[str, Any]:
    return {"name": name, "ready": ready, "restartCount": restarts, "state": state}


_READY = [{"type": "Ready", "status": "True"}]
_BACK_OFF = {"reason": "CrashLoopBackOff", "message": "back-off 10s"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Pending"}, PodWords("Pending", 0, 1, 0)),
        ({"phase": "Failed", "reason": "Evicted"}, PodWords("Evicted", 0, 1, 0)),
        (
            {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
            },
            PodWords("SchedulingGated", 0, 1, 0),
        ),
        (
            {"phase": "Pending", "containerStatuses": [_container(waiting={"reason": "ContainerCreating"})]},
            PodWords("ContainerCreating", 0, 1, 0),
        ),
        (
            {"phase": "Running", "containerStatuses": [_container(True, 2, running={})], "conditions": _READY},
            PodWords("Running", 1, 1, 2),
        ),
        (
            {"phase": "Running", "containerStatuses": [_container(False, 7, waiting=_BACK_OFF)]},
            PodWords("CrashLoopBackOff", 0, 1, 7),
        ),
        (
            {"phase": "Failed", "containerStatuses": [_container(terminated={"exitCode": 3})]},
            PodWords("ExitCode:3", 0, 1, 0),
        ),
        (
            {"phase": "Failed", "containerStatuses": [_container(terminated={"exitCode": 137, "signal": 9})]},
            PodWords("Signal:9", 0, 1, 0),
        ),
        (
            {"phase": "Succeeded", "containerStatuses": [_container(terminated={"reason": "Completed"})]},
            PodWords("Completed", 0, 1, 0),
        ),
    ],
)
def test_a_pods_status_is_the_word_of_its_containers(status: dict[str, Any], expected: PodWords) -> None:
    assert pod_words(_row(status)) == expected


def test_one_container_that_ended_well_leaves_the_pod_running() -> None:
    done, on = _container(terminated={"reason": "Completed"}), _container(True, name="two", running={})
    status = {"phase": "Running", "containerStatuses": [done, on]}
    assert pod_words(_row(status)).status == "NotReady"
    assert pod_words(_row(status | {"conditions": _READY})).status == "Running"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"running": {}}, "Init:0/2"),
        ({"waiting": {"reason": "PodInitializing"}}, "Init:0/2"),
        ({"waiting": {"reason": "ErrImagePull"}}, "Init:ErrImagePull"),
        ({"terminated": {"exitCode": 1, "reason": "Error"}}, "Init:Error"),
        ({"terminated": {"exitCode": 4}}, "Init:ExitCode:4"),
    ],
)
def test_an_init_container_that_has_not_ended_well_gives_the_word(state: dict[str, Any], word: str) -> None:
    spec = {"initContainers": [{"name": "one"}, {"name": "two"}]}
    found = [_container(False, 3, "one", **state)]
    assert pod_words(_row({"phase": "Pending", "initContainerStatuses": found}, spec)) == PodWords(word, 0, 1, 3)


def test_a_sidecar_counts_as_a_container() -> None:
    spec = {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]}
    sidecar = _container(True, 1, "proxy", running={}) | {"started": True}
    own = [_container(True, 2, running={})]
    row = _row({"phase": "Running", "initContainerStatuses": [sidecar], "containerStatuses": own}, spec)
    assert pod_words(row) == PodWords("Running", 2, 2, 3)


def test_a_pod_on_its_way_out_is_terminating_unless_it_has_ended_or_its_node_is_lost() -> None:
    leaving: dict[str, Any] = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    assert pod_words(_row({"phase": "Running"}, None, **leaving)).status == "Terminating"
    assert pod_words(_row({"phase": "Succeeded"}, None, **leaving)).status == "Succeeded"
    assert pod_words(_row({"phase": "Running", "reason": "NodeLost"}, None, **leaving)).status == "Unknown"


@pytest.mark.parametrize(
    ("conditions", "unschedulable", "word"),
    [
        ([], False, "Unknown"),
        ([{"type": "Ready", "status": "True"}], False, "Ready"),
        ([{"type": "Ready", "status": "Unknown"}], False, "NotReady"),
        ([{"type": "Ready", "status": "True"}], True, "Ready,SchedulingDisabled"),
    ],
)
def test_a_nodes_word(conditions: list[dict[str, str]], unschedulable: bool, word: str) -> None:
    thing = {
        "metadata": {"name": "kube-2"},
        "spec": {"unschedulable": unschedulable, "podCIDR": "10.1.0.0/24"},
        "status": {"conditions": conditions},
    }
    node = msgspec.convert(thing, NodeRow)
    assert node_words(node) == word
    assert node.spec.pod_cidr == "10.1.0.0/24"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (330, "5m30s"),
        (600, "10m"),
        (10799, "179m"),
        (10800, "3h"),
        (11460, "3h11m"),
        (28800, "8h"),
        (172800, "2d"),
        (187200, "2d4h"),
        (691200, "8d"),
        (63072000, "2y"),
        (63158400, "2y1d"),
        (252288000, "8y"),
    ],
)
def test_an_age_is_shortened_as_kubectl_does(seconds: int, text: str) -> None:
    assert age_text(seconds) == text


@given(st.integers(min_value=0, max_value=10**9))
def test_an_age_never_claims_more_than_has_passed(seconds: int) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}
    number, total = "", 0
    for letter in age_text(seconds):
        if letter.isdigit():
            number += letter
        else:
            total += int(number) * units[letter]
            number = ""
    assert total <= seconds <= total * 1.2 + 1


def test_an_age_counts_from_creation_and_never_below_zero() -> None:
    now = datetime.now(UTC)
    assert age_seconds(Metadata("a", creation_timestamp=now - timedelta(seconds=90)), now) == 90
    assert age_seconds(Metadata("a", creation_timestamp=now + timedelta(seconds=5)), now) == 0
    assert age_seconds(Metadata("a"), now) == 0


@given(
    st.sampled_from(["Running", "Pending", "Failed"]), st.booleans(), st.booleans(), st.integers(0, 3), st.booleans()
)
def test_a_pod_that_simply_runs_is_told_the_same_either_way(
    phase: str, ready: bool, leaving: bool, restarts: int, waits: bool
) -> None:
    status = running("containerd://a", restarts)
    container = status["containerStatuses"][0]
    container["ready"] = ready
    if waits:
        container["state"] = {"waiting": {"reason": "CrashLoopBackOff"}}
    thing = pod("a", **status | {"phase": phase})
    if leaving:
        thing["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    row = msgspec.convert(thing, PodRow)
    assert pod_words(row) == _any(row)
