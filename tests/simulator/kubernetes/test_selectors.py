"""Label and field selectors, and how a watch tells what begins or ceases to fit."""

from __future__ import annotations

import pytest

from core.simulator.kubernetes.history import Event
from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.selectors import Selection, label_test, selects
from tests.simulator.kubernetes.kubelets import run_pod


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier", True),
        ("app!=web", False),
        ("!app", False),
        ("!other", True),
        ("app in (web, db)", True),
        ("app notin (web,db)", False),
        ("other notin (x)", True),
        ("size>2", True),
        ("size<3", False),
        ("example.com/name=x", False),
    ],
)
def test_label_selectors(text: str, fits: bool) -> None:
    assert label_test(text)({"app": "web", "tier": "", "size": "3"}) is fits


@pytest.mark.parametrize("text", ["app web", "=x", "app in web", "size>many", "a=b=c"])
def test_what_is_no_label_selector_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        label_test(text)
    assert caught.value.status == 400


def test_label_selector_objects() -> None:
    expressions = [{"key": "a", "operator": "In", "values": ["1"]}, {"key": "b", "operator": "DoesNotExist"}]
    assert selects({"matchExpressions": expressions}, {"a": "1"})
    assert not selects({"matchExpressions": expressions}, {"a": "1", "b": ""})
    assert selects({}, {}) and not selects(None, {})


async def test_a_watch_sees_objects_come_into_a_selection_and_leave_it() -> None:
    objects = Objects()
    listener = objects.subscribe("pods")
    pod = run_pod(objects, "a", labels={"app": "x"})
    relabelled = pod | {"metadata": pod["metadata"] | {"labels": {"app": "y"}}}
    objects.update("pods", relabelled)
    objects.remove("pods", "default", "a")
    events = await listener.batch()
    assert told(events, Selection("pods", labels="app=x")) == ["ADDED", "MODIFIED", "DELETED"]
    assert told(events, Selection("pods", labels="app=y")) == ["ADDED", "DELETED"]
    assert told(events, Selection("pods", fields="spec.nodeName=n1,status.phase=Running")) == [
        "ADDED",
        "MODIFIED",
        "DELETED",
    ]
    assert told(events, Selection("pods", namespace="other")) == []
    assert told(events, Selection("pods")) == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]


def told(events: list[Event], selection: Selection) -> list[str]:
    """As what a selection shows events."""
    return [shown for event in events if (shown := selection.shows(event))]
