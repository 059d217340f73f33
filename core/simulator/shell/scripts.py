"""The scripts that are recognised as a whole: by how they begin, never by all their text."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from core.simulator.shell.calls import Call

Script = Callable[[Call, str], Awaitable[int]]
"""Does what a script does; it is given the script's text."""

_SCRIPTS: list[tuple[re.Pattern[str], Script]] = []


def script(beginning: str) -> Callable[[Script], Script]:
    """Register what does the work of scripts whose text begins so (a regular expression)."""

    def register(run: Script) -> Script:
        _SCRIPTS.append((re.compile(beginning), run))
        return run

    return register


def recognised(text: str) -> Script | None:
    """What does the work of this script, None where it is none of the known ones."""
    return next((run for pattern, run in _SCRIPTS if pattern.match(text)), None)
