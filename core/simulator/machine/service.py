"""The life of one unit: started, ended by itself, started again, stopped; by systemd's rules.

Source: systemd.service(5), systemd.unit(5) on StartLimitBurst.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, Any

from core.simulator.machine.unit_files import Command, Definition, read_definition, stamps_now
from core.simulator.machine.unit_state import Shown, UnitState
from core.simulator.programs.base import PROGRAMS, Context, Program, ProgramFailed, load_programs, program_name

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_RESTART_ON = {"no": (), "always": (True, False), "on-failure": (False,), "on-success": (True,), "on-abnormal": ()}
"""Whether a unit is started again after a program that ended well, or badly."""

_AT_ONCE = ("simple", "exec", "idle")
"""Types of units that are active as soon as their program was started."""

_DIRECTORIES = {"StateDirectory": "/var/lib", "RuntimeDirectory": "/run", "LogsDirectory": "/var/log"}
"""Directories that systemd makes before a program starts."""

SYSTEMD = "systemd"


class StartFailed(Exception):
    """A unit cannot be started: `result` in systemd's words, with what the journal says."""

    def __init__(self, result: str, *said: str, status: int = 1) -> None:
        super().__init__(result)
        self.result = result
        self.said = said
        self.status = status


class Service:
    """One unit of a machine. `start` and `stop` are jobs: one runs at a time, a stop ends a start that is under way.

    While it is `restarting`, what systemd has read of its files is not forgotten between stop and start.
    """

    def __init__(self, machine: Machine, name: str, state: UnitState | None = None) -> None:
        self.name = name
        self.state = state or UnitState()
        self._machine = machine
        self._definition = read_definition(machine.files, name)
        self.restarting = False
        self._program: Program | None = None
        self._starting: asyncio.Task[bool] | None = None
        self._background: asyncio.Task[None] | None = None
        self._starts: deque[float] = deque()

    @property
    def definition(self) -> Definition:
        """What systemd has read of the unit's files. Of a unit that is at rest it remembers nothing."""
        known = self._definition
        at_rest = self.state.active == "inactive" and not self.restarting
        forgotten = at_rest and stamps_now(self._machine.files, known) != known.stamps
        if forgotten or known.load == "not-found":
            self.read_again()
        return self._definition

    @property
    def active(self) -> bool:
        """Whether it does its work."""
        return self.state.active in ("active", "reloading")

    @property
    def program(self) -> Program | None:
        """What runs, if anything."""
        return self._program

    def read_again(self) -> None:
        """Read its files (daemon-reload)."""
        self._definition = read_definition(self._machine.files, self.name)

    def shown(self, enabled: str) -> Shown:
        """Its properties now."""
        known = self.definition
        stale = bool(known.path) and stamps_now(self._machine.files, known) != known.stamps
        return Shown(self.name, known.description, known.load, enabled, stale, known.path, self.state)

    async def start(self) -> bool:
        """Start it, unless it is active; says whether it is afterwards (or has done its work)."""
        if self.active:
            return True
        if self._starting is None or self._starting.done():
            self._starting = self._machine.spawn(self._start(), f"start {self.name}")
        try:
            return await asyncio.shield(self._starting)
        except asyncio.CancelledError:
            if self._starting.cancelled():
                return False
            raise

    async def resume(self) -> None:
        """Start its program again after the simulator itself was away; nobody on the machine sees a restart."""
        commands = self.definition.commands("ExecStart")
        if self.state.sub == "exited" or not commands:
            return
        try:
            environ = self._environment(self.definition)
            self._program = program = self._made(_expanded(commands[-1].argv, environ), environ)
        except StartFailed as failure:
            await self._give_up(failure)
            return
        await self._start_simple(program)

    async def stop(self) -> None:
        """Stop it, whatever it is about."""
        await self._cancel(self._starting)
        await self._cancel(self._background)
        program, self._program = self._program, None
        if program is not None:
            self._enter("deactivating", "stop-sigterm")
            self._say(f"Stopping {self._title}...")
            await program.stop()
            self._say(f"{self.name}: Deactivated successfully.")
        if self.state.active in ("active", "activating", "deactivating", "reloading"):
            self._say(f"Stopped {self._title}.")
            self.state.result, self.state.pid = "success", 0
            self._enter("inactive", "dead")

    async def kill(self) -> None:
        """What a machine that loses its power does to it: the program is gone, nothing is written."""
        await self._cancel(self._starting)
        await self._cancel(self._background)
        program, self._program = self._program, None
        if program is not None:
            await program.stop()
        self.state.pid = 0

    async def reload(self) -> str:
        """Ask the program to read its configuration again; gives why that cannot be."""
        if not self.active:
            return f"{self.name} is not active, cannot reload."
        if not self._definition.all("Service", "ExecReload"):
            return f"Failed to reload {self.name}: Job type reload is not applicable for unit {self.name}."
        reload = getattr(self._program, "reload", None)
        if reload is not None:
            await reload()
        self._enter("active", "running")
        return ""

    def forget_failure(self) -> None:
        """reset-failed: a failed unit is at rest, and its starts are counted anew."""
        self._starts.clear()
        if self.state.active == "failed":
            self.state.result = "success"
            self._enter("inactive", "dead")

    @property
    def _title(self) -> str:
        described = self._definition.description
        return self.name if described == self.name else f"{self.name} - {described}"

    async def _start(self) -> bool:
        await self._cancel(self._background)
        known = self.definition
        self.restarting = False
        try:
            self._check(known)
            self._count_start(known)
            if known.type not in _AT_ONCE:
                self._say(f"Starting {self._title}...")
            self._enter("activating", "start-pre")
            async with asyncio.timeout(known.start_seconds):
                await self._run(known)
        except TimeoutError:
            await self._give_up(StartFailed("timeout", f"{self.name}: start operation timed out. Terminating."))
        except StartFailed as failure:
            await self._give_up(failure)
        return self.active or (known.type == "oneshot" and self.state.result == "success")

    def _check(self, known: Definition) -> None:
        if known.load != "loaded":
            raise StartFailed("resources", f"{self.name}: unit is {known.load}")

    def _count_start(self, known: Definition) -> None:
        burst, interval = known.start_limit
        now = self._machine.clock()
        while self._starts and self._starts[0] < now - interval:
            self._starts.popleft()
        if interval and len(self._starts) >= burst:
            raise StartFailed("start-limit-hit", f"{self.name}: Start request repeated too quickly.")
        self._starts.append(now)

    async def _run(self, known: Definition) -> None:
        environ = self._environment(known)
        self._make_directories(known)
        for command in known.commands("ExecStartPre"):
            await self._run_before(command, environ)
        self._enter("activating", "start")
        # A oneshot may have several; only the last one stays as the unit's program.
        for command in known.commands("ExecStart"):
            await self._run_main(known, command, environ)
        if known.type == "oneshot":
            self._settle_oneshot(known)

    async def _run_main(self, known: Definition, command: Command, environ: dict[str, str]) -> None:
        self._program = program = self._made(_expanded(command.argv, environ), environ)
        self.state.started = self._machine.clock()
        if known.type in _AT_ONCE:
            self._activate("running")
            self._background = self._machine.spawn(self._start_simple(program), f"{self.name} starts")
            return
        try:
            await program.start()
        except ProgramFailed as failed:
            self._program = None
            if not command.tolerant:
                raise StartFailed("exit-code", *failed.text.splitlines(), status=failed.status) from None
        if known.type != "oneshot":
            self._activate("running")

    def _made(self, argv: tuple[str, ...], environ: dict[str, str]) -> Program:
        self._executable(argv[0])
        load_programs()
        maker = PROGRAMS.get(program_name(argv))
        if maker is None:
            text = f"gondolier simulator: unknown program: {' '.join(argv)}"
            raise StartFailed("exit-code", text, status=127)
        self.state.pid = self._machine.new_pid()
        return maker(Context(self._machine, self._machine.world, self.name, argv, environ, self._ended))

    async def _start_simple(self, program: Program) -> None:
        try:
            await program.start()
        except ProgramFailed as failed:
            if self._program is program:
                self._ended(failed.status, failed.text)

    def _settle_oneshot(self, known: Definition) -> None:
        self.state.exited, self.state.pid = self._machine.clock(), 0
        self.state.result = "success"
        if known.remains:
            self._activate("exited")
        else:
            self._program = None
            self._say(f"{self.name}: Deactivated successfully.")
            self._enter("inactive", "dead")
            self._say(f"Finished {self._title}.")

    def _activate(self, sub: str) -> None:
        self.state.result, self.state.status = "success", 0
        self._enter("active", sub)
        self._say(f"{'Finished' if sub == 'exited' else 'Started'} {self._title}.")

    async def _run_before(self, command: Command, environ: dict[str, str]) -> None:
        argv = _expanded(command.argv, environ)
        status, said = await self._machine.execute(argv, environ)
        if said.strip():
            self._machine.journal.append(self.name, said.rstrip(), source=program_name(argv))
        if status and not command.tolerant:
            raise StartFailed("exit-code", f"{self.name}: Control process exited, code=exited, status={status}")

    def _make_directories(self, known: Definition) -> None:
        for key, folder in _DIRECTORIES.items():
            for name in known.words("Service", key):
                mode = int(known.last(f"{key}Mode", "0755"), 8)
                self._machine.files.mkdir(f"{folder}/{name}", mode, known.last("User", "root"))

    def _environment(self, known: Definition) -> dict[str, str]:
        found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"}
        for line in known.all("Service", "Environment"):
            found.update(_assignments(line))
        for path in known.all("Service", "EnvironmentFile"):
            content = self._machine.files.read(path.lstrip("-"))
            if content is None and not path.startswith("-"):
                text = "Failed to load environment files: No such file or directory"
                raise StartFailed("resources", f"{self.name}: {text}")
            found.update(_assignments((content or b"").decode()))
        return found

    def _executable(self, path: str) -> None:
        entry = self._machine.files.entry(path)
        if entry is None or entry.kind != "f":
            why = "No such file or directory"
        elif not entry.mode & 0o111:
            why = "Permission denied"
        else:
            return
        said = (
            f"{self.name}: Failed to locate executable {path}: {why}",
            f"{self.name}: Failed at step EXEC spawning {path}: {why}",
        )
        raise StartFailed("exit-code", *said, status=203)

    async def _give_up(self, failure: StartFailed) -> None:
        program, self._program = self._program, None
        if program is not None and failure.result == "timeout":
            await program.stop()
        for line in failure.said:
            by_systemd = line.startswith(f"{self.name}:")
            self._machine.journal.append(self.name, line, source=SYSTEMD if by_systemd else "")
        if failure.result == "exit-code":
            code = "203/EXEC" if failure.status == 203 else f"{failure.status}/FAILURE"
            self._say(f"{self.name}: Main process exited, code=exited, status={code}")
        self._fail(failure.result, failure.status)
        self._say(f"Failed to start {self._title}.")

    def _ended(self, status: int, text: str) -> None:
        """The program ended by itself."""
        if self._program is None:
            return
        self._program = None
        if text:
            self._machine.journal.append(self.name, text)
        word = "SUCCESS" if status == 0 else "FAILURE"
        if status or text:
            self._say(f"{self.name}: Main process exited, code=exited, status={status}/{word}")
        if status:
            self._fail("exit-code", status)
            return
        self._say(f"{self.name}: Deactivated successfully.")
        self._rest("inactive", "dead", "success", 0)

    def _fail(self, result: str, status: int) -> None:
        if result == "start-limit-hit" and self.state.result != "success":
            # What the last program ended with goes on being shown.
            self._say(f"{self.name}: Failed with result '{self.state.result}'.")
            self._enter("failed", "failed")
            return
        self._say(f"{self.name}: Failed with result '{result}'.")
        self._rest("failed", "failed", result, status)

    def _rest(self, active: str, sub: str, result: str, status: int) -> None:
        """Come to rest, or wait for the next start where the unit says so."""
        self.state.result, self.state.status, self.state.pid = result, status, 0
        self.state.exited = self._machine.clock()
        again = (result == "success") in _RESTART_ON.get(self._definition.restart, ())
        if again and result not in ("start-limit-hit", "resources") and self._machine.powered:
            self._enter("activating", "auto-restart")
            self._background = self._machine.spawn(self._restart_later(), f"restart {self.name}")
        else:
            self._enter(active, sub)

    async def _restart_later(self) -> None:
        await asyncio.sleep(self._definition.restart_seconds)
        self.state.restarts += 1
        self._say(f"{self.name}: Scheduled restart job, restart counter is at {self.state.restarts}.")
        self._background = None
        await self.start()

    def _enter(self, active: str, sub: str) -> None:
        self.state.enter(active, sub, self._machine.clock())
        self._changed()

    def _changed(self) -> None:
        self._machine.units.changed()

    def _say(self, text: str) -> None:
        self._machine.journal.append(self.name, text, source=SYSTEMD, pid=1)

    @staticmethod
    async def _cancel(task: asyncio.Task[Any] | None) -> None:
        if task is None or task.done() or task is asyncio.current_task():
            return
        task.cancel()
        await asyncio.wait([task])


def _assignments(text: str) -> dict[str, str]:
    """NAME=VALUE, one a line or several between spaces, quoted or not."""
    found: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if not line or line[0] in "#;":
            continue
        words = re.findall(r'"([^"]*)"', line) if line.startswith('"') else [line]
        found.update((name, value.strip("\"'")) for name, _, value in (word.partition("=") for word in words))
    return found


def _expanded(argv: tuple[str, ...], environ: dict[str, str]) -> tuple[str, ...]:
    """A word that is only $NAME becomes the value's words, ${NAME} within a word its text."""
    words: list[str] = []
    for word in argv:
        if re.fullmatch(r"\$\w+", word):
            words += environ.get(word[1:], "").split()
        else:
            words.append(_VARIABLE.sub(lambda found: environ.get(found[1] or found[2], ""), word))
    return tuple(words)
