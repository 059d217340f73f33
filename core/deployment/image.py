"""`gondolier image`: a directory from which diskimage-builder makes a cloud image with everything baked in."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clouds.openstack import image as description
from core.engine.errors import Refusal, Trouble
from core.machines.artifacts import Artifacts
from core.machines.artifacts.index import read_entry
from core.machines.artifacts.table import ARCHITECTURES

ELEMENT = "gondolier"
BUILDER = "disk-image-create"

DISTRIBUTIONS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "debian-12": (("debian", "vm"), {"DIB_RELEASE": "bookworm"}),
    "debian-13": (("debian", "vm"), {"DIB_RELEASE": "trixie"}),
    "ubuntu-24.04": (("ubuntu", "vm"), {"DIB_RELEASE": "noble"}),
}
"""diskimage-builder's elements and settings for each system that machines may run."""

_VERSIONED_AS = {"calicoctl": "calico"}
"""Artifacts that have the version of something else, beside the kube-… programs, which have Kubernetes'."""


@dataclass(frozen=True, slots=True)
class Baked:
    """What was written: `artifacts` in words, `command` makes the image of it."""

    directory: Path
    artifacts: tuple[str, ...]
    command: str


async def bake(artifacts: Artifacts, target: Path, minors: Sequence[str], arch: str, distribution: str) -> Baked:
    """Write the description of an image for these Kubernetes minors; what was there of an earlier one is replaced.

    Raises:
        Refusal: a minor, architecture or distribution that there is none of; an artifact that cannot be verified.
        Trouble: the directory cannot be written.
    """
    if arch not in ARCHITECTURES:
        raise Refusal(f"there are no machines of {arch}", fix=f"use one of {', '.join(ARCHITECTURES)}")
    wanted = dict.fromkeys(one for minor in minors for one in releases(artifacts, minor))
    for name, version in wanted:
        await artifacts.fetch(name, version, arch)
    try:
        await asyncio.to_thread(_write, artifacts, target, list(wanted), arch, distribution)
    except OSError as error:
        raise Trouble(f"the image's description cannot be written: {error.strerror}", where=str(target)) from error
    names = tuple(f"{name} {version}" for name, version in wanted)
    return Baked(target, names, f"sh {shlex.quote(str(target / 'build.sh'))}")


def releases(artifacts: Artifacts, minor: str) -> list[tuple[str, str]]:
    """Every artifact that the machines of a Kubernetes minor may need, with its version."""
    versions = artifacts.versions(minor)
    return [(name, version) for name in artifacts.table.sources if (version := _version(name, versions))]


def _version(name: str, versions: Mapping[str, str]) -> str:
    key = "kubernetes" if name.startswith("kube") else _VERSIONED_AS.get(name, name)
    return versions.get(key, "")


def _write(artifacts: Artifacts, target: Path, wanted: Sequence[tuple[str, str]], arch: str, distribution: str) -> None:
    baked, elements = target / "artifacts", target / "elements"
    for directory in (baked, elements):
        shutil.rmtree(directory, ignore_errors=True)
    source = Path(description.__file__).parent / "elements"
    shutil.copytree(source, elements, ignore=shutil.ignore_patterns("__pycache__"))
    # diskimage-builder runs only what may be executed, and not every way of installing us keeps that.
    for script in elements.glob("*/*.d/*"):
        script.chmod(0o755)
    members = []
    for name, version in wanted:
        entry = read_entry(artifacts.cache, artifacts.table.release(name, version, arch).path)
        for member in entry.members.values() if entry else ():
            _copy(artifacts.cache / member.place, baked / member.place)
            members.append({"artifact": name, "version": version, "file": member.place, "sha256": member.sha256})
    (target / "manifest.json").write_text(json.dumps({"arch": arch, "files": members}, indent=2) + "\n")
    (target / "build.sh").write_text(_script(target.absolute(), arch, distribution))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _script(target: Path, arch: str, distribution: str) -> str:
    elements, settings = DISTRIBUTIONS[distribution]
    exported = dict(settings) | {
        "ELEMENTS_PATH": str(target / "elements"),
        "GONDOLIER_BAKED": str(target / "artifacts"),
        "ARCH": ARCHITECTURES[arch],
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exported.items()]
    image = shlex.quote(str(target / f"gondolier-{distribution}"))
    order = f"exec {BUILDER} -a {ARCHITECTURES[arch]} -o {image} {' '.join(elements)} cloud-init-datasources {ELEMENT}"
    return "\n".join(["#!/bin/sh", "set -eu", *lines, order, ""])
