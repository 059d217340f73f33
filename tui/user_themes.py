"""A person's own themes: read when they come, and again when their files change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual.theme import Theme

from tui.theming import ThemeError, load_themes


class UserThemes:
    """The theme files of a directory, which need not exist."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[Path, int] = {}

    def changed(self) -> tuple[list[Theme], list[ThemeError]]:
        """The themes whose files are new or other ones since the last time, and what is wrong with the rest."""
        now = dict(self._stamps())
        fresh = [path for path, stamp in now.items() if self._seen.get(path) != stamp]
        self._seen = now
        return load_themes(fresh)

    def _stamps(self) -> Iterable[tuple[Path, int]]:
        try:
            paths = sorted(self._directory.glob("*.toml"))
        except OSError:
            # It cannot be looked into: there are no themes of one's own then.
            return
        for path in paths:
            try:
                yield path, path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
