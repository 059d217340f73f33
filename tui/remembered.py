"""What the console remembers from one time to the next: commands that were typed, views that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_MOST = 200


class Remembered:
    """Lines in a file of the home directory, the newest last and each once; read when they are first wanted."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[str] | None = None

    @property
    def lines(self) -> Sequence[str]:
        """The lines; none where the file cannot be read."""
        if self._lines is None:
            try:
                self._lines = self._path().read_text(encoding="utf-8").splitlines()
            except OSError:
                # Nothing was kept yet, or nobody may look: the console works without.
                self._lines = []
        return self._lines

    def add(self, line: str) -> None:
        """Keep a line.

        Raises:
            Trouble: the file cannot be written.
        """
        self._write([*(old for old in self.lines if old != line), line][-_MOST:])

    def drop(self, line: str) -> None:
        """Forget a line.

        Raises:
            Trouble: the file cannot be written.
        """
        self._write([old for old in self.lines if old != line])

    def _write(self, lines: list[str]) -> None:
        from core.engine.errors import Trouble
        from core.store.home import private_directory

        self._lines = lines
        path = self._path()
        try:
            private_directory(path.parent)
            path.touch(mode=0o600)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        except OSError as error:
            raise Trouble(f"cannot be kept: {error.strerror}", where=str(path)) from error

    def _path(self) -> Path:
        from core.store.home import home_directory

        return home_directory() / "console" / self._name
