"""A program of these tests: it does what the text of its executable says."""

from __future__ import annotations

import asyncio

from core.simulator.machine.machine import Machine
from core.simulator.programs.base import Context, ProgramFailed, program

RUNNING: dict[str, list[App]] = {}
"""The programs that run, by unit."""


@program("app")
class App:
    """What a comment of the file it was started from says: "fails WORDS" ends it, "hangs" never becomes ready."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def start(self) -> None:
        text = self.context.machine.files.text(self.context.argv[0])
        said = text.partition("# ")[2].partition("\n")[0] or text
        if said.startswith("fails"):
            raise ProgramFailed(said.removeprefix("fails "))
        if said.startswith("hangs"):
            await asyncio.Event().wait()
        if arguments := self.context.argv[1:]:
            self.context.log(f"{self.context.unit} runs with {' '.join(arguments)}")
        RUNNING.setdefault(self.context.unit, []).append(self)

    async def stop(self) -> None:
        self.context.log("stopped")
        if self in RUNNING.get(self.context.unit, []):
            RUNNING[self.context.unit].remove(self)

    async def reload(self) -> None:
        """Say so."""
        self.context.log("reloaded")


def install(machine: Machine, name: str = "app", does: str = "runs", **settings: str) -> None:
    """Write a program and its unit; settings are the unit's: `Type="notify"`, `After="x.service"` …"""
    machine.files.write(f"/opt/{name}/app", does, 0o755)
    machine.files.write(f"/etc/systemd/system/{name}.service", unit_text(name, **settings))


def unit_text(name: str, **settings: str) -> str:
    """A unit's file."""
    of_unit = {key: value for key, value in settings.items() if key in _UNIT}
    of_service = {"ExecStart": f"/opt/{name}/app --name {name}"}
    of_service |= {key: value for key, value in settings.items() if key not in _UNIT}
    sections = {"Unit": {"Description": f"The {name}", **of_unit}, "Service": of_service}
    sections["Install"] = {"WantedBy": "multi-user.target"}
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())
        for section, lines in sections.items()
    )


_UNIT = ("After", "Before", "Requires", "Wants", "StartLimitIntervalSec", "StartLimitBurst")


def runs(unit: str) -> bool:
    """Whether a unit's program runs."""
    return bool(RUNNING.get(unit))


def words(machine: Machine, unit: str) -> list[str]:
    """What a unit's journal says."""
    return [line.text for line in machine.journal.lines(unit)]
