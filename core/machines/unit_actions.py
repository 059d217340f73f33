"""Doing to systemd's units what a difference asks for, and seeing whether they stay up."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from core.engine.errors import Trouble
from core.engine.step import Action, Change, Report
from core.machines.connection import Connection
from core.machines.observed import Facts, UnitFact
from core.machines.outcome import last_lines
from core.machines.scripts import script
from core.machines.state import Desired, Unit
from core.machines.unit_difference import RUNNING, needs_disabling, needs_enabling

START_TIMEOUT = 300.0
"""Seconds for all units of a step to start; systemd gives up on each one by its own unit file before."""

JOURNAL_LINES = 10

_UNITS = script("units.sh")
_UNIT_FOLDERS = ("file /etc/systemd/", "file /usr/lib/systemd/", "file /lib/systemd/")

Blocks = list[dict[str, str]]


async def stop_units(connection: Connection, changes: Sequence[Change], report: Report) -> None:
    """Stop the units that shall not run.

    Raises:
        Trouble: one of them still runs.
    """
    names = _named(changes, "stop")
    if not names:
        return
    shown, _ = await _systemctl(connection, [f"stop {' '.join(names)}", f"show {' '.join(names)}"])
    for block in shown:
        if block.get("ActiveState") not in ("inactive", "failed"):
            raise Trouble(f"{block.get('Id')} does not stop: it is {block.get('ActiveState')}", where=connection.name)
    report(f"{connection.name}: stopped {', '.join(names)}")


async def run_units(
    connection: Connection, desired: Desired, facts: Facts, changes: Sequence[Change], report: Report
) -> None:
    """Enable, start, restart and reload units as the changes say, with daemon-reload first where a unit file changed.

    Raises:
        Trouble: a unit is not up afterwards; the message holds the last lines of its journal.
    """
    units = _changed_units(desired, changes)
    commands = [*unit_commands(desired, facts, changes), *_said("show", [unit.name for unit in units])]
    if not commands:
        return
    shown, said = await _systemctl(connection, commands)
    for unit, block in zip(units, shown, strict=True):
        if unit.running and block.get("ActiveState") not in RUNNING:
            raise await _unit_failure(connection, unit.name, block)
        if needs_enabling(unit, UnitFact(enabled=block.get("UnitFileState", ""))):
            raise Trouble(f"{unit.name} cannot be enabled: {last_lines(said, 2)}", where=connection.name)
    for verb in ("restart", "start"):
        if names := _named(changes, verb):
            report(f"{connection.name}: {verb}ed {', '.join(names)}")


def unit_commands(desired: Desired, facts: Facts, changes: Sequence[Change]) -> Iterator[str]:
    """What to tell systemctl, in order: "VERB UNIT…". Pure."""
    units = _changed_units(desired, changes)
    by_name = {unit.name: unit for unit in units}
    if _reload_needed(units, facts, changes):
        yield "daemon-reload"
    yield from _said("disable", [unit.name for unit in units if needs_disabling(unit, _fact(unit, facts))])
    yield from _said("enable", [unit.name for unit in units if needs_enabling(unit, _fact(unit, facts))])
    restarted = _named(changes, "restart")
    yield from _said("reload-or-restart", [name for name in restarted if by_name[name].reload])
    yield from _said("restart", [name for name in restarted if not by_name[name].reload])
    yield from _said("start", _named(changes, "start"))


def _changed_units(desired: Desired, changes: Sequence[Change]) -> list[Unit]:
    subjects = {change.subject for change in changes}
    return [unit for unit in desired.units if f"unit {unit.name}" in subjects]


def _reload_needed(units: Sequence[Unit], facts: Facts, changes: Sequence[Change]) -> bool:
    written = any(change.subject.startswith(_UNIT_FOLDERS) for change in changes)
    return written or any(_fact(unit, facts).needs_reload for unit in units)


def _said(verb: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{verb} {' '.join(names)}"


def _named(changes: Sequence[Change], action: Action | str) -> list[str]:
    return [
        change.subject.removeprefix("unit ")
        for change in changes
        if change.action == action and change.subject.startswith("unit ")
    ]


def _fact(unit: Unit, facts: Facts) -> UnitFact:
    return facts.units.get(unit.name, UnitFact())


async def _systemctl(connection: Connection, commands: Sequence[str]) -> tuple[Blocks, str]:
    """What systemctl shows in the end, and what it says on the way."""
    text = "".join(f"{command}\n" for command in commands)
    done = await connection.feed(_UNITS, [text.encode()], timeout=START_TIMEOUT)
    if done.status:
        raise Trouble(f"systemd does not do as told: {last_lines(done.stderr, 3)}", where=connection.name)
    blocks = [block for block in done.stdout.strip().split("\n\n") if block]
    return [dict(_property(line) for line in block.splitlines()) for block in blocks], done.stderr


def _property(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


async def _unit_failure(connection: Connection, name: str, block: dict[str, str]) -> Trouble:
    state = f"{block.get('ActiveState')} ({block.get('SubState')})"
    if block.get("LoadState") not in ("loaded", None):
        return Trouble(f"{name} cannot be started: its unit file is {block.get('LoadState')}", where=connection.name)
    command = f"journalctl -u {shlex.quote(name)} -n {JOURNAL_LINES} --no-pager -o cat"
    journal = (await connection.run(command, check=False)).stdout
    said = "\n".join(line for line in journal.splitlines() if line.strip())
    what = f"{name} does not stay up: it is {state}, result {block.get('Result')}. Its last words:\n{said}"
    return Trouble(what, where=connection.name, fix=f"journalctl -u {name} on the machine tells more")
