"""EndpointSlices and Endpoints: pure, from objects to changes."""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.controllers import endpoints, endpointslice
from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, Update
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import NOW, meta, pod, row


def service(*ports: Object, **spec: Any) -> Object:
    body = {"selector": {"app": "web"}, "ports": list(ports) or [{"name": "http", "port": 80}], **spec}
    return {"metadata": meta("web"), "spec": body}


def slices(thing: Object, *pods: Object, known: tuple[Object, ...] = ()) -> list[Change]:
    return list(endpointslice.reconcile(thing, known, [row(one) for one in pods], NOW))


def only(found: list[Change]) -> Object:
    assert len(found) == 1
    assert isinstance(found[0], Create | Update)
    return found[0].object


def test_a_service_without_pods_has_an_empty_slice() -> None:
    made = only(slices(service()))
    assert (made["endpoints"], made["ports"]) == ([], [])
    assert made["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
    assert made["metadata"]["ownerReferences"][0]["kind"] == "Service"


def test_conditions_of_ready_unready_and_leaving_pods() -> None:
    pods = [pod("a", ip="10.0.0.1"), pod("b", ip="10.0.0.2", ready=False), pod("c", ip="10.0.0.3", leaving=True)]
    found = {one["targetRef"]["name"]: one["conditions"] for one in only(slices(service(), *pods))["endpoints"]}
    assert found["a"] == {"ready": True, "serving": True, "terminating": False}
    assert found["b"] == {"ready": False, "serving": False, "terminating": False}
    assert found["c"] == {"ready": False, "serving": True, "terminating": True}


def test_pods_without_address_or_ended_are_left_out() -> None:
    made = only(slices(service(), pod("a"), pod("b", ip="10.0.0.2", phase="Succeeded")))
    assert made["endpoints"] == []


def test_unready_ones_are_published_on_request() -> None:
    asked = service(publishNotReadyAddresses=True)
    made = only(slices(asked, pod("a", ip="10.0.0.1", ready=False)))
    assert made["endpoints"][0]["conditions"]["ready"] is True


def test_named_ports_are_each_pods_own() -> None:
    def named(name: str, port: int) -> Object:
        ports = {"ports": [{"name": "http", "containerPort": port}]}
        return pod(name, ip=f"10.0.0.{port % 100}", spec={"container": ports})

    asked = service({"name": "http", "port": 80, "targetPort": "http"})
    found = slices(asked, named("a", 8001), named("b", 8002), named("c", 8001))
    ports = {one.object["ports"][0]["port"]: len(one.object["endpoints"]) for one in found if isinstance(one, Create)}
    assert ports == {8001: 2, 8002: 1}


def test_more_than_a_hundred_need_another_slice_and_fewer_give_it_back() -> None:
    pods = [pod(f"p{number:03}", ip=f"10.0.1.{number}") for number in range(150)]
    made = [one.object for one in slices(service(), *pods) if isinstance(one, Create)]
    assert [len(one["endpoints"]) for one in made] == [100, 50]
    for one in made:
        one["metadata"] |= {"uid": one["metadata"]["name"], "creationTimestamp": "2026-01-01T00:00:00Z"}
    found = slices(service(), *pods[:3], known=tuple(made))
    assert [type(one) for one in found] == [Update, Delete]


def test_nothing_changes_nothing() -> None:
    made = only(slices(service(), pod("a", ip="10.0.0.1")))
    assert slices(service(), pod("a", ip="10.0.0.1"), known=(made,)) == []


def test_a_service_without_selector_is_left_alone() -> None:
    assert slices(service(selector=None), pod("a", ip="10.0.0.1")) == []


def test_endpoints_say_who_is_ready() -> None:
    pods = [row(pod("a", ip="10.0.0.1", node="n1")), row(pod("b", ip="10.0.0.2", ready=False))]
    subset = only(list(endpoints.reconcile(service(), None, pods)))["subsets"][0]
    assert [one["ip"] for one in subset["addresses"]] == ["10.0.0.1"]
    assert [one["ip"] for one in subset["notReadyAddresses"]] == ["10.0.0.2"]
    assert subset["ports"] == [{"name": "http", "port": 80, "protocol": "TCP"}]
