"""What belongs to no environment is found by its mark, and removed where it is this home's or was named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.store.store import Store
from tests.openstack.inventory import inventory
from tests.openstack.project import Project
from tests.openstack.test_3_refused import gondolier


def listed(*arguments: str) -> list[dict[str, Any]]:
    done = gondolier("orphans", "--cloud", "testbed", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_an_abandoned_environment_is_listed_and_removed(project: Project) -> None:
    before = inventory(project.bed.place.clouds)
    project.deployed()
    assert listed() == [], "what belongs to an environment is no orphan"
    abandoned = gondolier("abandon", "lab")
    assert abandoned.returncode == 0, abandoned.stderr
    (orphan,) = listed()
    assert (orphan["environment"], orphan["ours"]) == ("lab", True)
    kinds = {words.rpartition(" ")[0] for words in orphan["objects"]}
    assert {"server", "server group", "port", "network", "router", "security group", "floating address"} <= kinds
    done = gondolier("orphans", "--cloud", "testbed", "--remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert "has nothing of lab any more" in done.stderr
    assert listed() == []
    assert inventory(project.bed.place.clouds) == before


def test_what_another_home_made_is_left_alone_until_it_is_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.deployed()
    identity = project.store.environments.require("lab").id.replace("-", "")[:12]
    with monkeypatch.context() as patch:
        patch.setenv("GONDOLIER_HOME", str(tmp_path / "elsewhere"))
        (orphan,) = listed()
        assert (orphan["id"], orphan["ours"]) == (identity, False)
        assert gondolier("orphans", "--cloud", "testbed", "--remove", "--yes").returncode == 0
        assert len(list(project.user.compute.servers())) == 3
        assert project.plan() == []
        done = gondolier("orphans", "--cloud", "testbed", "--remove", "--yes", "--id", identity)
        assert done.returncode == 0, done.stderr
    assert list(project.user.compute.servers()) == []


def test_without_a_cloud_to_look_at_it_says_what_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path / "home"))
    done = gondolier("orphans")
    assert done.returncode == 4
    assert "no environment of this home is in a cloud – name one of clouds.yaml with --cloud" in done.stderr
    with Store(tmp_path / "home") as store:
        assert store.environments.list() == []
    shutil.rmtree(tmp_path / "home")


def test_forms_are_filled_from_the_cloud(project: Project) -> None:
    import asyncio

    from core.console import Console

    found = asyncio.run(Console(project.store).choices("testbed"))
    assert [one.name for one in found.fitting_flavors()] == ["m1.small", "m1.too-big", "m1.medium"]
    assert [(one.name, one.matches("os_distro=debian")) for one in found.images] == [("debian-12", True)]
    assert found.zones == ("nova",)
    assert "private" in found.networks
    assert found.external_networks == ("public",)
    servers = found.quota("servers")
    assert servers is not None
    assert (servers.used, servers.limit, servers.share) == (0, 10, 0.0)
    assert {"vCPUs", "MiB of memory", "ports", "floating addresses"} <= {one.name for one in found.quotas}
