"""What answers are decoded into: typed rows, or the rows of the server's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from core.engine.errors import Trouble
from core.kube.rows import BareMetadata, Row

T = TypeVar("T")
R = TypeVar("R", bound=Row)
R_co = TypeVar("R_co", covariant=True)

JSON = "application/json"
TABLE = f"{JSON};as=Table;v=v1;g=meta.k8s.io,{JSON}"
"""Asks for the server's table, and takes the plain list from a server that makes none."""


class ListMeta(msgspec.Struct, frozen=True, rename="camel"):
    """Where a list stands: its version, and where its next page begins."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a list, its items not decoded yet."""

    metadata: ListMeta
    items: list[msgspec.Raw] | None = None


class Form(Protocol[R_co]):
    """How the rows of a collection are asked for and decoded; `query` goes with every request."""

    accept: str
    query: Sequence[tuple[str, str]]

    def page(self, body: bytes) -> tuple[Sequence[Any], ListMeta]:
        """The items of a list's page, not decoded further than they must be, and where the list stands."""
        ...

    def rows(self, items: Sequence[Any]) -> Sequence[R_co]:
        """The rows of some items of a page."""
        ...

    def event(self, body: msgspec.Raw) -> R_co:
        """The row in an event of a watch."""
        ...

    def bookmark(self, body: msgspec.Raw) -> str:
        """The resource version that a watch has come to."""
        ...


class Typed(Generic[T]):
    """Rows of one type, straight from JSON."""

    accept = JSON
    query: Sequence[tuple[str, str]] = ()

    def __init__(self, row: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(row)

    def page(self, body: bytes) -> tuple[Sequence[msgspec.Raw], ListMeta]:
        """The items of a list's page, and where the list stands."""
        found = decode(body, Page)
        return found.items or (), found.metadata

    def rows(self, items: Sequence[msgspec.Raw]) -> Sequence[T]:
        """The rows of some items of a page."""
        return [self.event(raw) for raw in items]

    def event(self, body: msgspec.Raw) -> T:
        """One row."""
        try:
            return self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise unreadable(error) from None

    def bookmark(self, body: msgspec.Raw) -> str:
        """The resource version that a watch has come to."""
        return decode(body, _Bookmark).metadata.resource_version


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    resource_version: str = ""


class _Bookmark(msgspec.Struct, frozen=True):
    metadata: _Version


class ColumnDefinition(msgspec.Struct, frozen=True, gc=False):
    """A column as the server defines it; `priority` 0 is always shown, higher ones in the wide view."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0


class _Object(msgspec.Struct, frozen=True):
    metadata: BareMetadata


class _TableRow(msgspec.Struct, frozen=True):
    cells: tuple[Any, ...]
    object: _Object


class _Table(msgspec.Struct, frozen=True, rename="camel"):
    kind: str = ""
    metadata: ListMeta = ListMeta()
    column_definitions: tuple[ColumnDefinition, ...] | None = None
    rows: tuple[_TableRow, ...] | None = None


class ServerRow(msgspec.Struct, frozen=True, gc=False):
    """A row of the server's table: the object's metadata, and its cells in the order of the columns."""

    metadata: BareMetadata
    cells: tuple[Any, ...] = ()


class Tables:
    """Rows as the server prints them, of any kind; `columns` is known once a table was read.

    An API that prints no tables gives rows without cells.
    """

    accept = TABLE
    query: Sequence[tuple[str, str]] = (("includeObject", "Metadata"),)

    def __init__(self) -> None:
        self.columns: tuple[ColumnDefinition, ...] = ()

    def page(self, body: bytes) -> tuple[Sequence[ServerRow], ListMeta]:
        """The rows of a list's page, and where the list stands."""
        table = decode(body, _Table)
        if table.kind == "Table":
            return self._rows(table), table.metadata
        found = decode(body, Page)
        return [ServerRow(decode(raw, _Object).metadata) for raw in found.items or ()], found.metadata

    def rows(self, items: Sequence[ServerRow]) -> Sequence[ServerRow]:
        """The rows are whole already."""
        return items

    def event(self, body: msgspec.Raw) -> ServerRow:
        """One row."""
        table = decode(body, _Table)
        if table.kind != "Table":
            return ServerRow(decode(body, _Object).metadata)
        rows = self._rows(table)
        if len(rows) != 1:
            raise Trouble(f"the API server's answer cannot be read: a table of {len(rows)} rows in one event")
        return rows[0]

    def bookmark(self, body: msgspec.Raw) -> str:
        """The resource version that a watch has come to, which a table may have on its only row."""
        table = decode(body, _Table)
        version = table.metadata.resource_version
        return version or (table.rows[0].object.metadata.resource_version if table.rows else "")

    def _rows(self, table: _Table) -> list[ServerRow]:
        if table.column_definitions:
            self.columns = table.column_definitions
        return [ServerRow(row.object.metadata, row.cells) for row in table.rows or ()]


def decode(body: bytes | msgspec.Raw, row: type[T]) -> T:
    """An answer, or a part of one, as this type.

    Raises:
        Trouble: it is something else.
    """
    try:
        return msgspec.json.decode(body, type=row)
    except msgspec.MsgspecError as error:
        raise unreadable(error) from None


def unreadable(error: msgspec.MsgspecError) -> Trouble:
    """The error for an answer that is not what was asked for."""
    return Trouble(f"the API server's answer cannot be read: {error}")
