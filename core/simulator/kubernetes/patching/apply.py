"""Server-side apply: what a manager says holds, what it no longer says goes, what is another's is a conflict.

Only managers that apply own fields; other writes are nobody's.
Source: kubernetes.io, "Server-Side Apply".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.patching.field_sets import (
    SELF,
    Fields,
    Path,
    element_name,
    fields_of,
    holds,
    leaves,
    without,
)
from core.simulator.kubernetes.patching.list_keys import SETS, apply_keys, key_value

Object = dict[str, Any]

_MISSING = object()


def applied(live: Object | None, manifest: Object, *, manager: str, force: bool, at: str) -> Object:
    """The object after `manager` applied a manifest at a time; `live` is what was there.

    Raises:
        ApiError: 409, other managers say something else and `force` is not set.
    """
    entries: list[Object] = list((live or {}).get("metadata", {}).get("managedFields") or ())
    fresh = fields_of(manifest)
    others = [each for each in entries if each["manager"] != manager]
    if live is not None:
        others = _settled(live, manifest, fresh, others, force)
    merged = _merged(live or {}, manifest, "")
    former: Fields = next((each["fieldsV1"] for each in entries if each["manager"] == manager), {})
    for path in _given_up(former, fresh, others):
        _remove(merged, path)
    entry = {"manager": manager, "operation": "Apply", "apiVersion": manifest.get("apiVersion", ""), "time": at}
    own = entry | {"fieldsType": "FieldsV1", "fieldsV1": fresh}
    known = next((each for each in entries if each["manager"] == manager and each["fieldsV1"] == fresh), own)
    merged["metadata"] = merged.get("metadata", {}) | {"managedFields": [*others, known]}
    return merged


def _settled(live: Object, manifest: Object, fresh: Fields, others: list[Object], force: bool) -> list[Object]:
    """The other managers' entries, without what is taken from them."""
    clashes = {path for path in leaves(fresh) if _at(live, path) != _at(manifest, path)}
    owners = [(each["manager"], clashes & set(leaves(each["fieldsV1"]))) for each in others]
    if any(paths for _, paths in owners) and not force:
        raise _conflict(owners)
    rest = [each | {"fieldsV1": without(each["fieldsV1"], clashes)} for each in others]
    return [each for each in rest if each["fieldsV1"]]


def _conflict(owners: Iterable[tuple[str, set[Path]]]) -> ApiError:
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": _dotted(path)}
        for manager, paths in owners
        for path in sorted(paths)
    ]
    listed = "\n".join(f"- {cause['message']}: {cause['field']}" for cause in causes)
    count = f"{len(causes)} conflict{'s' if len(causes) > 1 else ''}"
    return ApiError(409, "Conflict", f"Apply failed with {count}: {listed}", details={"causes": causes})


def _given_up(former: Fields, fresh: Fields, others: list[Object]) -> list[Path]:
    sets = [fresh, *(each["fieldsV1"] for each in others)]
    gone = [path for path in leaves(former) if not any(holds(each, path) for each in sets)]
    # An element that goes as a whole goes first: without its key it could no longer be found.
    return sorted(gone, key=lambda path: (path[-1] != SELF, len(path)))


def _merged(live: Any, wanted: Any, parent: str) -> Object:
    result: Object = dict(live) if isinstance(live, dict) else {}
    for key, value in wanted.items():
        if value is None:
            continue
        if isinstance(value, dict):
            result[key] = _merged(result.get(key), value, key)
        elif isinstance(value, list):
            result[key] = _merged_list(result.get(key), value, parent, key)
        else:
            result[key] = value
    return result


def _merged_list(live: Any, wanted: list[Any], parent: str, name: str) -> list[Any]:
    existing = live if isinstance(live, list) else []
    keys = apply_keys(parent, name)
    if keys and all(isinstance(each, dict) for each in [*existing, *wanted]):
        known = {element_name(each, keys): each for each in existing}
        merged = {element_name(each, keys): each for each in wanted}
        merged = {found: _merged(known.get(found), each, name) for found, each in merged.items()}
        return [*merged.values(), *(each for found, each in known.items() if found not in merged)]
    if name in SETS:
        return [*wanted, *(each for each in existing if each not in wanted)]
    return wanted


def _at(obj: Any, path: Path) -> Any:
    for step in path:
        found = _step(obj, step)
        if found is _MISSING:
            return None
        obj = found
    return obj


def _step(obj: Any, step: str) -> Any:
    kind, _, name = step.partition(":")
    if step == SELF:
        return True
    if kind == "f":
        return obj.get(name, _MISSING) if isinstance(obj, dict) else _MISSING
    index = _index(obj, kind, name)
    return _MISSING if index is None else obj[index]


def _index(items: Any, kind: str, name: str) -> int | None:
    if kind == "f":
        return None
    wanted = json.loads(name)
    for index, each in enumerate(items if isinstance(items, list) else ()):
        if kind == "v" and each == wanted:
            return index
        if (
            kind == "k"
            and isinstance(each, dict)
            and all(key_value(each, key) == value for key, value in wanted.items())
        ):
            return index
    return None


def _remove(obj: Any, path: Path) -> None:
    *way, last = path
    if last == SELF:
        *way, last = way
    for step in way:
        obj = _step(obj, step)
    kind, _, name = last.partition(":")
    if isinstance(obj, dict):
        obj.pop(name, None)
    elif isinstance(obj, list) and (index := _index(obj, kind, name)) is not None:
        del obj[index]


def _dotted(path: Path) -> str:
    return "".join(f".{step[2:]}" if step.startswith("f:") else f"[{step[2:]}]" for step in path if step != SELF)
