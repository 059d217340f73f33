"""The README says what the code says: its documents, its tables, its picture."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.actions import COMPONENT_ACTIONS
from core.cli import main
from core.model.cluster import ControlPlane, Etcd, Gateways, KubernetesCluster, Workers
from core.model.container import Application, ApplicationPort
from core.model.declaration import Declaration
from core.model.document import parse
from core.model.host import DockerStandaloneHost
from core.model.manifest import KubernetesManifest
from core.model.pod import KubernetesPod
from core.model.provider import InventoryMachine, Nspawn, OpenStack
from core.model.registry import Registry
from core.simulator.faults import KINDS
from core.status import (
    ComponentStatus,
    ConditionStatus,
    DeploymentStatus,
    EndpointStatus,
    EnvironmentStatus,
    InstanceStatus,
    MemberStatus,
    NodeStatus,
    UsageStatus,
)
from tests.kubernetes.lab import document
from tests.readme_keys import BEGIN, END, key_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

_FIELDS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("Environment", "", Declaration),
    ("KubernetesCluster", "", KubernetesCluster),
    ("KubernetesCluster", "workers.", Workers),
    ("KubernetesCluster", "gateways.", Gateways),
    ("KubernetesCluster", "control_plane.", ControlPlane),
    ("KubernetesCluster", "registry.", Registry),
    ("KubernetesCluster", "etcd.", Etcd),
    ("KubernetesPod", "", KubernetesPod),
    ("KubernetesManifest", "", KubernetesManifest),
    ("Application", "", Application),
    ("Application", "ports[].", ApplicationPort),
    ("nspawn", "", Nspawn),
    ("inventory", "", InventoryMachine),
    ("openstack", "", OpenStack),
)
"""The section with a model's table, what its rows begin with, and the model."""

_SHAPES: tuple[type, ...] = (
    EnvironmentStatus,
    ComponentStatus,
    ConditionStatus,
    NodeStatus,
    MemberStatus,
    InstanceStatus,
    EndpointStatus,
    DeploymentStatus,
    UsageStatus,
)
"""What `--json` prints; etcd stands in the README with its members."""


def section(title: str) -> str:
    """The text from a heading to the next."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", _without_code(), re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title}"
    return found[1]


def rows(title: str) -> list[str]:
    """The first cells of a section's tables, as far as they are code."""
    return re.findall(r"^\| `([^`]+)`", section(title), re.MULTILINE)


def blocks(kind: str) -> list[str]:
    """The code blocks of this kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _without_code() -> str:
    return re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)


def test_the_table_of_keys_is_the_consoles_own() -> None:
    assert README.count(BEGIN) == README.count(END) == 1
    between = README.partition(BEGIN)[2].partition(END)[0]
    assert between.strip("\n") == key_table(), "python -m tests.readme_keys prints the right one"


def test_the_first_document_is_the_one_that_the_real_tests_deploy() -> None:
    shown = parse(blocks("yaml")[0])
    deployed = parse(document("http://10.0.0.1:5000"))
    same = {"registry": shown.clusters()[0].registry}
    assert shown.provider == deployed.provider
    assert shown.pods() == deployed.pods()
    assert shown.clusters() == tuple(cluster.model_copy(update=same) for cluster in deployed.clusters())


@pytest.mark.parametrize(("title", "prefix", "model"), _FIELDS, ids=lambda each: getattr(each, "__name__", each))
def test_every_field_of_the_document_has_its_row(title: str, prefix: str, model: type[BaseModel]) -> None:
    said = {re.split(r"[.\[]", row.removeprefix(prefix))[0] for row in rows(title) if row.startswith(prefix)}
    assert said == model.model_fields.keys()


def test_every_field_of_a_docker_host_is_named() -> None:
    named = set(re.findall(r"`(\w+)`", section("DockerStandaloneHost")))
    assert DockerStandaloneHost.model_fields.keys() <= named


def test_every_command_and_every_action_has_its_place() -> None:
    words = {row.split()[0] for row in rows("Command line")}
    assert words == main.commands.keys()
    assert all(f"`{action}`" in section("Command line") for action in COMPONENT_ACTIONS)


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__)
def test_every_field_of_the_json_is_named(shape: type) -> None:
    named = set(re.findall(r"`(?:\w+\.)*(\w+)(?:\[\])?`", section("Command line")))
    assert {field.name for field in dataclasses.fields(shape)} - {"etcd"} <= named


def test_the_picture_is_there_and_fetches_nothing() -> None:
    (picture,) = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    text = (ROOT / picture).read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "@import" not in text
    assert "url(http" not in text


def test_every_fault_has_its_row() -> None:
    assert [row.strip("`") for row in rows("simulated")] == list(KINDS)
