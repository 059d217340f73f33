"""What is sound in a document with mistakes, so that its parts can be held against each other all the same."""

from __future__ import annotations

import copy
import re
from typing import Any

from pydantic import ValidationError

from core.model.base import Path
from core.model.checks import contradictions
from core.model.cluster import VERSIONS
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.sentences import causes, document_path
from core.model.spot import spot
from core.model.syntax import Tree

_ROUNDS = 4

_STAND_INS: dict[str, Any] = {
    "environment": "unread",
    "provider": {"kind": "simulated"},
    "version": VERSIONS[-1],
    "cluster": "unread",
    "image": "unread",
    "port": 1,
}
"""A value for a required field that could not be read; what is found because of it is not reported."""


def remaining_contradictions(tree: Tree) -> list[Contradiction]:
    """The contradictions between what could be read, without those that a mistake had a part in."""
    data, replaced = copy.deepcopy(tree.data), []
    for _ in range(_ROUNDS):
        try:
            found = contradictions(Declaration.model_validate(data))
        except ValidationError as error:
            for details in causes(error):
                path = document_path(details["loc"], tree, missing=details["type"] == "missing")
                replaced.append(_mend(data, path))
        else:
            return [one for one in found if not _touched(one, replaced)]
    return []


def _mend(data: Any, path: Path) -> Path:
    """Remove or replace the smallest part around the path that its model can do without; the part's path."""
    while path:
        parent, part = _at(data, path[:-1]), path[-1]
        field = spot(Declaration, data, path).field
        if isinstance(parent, dict):
            if field is None or not field.is_required():
                parent.pop(part, None)
                return path
            if part == "name" or part in _STAND_INS:
                parent[part] = _STAND_INS.get(str(part)) or _label(parent.get(part), path)
                return path
        elif len(path) == 2 and path[0] == "components":
            parent[part] = _component(parent[part], path)
            return path
        path = path[:-1]
    return path


def _component(unread: Any, path: Path) -> dict[str, Any]:
    """A component in the place of one of no known kind."""
    name = unread.get("name") if isinstance(unread, dict) else None
    return {"kind": "KubernetesPod", "name": _label(name, path), "cluster": "unread"}


def _label(unread: Any, path: Path) -> str:
    """The name that comes closest to the one written, so that messages about its owner can be understood."""
    label = re.sub(r"[^a-z0-9]+", "-", unread.lower())[:63].strip("-") if isinstance(unread, str) else ""
    return label or "nameless-" + "-".join(str(part) for part in path if isinstance(part, int))


def _at(data: Any, path: Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _touched(one: Contradiction, replaced: list[Path]) -> bool:
    paths = (one.path, *one.about)
    return any(_related(path, part) for path in paths for part in replaced)


def _related(one: Path, other: Path) -> bool:
    """Whether one path is the other or leads to it."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]
