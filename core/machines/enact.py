"""Bringing a machine into a wanted state, in the one order that works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from core.engine.step import Change, Report
from core.machines.artifacts import Artifacts, Program
from core.machines.connection import Connection
from core.machines.difference import PROGRAM_MODE, diff, pending_packages, pending_programs
from core.machines.facts import gather
from core.machines.kernel import set_modules, set_sysctls
from core.machines.observed import Facts
from core.machines.packages import install
from core.machines.placing import absent_pieces, copy_pieces, directory_pieces, file_pieces, missing_copies
from core.machines.state import Desired
from core.machines.unit_actions import run_units, stop_units

CACHE_ON_MACHINE = "/var/cache/gondolier"
"""Where a machine may have the operator's artifact cache, read-only."""


async def enact(
    connection: Connection, desired: Desired, facts: Facts, artifacts: Artifacts, report: Report
) -> list[Change]:
    """Do what distinguishes the machine (as `facts` saw it) from the wish; gives what differed.

    Packages, modules, sysctls, units that stop, directories, programs, files, what shall be absent; then
    daemon-reload, enabling, and starting and restarting of units.

    Raises:
        Trouble: something failed on the machine, or a unit does not stay up (with its last journal lines).
        Unreachable: the connection was lost.
        Refusal: an artifact cannot be verified or is for another architecture.
    """
    programs = await _obtained(connection, desired, facts, artifacts, report)
    changes = diff(desired, facts, artifacts)
    if not changes:
        return []
    left = changes
    if packages := pending_packages(desired, facts):
        await install(connection, packages, report)
        # A package brings files and starts units of its own: a unit that would be started is to be restarted now.
        facts = await gather(connection, desired)
        left = diff(desired, facts, artifacts)
    await set_modules(connection, desired, facts, report)
    await set_sysctls(connection, desired, facts, report)
    await stop_units(connection, left, report)
    await _place(connection, desired, left, programs, report)
    await run_units(connection, desired, facts, left, report)
    return changes


async def _obtained(
    connection: Connection, desired: Desired, facts: Facts, artifacts: Artifacts, report: Report
) -> list[Program]:
    """The programs that the machine lacks, fetched to our cache where need be."""
    unknown = {(b.artifact, b.version) for b in desired.binaries if artifacts.known(b, facts.arch) is None}
    if unknown:
        report(f"{connection.name}: fetching {', '.join(sorted(f'{name} {version}' for name, version in unknown))}")
    found = await asyncio.gather(*(artifacts.programs(binary, facts.arch) for binary in desired.binaries))
    return [program for programs in found for program in pending_programs(programs, facts)]


async def _place(
    connection: Connection, desired: Desired, changes: Sequence[Change], programs: Sequence[Program], report: Report
) -> None:
    subjects = {change.subject for change in changes}
    if directories := [item for item in desired.directories if f"directory {item.path}" in subjects]:
        await connection.place(piece for item in directories for piece in directory_pieces(item))
    await _install(connection, programs, report)
    pieces = list(_file_pieces(desired, subjects))
    if pieces:
        await connection.place(pieces, timeout=120)
    for change in changes:
        if change.subject.startswith(("directory ", "file ")):
            report(f"{connection.name}: {_PAST.get(change.action, change.action)} {change.subject}")


_PAST = {"create": "created", "update": "updated", "delete": "removed"}


def _file_pieces(desired: Desired, subjects: set[str]) -> Iterator[bytes]:
    for file in desired.files:
        if f"file {file.path}" in subjects:
            yield from file_pieces(file)
    for path in desired.absent:
        if f"file {path}" in subjects:
            yield from absent_pieces(path)


async def _install(connection: Connection, programs: Sequence[Program], report: Report) -> None:
    """Copy what the machine finds in its view of our cache, upload the rest."""
    if not programs:
        return
    pieces = [
        piece
        for program in programs
        for piece in copy_pieces(program.path, f"{CACHE_ON_MACHINE}/{program.place}", program.sha256, PROGRAM_MODE)
    ]
    missing = missing_copies(await connection.place(pieces, timeout=600))
    uploads = [program for program in programs if program.path in missing]
    await asyncio.gather(
        *(connection.upload(item.local, item.path, PROGRAM_MODE, sha256=item.sha256) for item in uploads)
    )
    for program in programs:
        way = "uploaded" if program.path in missing else "copied"
        report(f"{connection.name}: {way} {program.path} ({program.size / 1e6:.0f} MB)")
