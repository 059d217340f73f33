"""How a run's report is printed: a line per machine on a terminal, plain lines in a pipe, or JSON lines."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Protocol


class Printer(Protocol):
    """Takes a report line of a run as it comes."""

    def line(self, component: str, machine: str, level: str, text: str) -> None: ...

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        """Say how the run ended; the last thing that is printed."""
        ...


class PlainPrinter:
    """One line of text a report line, with the time since the start in seconds."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def line(self, component: str, machine: str, level: str, text: str) -> None:
        mark = "" if level == "info" else f"{level}: "
        print(f"{time.monotonic() - self._start:7.1f}  {machine or component:<14} {mark}{text}", flush=True)

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        label = "simulated: " if simulated else ""
        print(f"{label}{message}", file=sys.stdout if state == "succeeded" else sys.stderr, flush=True)


class JsonPrinter:
    """One JSON object a line: time (seconds since the epoch), component, machine, level, text.

    The last one has time, state, message and simulated. `machine` is the component where it is about no single machine.
    """

    def line(self, component: str, machine: str, level: str, text: str) -> None:
        said = {"component": component, "machine": machine, "level": level, "text": text}
        record = {"time": time.time(), **said}
        print(json.dumps(record), flush=True)

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        said = {"state": state, "message": message, "simulated": simulated}
        print(json.dumps({"time": time.time(), **said}), flush=True)


class TerminalPrinter(PlainPrinter):
    """Plain lines, and below them one line a machine that says what it is doing, redrawn in place."""

    def __init__(self) -> None:
        super().__init__()
        self._doing: dict[str, str] = {}
        self._drawn = 0

    def line(self, component: str, machine: str, level: str, text: str) -> None:
        self._erase()
        super().line(component, machine, level, text)
        if machine or component:
            self._doing[machine or component] = text.partition("\n")[0]
        self._draw()

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        self._erase()
        super().end(state, message, simulated=simulated)

    def _erase(self) -> None:
        if self._drawn:
            sys.stdout.write(f"\x1b[{self._drawn}A\x1b[J")
            self._drawn = 0

    def _draw(self) -> None:
        size = shutil.get_terminal_size()
        # A line that wraps, or that has scrolled away, could not be erased again.
        shown = list(self._doing.items())[: max(0, size.lines - 2)]
        for component, text in shown:
            print(f"  ◐ {component:<14} {text}"[: size.columns - 1])
        self._drawn = len(shown)


def printer(*, as_json: bool) -> Printer:
    """The printer that fits where standard output goes."""
    if as_json:
        return JsonPrinter()
    return TerminalPrinter() if sys.stdout.isatty() else PlainPrinter()


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; the first row is the head."""
    if not rows:
        return []
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
