"""The version table: which releases belong together, where each is published, and how it is verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import yaml

from core.engine.errors import Refusal

Digest = Literal["sha256", "sha512"]

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "amd64": "amd64", "arm64": "arm64"}
"""Publishers' names of architectures by `uname -m` (and by themselves)."""


@dataclass(frozen=True, slots=True)
class Source:
    """How an artifact is published; see versions.yaml."""

    url: str
    sums: str = ""
    digest: Digest = "sha256"
    strip: int = 0


@dataclass(frozen=True, slots=True)
class Release:
    """One published file. `path` is its place under a cache or a mirror: the original host name, then its path."""

    name: str
    version: str
    arch: str
    source: Source
    pin: str = ""

    @property
    def url(self) -> str:
        return self.source.url.format(version=self.version, arch=self.arch)

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.netloc}{parts.path}"

    @property
    def file(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def sums(self) -> str:
        """The file beside it that holds its checksum, empty where there is none."""
        return self.source.sums.format(file=self.file, version=self.version, arch=self.arch)

    def __str__(self) -> str:
        return f"{self.name} {self.version} for {self.arch}"


@dataclass(frozen=True, slots=True)
class VersionTable:
    """Releases that belong together by Kubernetes minor, and sources by artifact.

    `pins` are sha256 by (name, version, arch); they come before what a publisher says.
    """

    minors: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Source]
    pins: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def versions(self, minor: str) -> Mapping[str, str]:
        """The versions of everything that goes with a Kubernetes minor such as "1.36".

        Raises:
            Refusal: the table does not have it.
        """
        try:
            return self.minors[minor]
        except KeyError:
            raise Refusal(f"Kubernetes {minor} is not supported", fix=f"use {', '.join(self.minors)}") from None

    def release(self, name: str, version: str, arch: str) -> Release:
        """The published file of an artifact for a machine's architecture (either of its names).

        Raises:
            Refusal: there is no such artifact, or nothing is published for the architecture.
        """
        if name not in self.sources:
            raise Refusal(f"no artifact is called {name}", fix=f"use one of {', '.join(self.sources)}")
        if arch not in ARCHITECTURES:
            raise Refusal(f"{name} is not published for {arch}", fix="use machines of x86_64 or aarch64")
        own = ARCHITECTURES[arch]
        return Release(name, version, own, self.sources[name], self.pins.get((name, version, own), ""))


def parse_table(text: str, pins: Mapping[tuple[str, str, str], str] | None = None) -> VersionTable:
    """Read a table in the form of versions.yaml, with pins beside its own."""
    document = yaml.safe_load(text)
    own = {
        (name, version, arch): digest
        for name, versions in document.get("pins", {}).items()
        for version, architectures in versions.items()
        for arch, digest in architectures.items()
    }
    sources = {name: Source(**fields) for name, fields in document["artifacts"].items()}
    return VersionTable(document["kubernetes"], sources, {**own, **(pins or {})})


@cache
def version_table() -> VersionTable:
    """The table that comes with the product."""
    return parse_table(Path(__file__).with_name("versions.yaml").read_text())
