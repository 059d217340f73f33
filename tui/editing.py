"""Texts in the person's own editor."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

from textual.app import App

from tui import terminal

_FALLBACK = "vi"
_MARK = "# gondolier: "
"""What the lines begin with that are told in the editor; they are taken out again."""


async def edit_text(app: App[None], text: str, name: str, told: Sequence[str] = ()) -> str:
    """Open a text in `$VISUAL` or `$EDITOR`, with sentences above it; returns what it is afterwards.

    Raises:
        Trouble: there is no such editor, or no terminal for it.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or _FALLBACK)
    with tempfile.TemporaryDirectory(prefix="gondolier-edit-") as directory:
        path = Path(directory) / name
        path.touch(mode=0o600)
        path.write_text("".join(f"{_MARK}{line}\n" for line in told) + text, encoding="utf-8")
        await terminal.run_program(app, [*command, str(path)])
        return _without_told(path.read_text(encoding="utf-8"))


def _without_told(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_MARK))
