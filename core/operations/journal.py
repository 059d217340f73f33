"""The journal of operations: written around every one of them, read, searched and exported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from core.engine.errors import Refusal, Trouble
from core.engine.lock import current_user
from core.engine.redact import redact
from core.live.operations import JournalEntry, JournalQuery
from core.store.operations import OperationRecord, OperationResult
from core.store.store import Store

_EXPORTED = 1_000_000
"""As many entries as an export takes at most: more than people make."""


class Open:
    """An entry that is being written; `text` is its result in a sentence, `errors` are what went wrong on the way."""

    def __init__(self) -> None:
        self.text = ""
        self.errors: list[str] = []
        self.cancelled = False

    @property
    def result(self) -> OperationResult:
        if self.cancelled:
            return "cancelled"
        return "failed" if self.errors else "succeeded"


class Journal:
    """The journal of one home directory."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def entry(
        self, action: str, *, environment: str = "", cluster: str = "", subject: str = "", command: str = ""
    ) -> Iterator[Open]:
        """Write an entry around a block: it failed where the block raises or notes errors; secrets are taken out."""
        table = self._store.operations
        number = table.begin(
            current_user(),
            action,
            environment=environment,
            cluster=cluster,
            subject=subject,
            command=redact(command),
        )
        opened = Open()
        try:
            yield opened
        except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
            table.end(number, "cancelled", redact(opened.text), redact("\n".join(opened.errors)))
            raise
        except Exception as error:
            table.end(number, "failed", redact(opened.text), redact("\n".join([*opened.errors, _words(error)])))
            raise
        table.end(number, opened.result, redact(opened.text), redact("\n".join(opened.errors)))

    def find(self, query: JournalQuery) -> Sequence[JournalEntry]:
        """The entries that fit, newest first."""
        found = self._store.operations.find(
            text=query.text,
            since=query.since,
            most=query.most,
            environment=query.environment,
            cluster=query.cluster,
            action=query.action,
            result=query.result or "",
        )
        return [_entry(record) for record in found]

    def export(self, query: JournalQuery, path: Path) -> int:
        """Write the entries that fit into a new file, a JSON object a line, the oldest first; gives their count.

        Raises:
            Refusal: the file is there already, or cannot be written.
        """
        everything = JournalQuery(
            query.environment, query.cluster, query.action, query.result, query.text, query.since, _EXPORTED
        )
        entries = [asdict(entry) for entry in reversed(self.find(everything))]
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(json.dumps(entry) + "\n" for entry in entries)
        except FileExistsError:
            raise Refusal(f"{path} is there already", fix="name a new file") from None
        except OSError as error:
            raise Refusal(f"{path} cannot be written: {error.strerror}") from None
        return len(entries)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"


def _entry(record: OperationRecord) -> JournalEntry:
    return JournalEntry(**asdict(record))
