"""An API that is busy, restarts or loses replies: the run goes on, makes no twin, and says what it waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.errors import Refusal
from tests.openstack.documents import environment
from tests.openstack.project import Lines, Project
from tests.openstack.proxy import Proxy, Trick, proxying


@pytest.fixture
def proxy(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy between the product and the services; the test's own user goes by it."""
    with proxying() as found:
        clouds = tmp_path / "proxied.yaml"
        found.clouds(project.bed.place.clouds, clouds)
        with monkeypatch.context() as patch:
            patch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
            yield found


def test_bursts_of_429_and_503_are_waited_out(project: Project, proxy: Proxy) -> None:
    proxy.tricks += [
        Trick("GET /compute/v2.1/servers/detail", status=429, times=3, headers={"Retry-After": "1"}),
        Trick("GET /network/v2.0/ports", status=503, times=4),
        Trick("POST /network/v2.0/ports", status=503, times=2),
        Trick("POST /compute/v2.1/servers", status=429, times=2, headers={"Retry-After": "1"}),
        Trick("POST /network/v2.0/security-group-rules", status=500, times=2),
    ]
    told = project.deployed()
    assert [trick.times for trick in proxy.tricks] == [0] * 5
    assert "it answers 503: too busy just now – wait; it is tried again" in told.text
    assert len(list(project.user.compute.servers())) == 3
    assert project.plan() == []


def test_lost_replies_make_no_twins(project: Project, proxy: Proxy) -> None:
    """Each creation is done by the service, and its answer never arrives."""
    kinds = ("networks", "subnets", "routers", "security-groups", "ports", "floatingips")
    proxy.tricks += [Trick(f"POST /network/v2.0/{kind}$", "lose-reply") for kind in kinds]
    proxy.tricks += [
        Trick("POST /network/v2.0/security-group-rules$", "lose-reply", times=3),
        Trick("PUT /network/v2.0/routers/.*/add_router_interface", "lose-reply"),
        Trick("POST /compute/v2.1/os-server-groups$", "lose-reply"),
        Trick("POST /compute/v2.1/servers$", "lose-reply", times=2),
    ]
    told = project.deployed()
    assert [trick.times for trick in proxy.tricks] == [0] * len(proxy.tricks)
    assert "no answer" in told.text
    servers = [one.metadata["gondolier-machine"] for one in project.user.compute.servers()]
    assert sorted(servers) == ["gateway-1", "kube-1", "kube-2"]
    names = [one.name for one in project.user.network.ports() if one.name.startswith("lab-port-")]
    assert len(names) == len(set(names)) == 3
    assert len([one for one in project.user.network.networks() if one.name.startswith("lab-")]) == 1
    assert len(list(project.user.compute.server_groups())) == 3
    assert project.plan() == []


def test_requests_that_never_arrive_are_made_again(project: Project, proxy: Proxy) -> None:
    proxy.tricks += [
        Trick("POST /compute/v2.1/servers$", "lose-request"),
        Trick("POST /network/v2.0/ports$", "lose-request"),
        Trick("DELETE /compute/v2.1/servers/", "lose-request"),
    ]
    project.deployed()
    project.destroyed()
    assert [trick.times for trick in proxy.tricks] == [0] * 3


def test_replies_to_removals_that_are_lost_leave_nothing(project: Project, proxy: Proxy) -> None:
    project.deployed()
    for kind in ("servers", "ports", "floatingips", "networks", "subnets", "routers", "security-groups"):
        proxy.tricks.append(Trick(f"DELETE /.*/{kind}/[^/]*$", "lose-reply"))
    project.destroyed()
    assert [trick.times for trick in proxy.tricks] == [0] * 7


def test_an_api_that_stays_away_is_told_at_last(project: Project, proxy: Proxy) -> None:
    project.deployed()
    proxy.tricks.append(Trick("GET /network/", status=503, times=10_000))

    async def look(cloud: object) -> str:
        from core.clouds.openstack.provider import OpenStackCloud
        from core.engine.errors import Transient

        assert isinstance(cloud, OpenStackCloud)
        cloud._calls._patience = 3
        with pytest.raises(Transient) as caught:
            await cloud.machines()
        return str(caught.value)

    assert project.with_cloud(look) == "cloud testbed: it answers 503: too busy just now – wait; it is tried again"
    proxy.tricks.clear()


def test_a_token_that_ends_in_a_run_is_renewed_silently(project: Project, proxy: Proxy) -> None:
    from core.clouds.openstack.provider import OpenStackCloud

    wish = project.wish("kube-2")
    lines = Lines()

    async def work(cloud: OpenStackCloud) -> None:
        await cloud.lay_ground([wish], lines)
        token = await cloud._calls.do(lambda connection: connection.auth_token)
        project.admin.session.delete(
            f"{project.bed.place.url('keystone')}/v3/auth/tokens", headers={"X-Subject-Token": token}
        )
        await cloud.create(wish, lines)

    project.with_cloud(work)
    assert len([line for line in proxy.asked if line == "POST /identity/v3/auth/tokens"]) == 2
    assert "401" not in lines.text
    assert project.server("kube-2").status == "ACTIVE"


def test_a_token_that_cannot_be_renewed_is_told(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import yaml

    token = project.bed.connect().auth_token
    document = yaml.safe_load(project.bed.place.clouds.read_text())
    auth = document["clouds"]["testbed"]
    auth["auth_type"] = "v3token"
    auth["auth"] = {"auth_url": auth["auth"]["auth_url"], "token": token, "project_name": "demo",
                    "project_domain_name": "Default"}  # fmt: skip
    clouds = tmp_path / "token.yaml"
    clouds.write_text(yaml.safe_dump(document))
    project.admin.session.delete(
        f"{project.bed.place.url('keystone')}/v3/auth/tokens", headers={"X-Subject-Token": token}
    )
    with monkeypatch.context() as patch, pytest.raises(Refusal, match="it does not accept the login") as caught:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
        project.with_cloud(lambda cloud: cloud.machines())
    assert "clouds.yaml" in caught.value.fix


def test_keystone_restarts_in_the_middle_of_a_run(project: Project) -> None:
    """While it is away nobody can be known; every step waits, and the run ends as any other."""
    bed = project.bed

    def restart() -> None:
        time.sleep(1)
        bed.processes.stop("keystone")
        time.sleep(4)
        bed.restart_api("keystone")

    restarting = threading.Thread(target=restart)
    restarting.start()
    try:
        told = project.deployed(environment(2, 1))
    finally:
        restarting.join()
    assert len(list(project.user.compute.servers())) == 4
    assert project.plan() == []
    print(told.text)


def test_a_scheduler_that_stands_still_is_waited_for(project: Project) -> None:
    bed = project.bed
    bed.hang("nova-scheduler")
    waking = threading.Timer(6, lambda: bed.go_on("nova-scheduler"))
    waking.start()
    try:
        project.deployed()
    finally:
        waking.cancel()
        bed.go_on("nova-scheduler")
    assert {one.status for one in project.user.compute.servers()} == {"ACTIVE"}
