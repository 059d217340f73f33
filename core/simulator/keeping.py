"""Where a world is kept: one SQLite file of rooms, each with keys and bytes; written in batches."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

DELAY = 0.3
"""Seconds that a change may wait for others before all are written."""

Value = bytes | None | Callable[[], bytes | None]
"""What a key holds: bytes, nothing any more, or a function that is asked when it is written."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    room TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (room, key)
) WITHOUT ROWID
"""


class Keeping:
    """Keeps what it is given, at the latest `DELAY` seconds later; a kill may lose the last batch, never a part of it.

    Without a path nothing outlives the object.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            # Machines' keys are in it.
            path.touch(0o600)
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(_SCHEMA)
        self._dirty: dict[tuple[str, str], Value] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def put(self, room: str, key: str, value: Value) -> None:
        """Keep a value, or forget the key; after the end nothing is kept any more."""
        if self._closed:
            return
        self._dirty[room, key] = value
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY, self.flush)

    def journal(self, room: str) -> Callable[[str, bytes | None], None]:
        """A function that keeps keys of one room."""
        return lambda key, value: self.put(room, key, value)

    def items(self, room: str) -> Iterator[tuple[str, bytes]]:
        """What a room holds, in the order of keys."""
        self.flush()
        yield from self._database.execute(
            "SELECT key, value FROM items WHERE room = ? ORDER BY key", (room,)
        ).fetchall()

    def drop(self, room: str) -> None:
        """Forget a room."""
        self.flush()
        self._database.execute("DELETE FROM items WHERE room = ?", (room,))

    def flush(self) -> None:
        """Write now what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, {}
        values = [(room, key, value() if callable(value) else value) for (room, key), value in dirty.items()]
        self._database.execute("BEGIN")
        self._database.executemany(
            "DELETE FROM items WHERE room = ? AND key = ?",
            [(room, key) for room, key, value in values if value is None],
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?)", [item for item in values if item[2] is not None]
        )
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Write what waits and let the file go."""
        self.flush()
        self._closed = True
        self._database.close()
