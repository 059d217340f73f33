"""POSIX shell that runs on machines; what varies goes in through standard input, so that no argument holds it."""

from __future__ import annotations

from pathlib import Path


def script(name: str) -> str:
    """The text of a script of this folder."""
    return Path(__file__).with_name(name).read_text()
