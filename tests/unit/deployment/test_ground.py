"""What machines stand on comes before them, and what is published is let in after it is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from core.clouds.base import Grounded, OpenPort
from core.clouds.openstack.names import Marks
from core.clouds.openstack.provider import OpenStackCloud
from core.deployment.context import EnvironmentContext
from core.deployment.ground import cleared_steps, grounded, ports_steps, published_ports
from core.engine.step import Change, Step
from core.model.provider import OpenStack
from core.store.endpoints import EndpointRecord
from core.store.home import home_identity
from core.store.store import Store


def endpoint(component: str, port: int, scope: str, port_scope: str, protocol: str = "TCP") -> EndpointRecord:
    return EndpointRecord(component, "site", "10.0.0.1", port, scope, port_scope, 80, protocol)


def context(store: Store, cloud: object) -> EnvironmentContext:
    around = SimpleNamespace(store=store, name="lab", cloud=cloud, all_wishes=list, machines={})
    return cast("EnvironmentContext", around)


class Cloud:
    """Says what it was asked, and that everything differs."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def ground_changes(self, wishes: object) -> list[Change]:
        return [Change("create", "network")]

    async def port_changes(self, component: str, ports: object) -> list[Change]:
        self.asked.append((component, ports))
        return []

    async def leftover_changes(self, component: str) -> list[Change]:
        return [Change("delete", f"groups of {component}")]

    lay_ground = open_ports = clear = console = ground_changes


def step(phase: str) -> Step:
    async def probe() -> list[Change]:
        return []

    async def apply(changes: Any, report: Any) -> None:
        """Nothing happens."""

    return Step(f"alpha/{phase}", "alpha", "alpha", phase, phase, probe, apply)


def test_openstack_has_ground_and_says_so() -> None:
    assert isinstance(OpenStackCloud(Marks("lab", "0" * 12, "1" * 12), OpenStack(cloud="c")), Grounded)


def test_only_the_making_of_machines_waits_for_the_ground(store: Store) -> None:
    steps = grounded(context(store, Cloud()), [step("create"), step("pki")])
    assert {one.id: one.requires for one in steps} == {
        "lab/ground": frozenset(),
        "alpha/create": frozenset({"lab/ground"}),
        "alpha/pki": frozenset(),
    }


def test_a_provider_without_ground_has_no_such_steps(store: Store) -> None:
    plain = context(store, object())
    assert [one.id for one in grounded(plain, [step("create")])] == ["alpha/create"]
    assert ports_steps(plain, "alpha", list, []) == []
    assert cleared_steps(plain, "alpha", []) == []


def test_what_is_published_is_what_gateways_have_for_the_pods(store: Store) -> None:
    store.endpoints.replace("lab", "web", [
        endpoint("web", 80, "internal", "public"), endpoint("web", 80, "cloud", "public"),
        endpoint("web", 80, "public", "public"), endpoint("web", 5353, "cloud", "cloud", "UDP"),
        endpoint("web", 8080, "internal", "internal"),
    ])  # fmt: skip
    store.endpoints.replace("lab", "other", [endpoint("other", 81, "cloud", "public")])
    around = context(store, Cloud())
    assert published_ports(around, ["web"]) == [OpenPort(80, "TCP", True), OpenPort(5353, "UDP", False)]
    assert published_ports(around, []) == []


async def test_ports_are_asked_for_when_the_step_is_probed_not_when_it_is_planned(store: Store) -> None:
    cloud = Cloud()
    wanted = [OpenPort(80, "TCP", True)]
    (one,) = ports_steps(context(store, cloud), "alpha", lambda: list(wanted), ["web/endpoints"])
    assert one.requires == {"web/endpoints"}
    wanted.clear()
    assert await one.probe() == []
    assert cloud.asked == [("alpha", [])]


async def test_a_component_that_left_has_its_groups_removed_after_its_machines(store: Store) -> None:
    (one,) = cleared_steps(context(store, Cloud()), "alpha", ["alpha/kube-1/delete"])
    assert one.requires == {"alpha/kube-1/delete"}
    assert [change.subject for change in await one.probe()] == ["groups of alpha"]


def test_a_home_has_an_identity_that_stays_and_no_other_has(store: Store, tmp_path_factory: Any) -> None:
    first = home_identity(store.home)
    assert len(first) == 12
    assert home_identity(store.home) == first
    assert home_identity(tmp_path_factory.mktemp("other")) != first
    assert [path.name for path in store.home.glob(".identity*")] == []
