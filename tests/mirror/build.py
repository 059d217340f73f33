"""Build the components that are missing and publish them into the release mirror.

Run as ``python -m tests.mirror.build [component ...]``; without names everything is built.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mirror import store
from tests.mirror.components import COMPONENTS, Artifact, Component

TAIL_LINES = 30


class BuildError(Exception):
    """A component could not be built; the text says what to do or what the compiler said."""


def module_folder(component: Component) -> Path:
    """Return the folder of the component's own Go module."""
    return store.HERE / "modules" / component.name


def key_of(component: Component, version: str) -> str:
    """Name a build by its version and by everything else that would change the programs."""
    files = sorted(module_folder(component).glob("*.*"))
    return f"{version}-{store.short_key(repr(component).encode(), *(f.read_bytes() for f in files))}"


def programs_of(name: str) -> Path:
    """Return the folder with a component's programs, as built from the present versions."""
    return store.cache() / "bin" / name / key_of(COMPONENTS[name], store.versions()[name])


def default_name(package: str, component: Component) -> str:
    """Return the file name the Go tool gives to the program of a package."""
    parts = [part for part in package.split("/") if not re.fullmatch(r"v\d+", part)]
    return component.name if parts[-1] == "." else parts[-1]


def fill(text: str, version: str) -> str:
    """Put the version into a path or linker flag."""
    major, minor, *_ = version.split(".")
    return text.replace("{v}", version).replace("{major}", major).replace("{minor}", minor)


def check_pin(component: Component, version: str) -> None:
    """Refuse a version table that says something else than the module that is built."""
    pinned = (module_folder(component) / "go.mod").read_text()
    if " v" in pinned and f" v{version}" not in pinned:
        raise BuildError(f"modules/{component.name}/go.mod does not pin v{version} as versions.json says")


def go_build(component: Component, version: str, out: Path) -> None:
    """Compile a component's programs into a folder, or fail with the end of the compiler's output."""
    flags = ["-p", "2", "-trimpath", "-buildvcs=false", "-tags", component.tags]
    linker = f"-s -w {fill(component.ldflags, version)}"
    command = ["go", "build", *flags, "-ldflags", linker, "-o", f"{out}/", *component.programs.values()]
    env = {**os.environ, "CGO_ENABLED": "1" if component.cgo else "0", "GOWORK": "off"}
    folder = module_folder(component)
    done = subprocess.run(command, check=False, cwd=folder, env=env, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        needs = f"\n(it needs: {', '.join(component.needs)})" if component.needs else ""
        raise BuildError("\n".join(done.stderr.splitlines()[-TAIL_LINES:]) + needs)
    for name, package in component.programs.items():
        (out / default_name(package, component)).rename(out / name)


def write_archive(target: Path, folder: str, programs: Sequence[Path]) -> None:
    """Write a gzipped tar whose bytes depend on nothing but the programs."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for program in programs:
            entry = tarfile.TarInfo(f"{folder}{program.name}")
            entry.size, entry.mode = program.stat().st_size, 0o755
            with program.open("rb") as stream:
                archive.addfile(entry, stream)


def publish(artifact: Artifact, version: str, programs: Path) -> None:
    """Put one released file, then its checksum file, into the mirror."""
    target = store.mirror() / fill(artifact.path, version)
    members = [programs / name for name in artifact.programs]
    with store.new_file(target) as temporary:
        if artifact.folder is None:
            os.link(members[0], temporary)
        else:
            write_archive(temporary, fill(artifact.folder, version), members)
    if artifact.sums:
        digest = store.digest_of(target)
        with store.new_file(target.parent / fill(artifact.sums, version)) as temporary:
            temporary.write_text(digest if artifact.digest_only else f"{digest}  {target.name}\n")


def is_published(artifact: Artifact, version: str) -> bool:
    """Tell whether a released file and its checksum are in the mirror."""
    target = store.mirror() / fill(artifact.path, version)
    return target.exists() and (not artifact.sums or (target.parent / fill(artifact.sums, version)).exists())


def publish_all(component: Component, version: str, programs: Path, again: bool) -> None:
    """Publish the component's artifacts: all of them again, or those that are missing."""
    for artifact in component.artifacts:
        if again or not is_published(artifact, version):
            publish(artifact, version, programs)


def ensure(component: Component) -> str:
    """Build and publish a component unless that was done before, and say which it was."""
    version = store.versions()[component.name]
    check_pin(component, version)
    programs = programs_of(component.name)
    if programs.is_dir():
        publish_all(component, version, programs, again=False)
        return "ready"
    # The folder gets its name last: an interrupted run then publishes again instead of leaving old files.
    with store.new_folder(programs) as folder:
        go_build(component, version, folder)
        publish_all(component, version, folder, again=True)
    return "built"


def report(component: Component) -> bool:
    """Ensure one component, print its line, and tell whether it is there now."""
    started, version = time.monotonic(), store.versions()[component.name]
    try:
        outcome = ensure(component)
    except (BuildError, OSError) as problem:
        print(f"{component.name} {version} FAILED\n{problem}", flush=True)
        return False
    print(f"{component.name} {version} {outcome} {time.monotonic() - started:.0f} s", flush=True)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the named components, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mirror.build", description=__doc__)
    parser.add_argument("component", nargs="*", help=", ".join(COMPONENTS))
    names = parser.parse_args(arguments).component or list(COMPONENTS)
    unknown = [name for name in names if name not in COMPONENTS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    with store.exclusive():
        failures = [name for name in names if not report(COMPONENTS[name])]
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
