"""The description of an image: verified artifacts where machines look for them, and an element that puts them there."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from core.clouds.openstack import image as description
from core.clouds.simulated.artifacts import StandInArtifacts
from core.cluster.gateway import gateway_state
from core.cluster.system import PACKAGES
from core.deployment.image import bake, releases
from core.engine.errors import Refusal

ELEMENT = Path(description.__file__).parent / "elements/gondolier"


@pytest.fixture
def artifacts(tmp_path: Path) -> StandInArtifacts:
    return StandInArtifacts(tmp_path / "world")


async def test_every_artifact_of_the_minors_is_baked_and_listed(artifacts: StandInArtifacts, tmp_path: Path) -> None:
    baked = await bake(artifacts, tmp_path / "image", ["1.36"], "x86_64", "debian-12")
    assert {"kubelet 1.36.4", "containerd 2.3.7", "etcd 3.6.16", "calicoctl 3.31.0"} <= set(baked.artifacts)
    manifest = json.loads((tmp_path / "image/manifest.json").read_text())
    assert len(manifest["files"]) > len(baked.artifacts), "archives have several members"
    for member in manifest["files"]:
        content = (tmp_path / "image/artifacts" / member["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == member["sha256"]
    await artifacts.close()


def test_no_artifact_of_the_table_is_forgotten(artifacts: StandInArtifacts) -> None:
    assert {name for name, _ in releases(artifacts, "1.37")} == artifacts.table.sources.keys()


async def test_the_order_to_build_names_everything_the_element_needs(
    artifacts: StandInArtifacts, tmp_path: Path
) -> None:
    await bake(artifacts, tmp_path / "image", ["1.36"], "aarch64", "ubuntu-24.04")
    script = (tmp_path / "image/build.sh").read_text()
    for line in (
        "export DIB_RELEASE=noble",
        f"export GONDOLIER_BAKED={tmp_path}/image/artifacts",
        f"export ELEMENTS_PATH={tmp_path}/image/elements",
        f"exec disk-image-create -a arm64 -o {tmp_path}/image/gondolier-ubuntu-24.04 ubuntu vm",
    ):
        assert line in script
    await artifacts.close()


async def test_an_architecture_that_there_is_none_of(artifacts: StandInArtifacts, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no machines of riscv64"):
        await bake(artifacts, tmp_path / "image", ["1.36"], "riscv64", "debian-12")


def test_the_element_installs_what_the_machines_need() -> None:
    gateway = gateway_state(node="g", server="https://x", authority=b"", certificate=b"", key=b"")
    installed = yaml.safe_load((ELEMENT / "package-installs.yaml").read_text())
    assert installed.keys() == {*PACKAGES, *gateway.packages}


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Path]:
    """Artifacts handed over by the element's first script, and a root as diskimage-builder would have it."""
    baked, hooks, root = tmp_path / "baked", tmp_path / "hooks", tmp_path / "root"
    (baked / "dl.k8s.io").mkdir(parents=True)
    (baked / "dl.k8s.io/kubelet").write_text("program")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "haproxy.service").symlink_to("/lib/systemd/system/haproxy.service")
    given = os.environ | {"GONDOLIER_BAKED": str(baked), "TMP_HOOKS_PATH": str(hooks)}
    subprocess.run([ELEMENT / "extra-data.d/60-gondolier"], env=given, check=True)
    yield hooks


@pytest.mark.skipif(os.geteuid() != 0, reason="the element's scripts run as root")
def test_the_element_puts_artifacts_where_machines_look_and_starts_nothing(hooks: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    given = os.environ | {"GONDOLIER_IN_TARGET": str(hooks / "gondolier"), "GONDOLIER_ROOT": str(root)}
    subprocess.run([ELEMENT / "install.d/60-gondolier"], env=given, check=True)
    assert (root / "var/cache/gondolier/dl.k8s.io/kubelet").read_text() == "program"
    assert not (root / "etc/systemd/system/multi-user.target.wants/haproxy.service").is_symlink()


def test_artifacts_that_were_not_named_are_an_error_of_the_element() -> None:
    given = {key: value for key, value in os.environ.items() if key != "GONDOLIER_BAKED"}
    script = ELEMENT / "extra-data.d/60-gondolier"
    done = subprocess.run([script], env=given, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "gondolier image" in done.stderr
