"""A validation error in plain words: what was found, what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model.base import SENTENCE, Path, suggestion
from core.model.declaration import Declaration
from core.model.spot import kinds, spot
from core.model.syntax import Place, Tree

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_HIDDEN = frozenset({"credentials", "env"})
"""Fields below which a value might be a secret, or one written where only a reference may be."""

_LONGEST = 60
_CONSEQUENCES = ("default_factory_not_called",)
"""Errors that only say that another field is wrong, which has an error of its own."""

_KIND_ERRORS = ("union_tag_invalid", "union_tag_not_found")


@dataclass(frozen=True, slots=True)
class Explained:
    """An error at a path of the document."""

    path: Path
    found: str
    allowed: str


def causes(error: ValidationError) -> list[ErrorDetails]:
    """The errors that are not merely consequences of others."""
    details = error.errors(include_url=False, include_input=False)
    return [one for one in details if one["type"] not in _CONSEQUENCES]


def explain(error: ErrorDetails, tree: Tree) -> Explained:
    """The error with its path as the document has it, without the unions' tags that pydantic puts in between."""
    kind = error["type"]
    path = document_path(error["loc"], tree, missing=kind == "missing")
    if kind in _KIND_ERRORS:
        return _unknown_kind(path, tree)
    if kind == "extra_forbidden":
        return _unknown_field(path, tree)
    if error["loc"][-1:] == ("[key]",):
        name = shown(str(path[-1]).partition("=")[0])
        return Explained(path[:-1], f"`{name}` as a name", _allowed_key(error, path, tree))
    place = tree.places.get(path)
    found = "nothing" if kind == "missing" or place is None else describe(path, place)
    return Explained(path, found, _allowed(error, path, tree))


def document_path(loc: tuple[int | str, ...], tree: Tree, *, missing: bool = False) -> Path:
    """The parts of a pydantic location that are in the document; the last is kept where it is what is missing."""
    path: Path = ()
    for index, part in enumerate(loc):
        if (*path, part) in tree.places or (missing and index == len(loc) - 1):
            path = (*path, part)
    return path


def describe(path: Path, place: Place) -> str:
    """A value as found; one that might be a secret is only named by its sort."""
    if place.sort in ("mapping", "list"):
        return f"a {place.sort}"
    if place.sort == "nothing":
        return "nothing"
    if _secretive(path, place.raw):
        return f"a {place.sort} (not shown)"
    return f'"{shown(place.raw)}"' if place.sort == "text" else shown(place.raw)


def _secretive(path: Path, raw: str) -> bool:
    """Whether the value may be a secret: by its field, as a private key, or as a URL with a password."""
    login = "@" in raw and ("://" in raw or "registry" in path)
    return login or "PRIVATE KEY" in raw or not _HIDDEN.isdisjoint(path)


def shown(text: str) -> str:
    """The text on one line, cut where it is long."""
    safe = "".join(letter if letter.isprintable() else "�" for letter in text[: _LONGEST + 1])
    return safe if len(text) <= _LONGEST else f"{safe[:_LONGEST]}…"


def _allowed(error: ErrorDetails, path: Path, tree: Tree) -> str:
    if error["type"] == SENTENCE:
        return str(error["ctx"]["allowed"])
    allowed = spot(Declaration, tree.data, path).allowed
    place = tree.places.get(path)
    if error["type"] == "string_type" and place and place.sort in ("number", "truth value"):
        example = "" if _secretive(path, place.raw) else f': "{shown(place.raw)}"'
        return f"{allowed} – in quotes{example}"
    return allowed


def _allowed_key(error: ErrorDetails, path: Path, tree: Tree) -> str:
    if error["type"] == SENTENCE:
        return str(error["ctx"]["allowed"])
    return spot(Declaration, tree.data, path[:-1]).key_allowed


def _unknown_field(path: Path, tree: Tree) -> Explained:
    """A field that its model does not have; where a secret belongs, a stray word may be that secret."""
    owner = spot(Declaration, tree.data, path).owner
    known = list(owner.model_fields) if owner else []
    allowed = f"one of {', '.join(known)}"
    if "credentials" in path:
        return Explained(path[:-1], "an unknown field (not shown)", allowed)
    name = str(path[-1])
    return Explained(path, f"the unknown field `{shown(name)}`", f"{allowed}{suggestion(name, known)}")


def _unknown_kind(path: Path, tree: Tree) -> Explained:
    known = kinds(Declaration, tree.data, path)
    path = (*path, "kind")
    place = tree.places.get(path)
    close = suggestion(place.raw, known) if place else ""
    found = describe(path, place) if place else "nothing"
    return Explained(path, found, f"one of {', '.join(known)}{close}")
