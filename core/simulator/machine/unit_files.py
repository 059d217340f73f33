"""A unit file with its drop-ins, read as systemd reads it.

Source: systemd.syntax(7), systemd.unit(5), systemd.service(5).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.simulator.machine.files import Files

FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system")
"""Where unit files lie, the one that wins first."""

Load = Literal["loaded", "not-found", "masked", "bad-setting"]

_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 0.001, "min": 60.0, "m": 60.0, "h": 3600.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of a unit; a failure of one that is `tolerant` ("-" before it) does not count."""

    argv: tuple[str, ...]
    tolerant: bool


@dataclass(frozen=True)
class Definition:
    """What a unit's files say. `stamps` are their paths with what they were when they were read."""

    name: str
    load: Load = "not-found"
    path: str = ""
    settings: Mapping[tuple[str, str], tuple[str, ...]] | None = None
    stamps: tuple[tuple[str, str], ...] = ()

    def all(self, section: str, key: str) -> tuple[str, ...]:
        """Every value of a setting; an empty one takes back those before it."""
        return (self.settings or {}).get((section, key), ())

    def words(self, section: str, key: str) -> tuple[str, ...]:
        """The words of a setting that is a list."""
        return tuple(word for value in self.all(section, key) for word in value.split())

    def last(self, key: str, default: str = "", section: str = "Service") -> str:
        """The value of a setting that holds one."""
        return (self.all(section, key) or (default,))[-1]

    @cached_property
    def type(self) -> str:
        """simple where nothing is said."""
        return self.last("Type", "simple" if self.all("Service", "ExecStart") else "oneshot")

    @property
    def description(self) -> str:
        return self.last("Description", self.name, "Unit")

    @cached_property
    def requires(self) -> tuple[str, ...]:
        return (*self.words("Unit", "Requires"), *self.words("Unit", "BindsTo"))

    @cached_property
    def wants(self) -> tuple[str, ...]:
        return self.words("Unit", "Wants")

    @cached_property
    def after(self) -> tuple[str, ...]:
        return self.words("Unit", "After")

    @cached_property
    def before(self) -> tuple[str, ...]:
        return self.words("Unit", "Before")

    @cached_property
    def wanted_by(self) -> tuple[str, ...]:
        """The targets that pull the unit in when it is enabled."""
        return self.words("Install", "WantedBy")

    @property
    def restart(self) -> str:
        return self.last("Restart", "no")

    @property
    def restart_seconds(self) -> float:
        return seconds(self.last("RestartSec", "100ms"))

    @property
    def start_seconds(self) -> float:
        """How long a start may take."""
        return seconds(self.last("TimeoutStartSec", self.last("TimeoutSec", "90s")))

    @property
    def remains(self) -> bool:
        """Whether a oneshot counts as active after it ended."""
        return self.last("RemainAfterExit", "no") in ("yes", "true", "1", "on")

    @property
    def start_limit(self) -> tuple[int, float]:
        """How many starts are allowed in how many seconds; no limit where the seconds are 0."""
        interval = self.last("StartLimitIntervalSec", "10s", "Unit")
        return int(self.last("StartLimitBurst", "5", "Unit")), seconds(interval)

    def commands(self, key: str) -> list[Command]:
        """The command lines of a setting such as ExecStartPre."""
        return [_command(line) for line in self.all("Service", key)]


def read_definition(files: Files, name: str) -> Definition:
    """What the machine's files say about a unit now."""
    path = next((f"{folder}/{name}" for folder in FOLDERS if files.entry(f"{folder}/{name}", follow=False)), "")
    if not path:
        return Definition(name)
    stamps = tuple(_stamps(files, path, name))
    entry = files.entry(path, follow=False)
    if entry is not None and (entry.target == "/dev/null" or (entry.kind == "f" and entry.size == 0)):
        return Definition(name, "masked", path, stamps=stamps)
    settings = _settings("\n".join(files.text(each) for each, _ in stamps))
    if name.endswith(".service") and not any(settings.get(("Service", key)) for key in ("ExecStart", "ExecStop")):
        return Definition(name, "bad-setting", path, settings, stamps)
    return Definition(name, "loaded", path, settings, stamps)


def stamps_now(files: Files, definition: Definition) -> tuple[tuple[str, str], ...]:
    """What the unit's files are now: another value than the definition's asks for a daemon-reload."""
    return tuple(_stamps(files, definition.path, definition.name))


def _stamps(files: Files, path: str, name: str) -> Iterator[tuple[str, str]]:
    drop_ins = (f"{folder}/{name}.d/{each}" for folder in FOLDERS for each in files.listing(f"{folder}/{name}.d"))
    for each in (path, *(drop_in for drop_in in drop_ins if drop_in.endswith(".conf"))):
        entry = files.entry(each)
        yield each, f"{entry.sha256}@{entry.modified}" if entry else "gone"


def _settings(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    section = ""
    for line in _joined(text):
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, _, value = line.partition("=")
        place = section, key.strip()
        found[place] = (*found.get(place, ()), value.strip()) if value.strip() else ()
    return found


def _joined(text: str) -> Iterator[str]:
    """The lines without comments, those that end in a backslash joined with the next."""
    pending = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        pending += line
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        yield pending
        pending = ""


def _command(line: str) -> Command:
    text = line.lstrip("-@:+!")
    return Command(tuple(shlex.split(text)), "-" in line[: len(line) - len(text)])


def seconds(text: str) -> float:
    """A time span such as "2", "100ms" or "1min 30s"; "infinity" is a year."""
    if text == "infinity":
        return 365 * 86400.0
    return sum(float(number) * _UNITS.get(unit, 1.0) for number, unit in _SPAN.findall(text))
