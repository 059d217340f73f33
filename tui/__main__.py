"""The command `gondolier`: the console without arguments, the command line with them."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.console_api import ConsoleApi

_NO_TERMINAL = """\
gondolier: the console needs a terminal, and this is none.
Run `gondolier --help` for the commands that work in pipes and scripts, such as `gondolier status ENV --json`.
"""

_DRIVER = "TEXTUAL_DRIVER"
"""Set where the screen is no terminal but a page of `gondolier serve`."""

_SOON = ("tui.screens.performing", "tui.screens.text", "tui.widgets.tabs", "tui.commands", "core.kube.filters")
"""Modules that the first tab or the first question needs; none is imported before the first paint."""

_USAGE = 2
"""The exit code of a call that cannot be meant as it is."""


def main() -> None:
    """Open the console, or hand the arguments over to the command line."""
    # Imports make many thousands of objects, and none of them is garbage: the collector shall not look after every 700.
    gc.set_threshold(50_000, 20, 100)
    if len(sys.argv) > 1:
        from core.cli import main as command_line
        from tui.serving import serve

        command_line.add_command(serve)
        # One command ends in the console; core itself knows of none.
        sys.exit(command_line(obj=_open_console))
    if not (_DRIVER in os.environ or (sys.stdin.isatty() and sys.stdout.isatty())):
        sys.stderr.write(_NO_TERMINAL)
        sys.exit(_USAGE)
    _open_console()


async def connect() -> ConsoleApi:
    """The core's façade; its libraries are imported in a thread, so that the screen goes on answering."""
    import asyncio

    return await asyncio.to_thread(_facade)


def _facade() -> ConsoleApi:
    from importlib import import_module

    from core.console import Console

    # What the first key wants is there before it is pressed.
    for name in _SOON:
        import_module(name)
    return Console()


def _open_console(*first: str) -> None:
    """Open the console on a line of its tree: `"demo"` is that environment's."""
    # The collector would walk the modules again and again while they are imported.
    gc.disable()
    from tui.app import GondolierApp

    app = GondolierApp(connect, first_paint=_painted, first=first)
    app.run()
    sys.exit(app.return_code or 0)


def _painted() -> None:
    # What was imported stays: later collections need not look at it.
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
