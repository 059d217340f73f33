"""The stand-ins of the simulated provider: everything that a cluster needs is published, verified and unpacked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.clouds.simulated.artifacts import StandInArtifacts
from core.machines.artifacts import version_table
from core.machines.artifacts.checks import program_architecture
from core.machines.state import Binary

SHARED = {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"}
TABLE = version_table()


def version_of(artifact: str, minor: str) -> str:
    """The version that a minor names for an artifact, under its own name or its project's."""
    versions = TABLE.versions(minor)
    project = "kubernetes" if artifact in SHARED else "calico" if artifact == "calicoctl" else artifact
    return versions[project]


@pytest.mark.parametrize("minor", TABLE.minors)
@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
async def test_every_artifact_can_be_fetched_without_a_network(minor: str, arch: str, tmp_path: Path) -> None:
    artifacts = StandInArtifacts(tmp_path)
    for artifact in TABLE.sources:
        found = await artifacts.fetch(artifact, version_of(artifact, minor), arch)
        assert found.is_relative_to(tmp_path / "artifacts")
    await artifacts.close()


async def test_the_programs_of_an_archive_are_for_the_machines_architecture(tmp_path: Path) -> None:
    artifacts = StandInArtifacts(tmp_path)
    for name, version in (("etcd", "3.6.16"), ("cni-plugins", "1.9.1")):
        member = "etcdctl" if name == "etcd" else "bridge"
        (program,) = await artifacts.programs(Binary("/usr/local/bin/x", name, version, member), "aarch64")
        assert program_architecture(program.local) == "arm64"
    await artifacts.close()


async def test_looking_publishes_nothing(tmp_path: Path) -> None:
    artifacts = StandInArtifacts(tmp_path)
    assert artifacts.known(Binary("/usr/local/bin/runc", "runc", "1.4.3"), "x86_64") is None
    assert list(tmp_path.iterdir()) == []
    await artifacts.close()
