"""What the cloud does not allow or does not have: the sentence that a person reads, and nothing half made."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.engine.errors import Refusal, Transient
from tests.openstack.documents import declaration, environment
from tests.openstack.inventory import inventory
from tests.openstack.project import Lines, Project


def gondolier(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line itself, on the home that the test has."""
    return subprocess.run([sys.executable, "-m", "core", *arguments], capture_output=True, text=True, check=False)


def said(tmp_path: Path, **provider: Any) -> subprocess.CompletedProcess[str]:
    """What `deploy` of a document answers."""
    file = tmp_path / "lab.json"
    file.write_text(json.dumps(declaration(1, 1, **provider)))
    applied = gondolier("apply", str(file))
    assert applied.returncode == 0, applied.stderr
    return gondolier("deploy", "lab")


@contextmanager
def compute_quota(project: Project, **limits: int) -> Iterator[None]:
    """Other limits of Nova for the project, for a while."""
    demo = project.user.current_project_id
    project.admin.set_compute_quotas(demo, **limits)
    try:
        yield
    finally:
        project.admin.delete_compute_quotas(demo)


@contextmanager
def network_quota(project: Project, **limits: int) -> Iterator[None]:
    """Other limits of Neutron for the project, for a while."""
    demo = project.user.current_project_id
    project.admin.set_network_quotas(demo, **limits)
    try:
        yield
    finally:
        project.admin.delete_network_quotas(demo)


def test_quotas_are_told_before_anything_is_made(project: Project, tmp_path: Path) -> None:
    before = inventory(project.bed.place.clouds)
    with compute_quota(project, instances=2, cores=2), network_quota(project, floatingip=1):
        answer = said(tmp_path)
    assert answer.returncode == 4
    for sentence in (
        "quota of servers: 3 more needed, 2 of 2 left (have it raised to 3, declare less, or remove something)",
        "quota of vCPUs: 3 more needed, 2 of 2 left",
        "quota of floating addresses: 2 more needed, 1 of 1 left",
    ):
        assert sentence in answer.stderr
    assert inventory(project.bed.place.clouds) == before


def test_names_that_the_cloud_does_not_know(project: Project, tmp_path: Path) -> None:
    answer = said(tmp_path, flavor="m1.tiny", image="debian-99", key_pair="nobody's", availability_zone="mars")
    assert answer.returncode == 4
    for sentence in (
        "flavor m1.tiny is too small for a machine: 512 MiB of memory of 1024, 1 GiB of disk of 10",
        "there is no image debian-99 (images to choose from: debian-12)",
        "there is no key pair nobody's (known are: none)",
        "there is no availability zone mars (known are: nova)",
    ):
        assert sentence in answer.stderr


@pytest.mark.parametrize(
    ("provider", "sentence"),
    [
        ({"cloud": "nowhere"}, "cloud nowhere: Cloud nowhere was not found. – name a cloud that clouds.yaml has"),
        ({"external_network": "outer-space"}, "there is no external network outer-space"),
        ({"network": "no-such-network"}, "no networks are called no-such-network"),
    ],
    ids=["cloud", "external network", "network"],
)
def test_places_that_are_not_there(project: Project, tmp_path: Path, provider: dict[str, Any], sentence: str) -> None:
    answer = said(tmp_path, **provider)
    assert answer.returncode == 4, answer.stderr
    assert sentence in answer.stderr


def test_a_wrong_password(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text(project.bed.place.clouds.read_text().replace("password: testbed", "password: wrong"))
    with monkeypatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
        answer = said(tmp_path)
    assert answer.returncode == 4
    assert "it does not accept the login" in answer.stderr
    assert "clouds.yaml" in answer.stderr
    assert "wrong" not in answer.stderr


def test_a_quota_that_is_used_up_meanwhile_stops_cleanly_and_the_run_after_goes_on(project: Project) -> None:
    project.deployed(environment(1, 1))
    bigger = environment(2, 1)
    project.environment = bigger
    wish = project.wish("kube-3")
    with compute_quota(project, instances=3), pytest.raises(Refusal) as caught:
        project.with_cloud(lambda cloud: cloud.create(wish, Lines()))
    assert "Quota exceeded for instances: Requested 1, but already used 3 of 3 instances" in str(caught.value)
    assert caught.value.fix == "have the quota raised or remove something, then deploy again"
    project.deployed(bigger)
    assert project.plan() == []


def test_no_host_has_room(project: Project) -> None:
    told = project.deploy(environment(flavor="m1.too-big"))
    assert told.state == "failed"
    assert "the cloud has no room for it: No valid host was found" in told.text
    assert "choose a smaller flavor or another zone" in told.text
    assert list(project.user.compute.servers()) == [], "no server is left in ERROR"


def test_a_server_that_comes_up_wrong_is_replaced_and_its_fault_told(project: Project) -> None:
    with project.bed.faults("lab-kube-2-g1-* spawn fail disk on fire"):
        told = project.deployed()
    assert "came up wrong: " in told.text
    assert "disk on fire" in told.text
    assert project.server("kube-2").metadata["gondolier-generation"] == "2"
    assert project.server("kube-1").metadata["gondolier-generation"] == "1"


def test_servers_that_never_come_up_right_are_given_up(project: Project) -> None:
    with project.bed.faults("lab-kube-2-* spawn fail disk on fire"):
        told = project.deploy()
    assert told.state == "failed"
    assert "3 servers in a row came up wrong; the last one's fault: " in told.text
    assert {one.metadata["gondolier-machine"] for one in project.user.compute.servers()} == {"kube-1", "gateway-1"}


def test_a_deletion_that_fails_once_is_tried_again(project: Project) -> None:
    project.deployed()
    with project.bed.faults("lab-kube-2-* destroy fail disk is busy"), pytest.raises(Transient) as caught:
        project.with_cloud(lambda cloud: cloud.delete("kube-2", Lines()))
    assert "was not deleted: " in str(caught.value)
    assert "disk is busy" in str(caught.value)
    project.destroyed()
