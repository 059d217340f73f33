"""A document as a form: its fields out of the models, what is typed into them, and the text that comes out.

The models say everything: which fields there are, what is allowed (their descriptions), what is chosen from. What is
wrong is said by the same check that a document from a file goes through, field by field.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.model.base import Path, dotted
from core.model.declaration import Declaration
from core.model.plain import to_yaml
from core.model.problem import Problem

NEEDED = "needed"
"""What stands in a field that must be filled in."""

_ONE_OF = "one of "

Sort = Literal["group", "list", "text", "number", "flag", "choice", "data"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the form: a value that is typed or chosen, or the heading of a group or a list.

    `choices` of a list are the kinds of item that it takes, empty where there is one. `item` says that the line is the
    heading of a list's item, which can be removed.
    """

    path: Path
    title: str
    sort: Sort
    depth: int
    help: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    item: bool = False

    @property
    def typed(self) -> bool:
        """It has a text that is typed."""
        return self.sort in ("text", "number", "data")


class DocumentForm:
    """The document's data, changed a field at a time; fields that are emptied are left out of the text."""

    def __init__(self, text: str) -> None:
        found = _read(text)
        self._data: dict[str, Any] = found if isinstance(found, dict) else {}

    @property
    def text(self) -> str:
        """The document."""
        return to_yaml(_in_order(Declaration, self._data))

    @property
    def entries(self) -> list[Entry]:
        """The lines of the form."""
        return list(_model_entries(Declaration, self._data, (), 0))

    def shown(self, every: bool) -> list[Entry]:
        """The lines that say something: what is filled in or needed, with its headings; or every line."""
        if every:
            return self.entries
        entries = self.entries
        wanted = {entry.path for entry in entries if entry.sort != "group" and self._says(entry)}
        wanted |= {entry.path for entry in entries if entry.item}
        kept = {path[:length] for path in wanted for length in range(1, len(path) + 1)}
        return [entry for entry in entries if entry.path in kept]

    def _says(self, entry: Entry) -> bool:
        """A field is filled in, or needed by something that is there."""
        if self.value(entry) or entry.sort == "list":
            return True
        return entry.default == NEEDED and (len(entry.path) < 2 or _get(self._data, entry.path[:-1]) is not None)

    def value(self, entry: Entry) -> str:
        """What stands in a field, "" where nothing does."""
        found = _get(self._data, entry.path)
        if found is None:
            return ""
        if entry.sort == "flag":
            return "yes" if found is True else "no" if found is False else str(found)
        if isinstance(found, Mapping | list):
            return yaml.safe_dump(found, default_flow_style=True, sort_keys=False, width=10_000).strip()
        return str(found)

    def set(self, entry: Entry, text: str) -> None:
        """Put this into a field; empty takes the field away."""
        value = _meant(entry, text)
        self._data = _with(self._data, entry.path, value)
        if entry.path[-1] == "kind":
            self._keep_what_fits(entry.path[:-1])

    def turn(self, entry: Entry, step: int) -> None:
        """Choose the next of a field's choices, the default among them."""
        choices = ("", "yes", "no") if entry.sort == "flag" else ("", *entry.choices)
        if entry.path[-1] == "kind":
            choices = entry.choices
        now = self.value(entry)
        at = choices.index(now) if now in choices else 0
        self.set(entry, choices[(at + step) % len(choices)])

    def add(self, entry: Entry, kind: str = "") -> Path:
        """Add an item to a list; returns its path."""
        items = list(_get(self._data, entry.path) or [])
        items.append({"kind": kind} if kind else {})
        self._data = _with(self._data, entry.path, items)
        return (*entry.path, len(items) - 1)

    def remove(self, path: Path) -> None:
        """Take an item out of its list."""
        items = list(_get(self._data, path[:-1]) or [])
        del items[int(path[-1])]
        self._data = _with(self._data, path[:-1], items or None)

    def _keep_what_fits(self, path: Path) -> None:
        """Another kind has other fields: those that it does not have go."""
        names = {entry.path[len(path)] for entry in self.entries if entry.path[: len(path)] == path != entry.path}
        found = _get(self._data, path)
        if isinstance(found, dict):
            self._data = _with(self._data, path, {name: value for name, value in found.items() if name in names})


def problems_by_path(problems: Sequence[Problem]) -> dict[str, str]:
    """The sentence of each field that something is wrong with, by its dotted path; "" holds those of the whole."""
    found: dict[str, str] = {}
    for problem in problems:
        field = "" if problem.field == "document" else problem.field
        found.setdefault(field, f"found {problem.found}; allowed: {problem.allowed}")
    return found


def problem_of(entry: Entry, problems: Mapping[str, str]) -> str:
    """What is wrong with a field itself, "" where nothing is."""
    return problems.get(dotted(entry.path), "")


# From models to lines


def _model_entries(model: type[BaseModel], data: Any, path: Path, depth: int) -> Iterator[Entry]:
    for name, info in model.model_fields.items():
        inner = data.get(name) if isinstance(data, Mapping) else None
        yield from _field_entries(name, info, inner, (*path, name), depth)


def _field_entries(name: str, info: FieldInfo, data: Any, path: Path, depth: int) -> Iterator[Entry]:
    annotation = _bare(info.annotation)
    allowed = info.description or ""
    if item := _item_of(annotation):
        yield from _list_entries(name, item, data, path, depth)
    elif models := _models_of(annotation):
        yield Entry(path, name, "group", depth, allowed)
        if len(models) > 1:
            yield Entry((*path, "kind"), "kind", "choice", depth + 1, allowed, tuple(models))
        yield from _chosen_entries(models, data, path, depth + 1)
    else:
        sort, choices = _sort_of(annotation)
        if sort == "text" and allowed.startswith(_ONE_OF):
            sort, choices = "choice", _listed(allowed)
        if name == "kind" and len(choices) < 2:
            return
        yield Entry(path, name, sort, depth, allowed, choices, _default(info))


def _list_entries(name: str, item: Any, data: Any, path: Path, depth: int) -> Iterator[Entry]:
    models = _models_of(item)
    items = data if isinstance(data, list) else []
    kinds = tuple(models) if len(models) > 1 else ()
    yield Entry(path, name, "list", depth, "+ adds one", kinds)
    for number, inner in enumerate(items):
        where = (*path, number)
        yield Entry(where, _item_title(name, inner), "group", depth + 1, "del takes it away", item=True)
        yield from _chosen_entries(models, inner, where, depth + 2)


def _chosen_entries(models: Mapping[str, type[BaseModel]], data: Any, path: Path, depth: int) -> Iterator[Entry]:
    kind = data.get("kind", "") if isinstance(data, Mapping) else ""
    model = models.get(kind) or (next(iter(models.values())) if len(models) == 1 else None)
    if model is not None:
        entries = _model_entries(model, data, path, depth)
        yield from (entry for entry in entries if entry.path != (*path, "kind") or len(models) == 1)


def _item_title(name: str, data: Any) -> str:
    words = [str(data[key]) for key in ("kind", "name", "address", "port") if isinstance(data, Mapping) and key in data]
    return " ".join(words) or f"new of {name}"


def _bare(annotation: Any) -> Any:
    """An annotation without what is only said about it, and without "or none"."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            inner = [one for one in get_args(annotation) if one is not type(None)]
            if len(inner) > 1:
                return annotation
            annotation = inner[0]
        else:
            return annotation


def _item_of(annotation: Any) -> Any:
    """What a list holds, where that is a model; None for anything else."""
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        return inner if _models_of(_bare(inner)) else None
    return None


def _models_of(annotation: Any) -> dict[str, type[BaseModel]]:
    """The models that a value may be, by their kinds ("" where it has none)."""
    annotation = _bare(annotation)
    inner = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    models = [_bare(one) for one in inner]
    if not all(isinstance(one, type) and issubclass(one, BaseModel) for one in models):
        return {}
    return {_kind_of(one): one for one in models}


def _kind_of(model: type[BaseModel]) -> str:
    info = model.model_fields.get("kind")
    found = get_args(_bare(info.annotation)) if info is not None else ()
    return str(found[0]) if found else ""


def _sort_of(annotation: Any) -> tuple[Sort, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        if all(isinstance(choice, bool) for choice in choices):
            return "flag", ()
        return "choice", tuple(str(choice) for choice in choices)
    if annotation is bool:
        return "flag", ()
    if annotation in (int, float):
        return "number", ()
    if annotation is str or not isinstance(annotation, type) or get_origin(annotation) is not None:
        return ("text", ()) if annotation is str else ("data", ())
    return "text", ()


def _listed(allowed: str) -> tuple[str, ...]:
    """The values of a sentence "one of a, b"."""
    return tuple(word.strip().strip('"') for word in allowed.removeprefix(_ONE_OF).split(","))


def _default(info: FieldInfo) -> str:
    if info.is_required() or info.default is None or info.default_factory is not None:
        return NEEDED if info.is_required() else ""
    found = info.default
    if isinstance(found, bool):
        return "yes" if found else "no"
    return "" if found == () or isinstance(found, BaseModel | Mapping) else str(found)


# From texts to data and back


def _read(text: str) -> Any:
    from core.model.syntax import Unreadable, read

    try:
        return read(text).data
    except Unreadable:
        # Nobody can fill in a form about a text that is none; the caller opens the editor then.
        return {}


def _meant(entry: Entry, text: str) -> Any:
    text = text.strip()
    if not text:
        return None
    if entry.sort == "flag":
        return text == "yes"
    if entry.sort in ("number", "data"):
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError:
            # Half typed: the check says what is wrong with it.
            return text
    return text


def _get(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _with(data: Any, path: Path, value: Any) -> Any:
    """The data with another value at this place; None takes it away, and mappings that are empty then."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(data)
        items[part] = _with(items[part], rest, value)
        return items
    found = dict(data) if isinstance(data, Mapping) else {}
    inner = _with(found.get(part), rest, value)
    if inner is None or (inner == {} and rest):
        found.pop(part, None)
    else:
        found[part] = inner
    return found


def _in_order(model: type[BaseModel], data: Any) -> Any:
    """The data with its fields in the model's order, as a person would write them."""
    if not isinstance(data, Mapping):
        return data
    known = [name for name in model.model_fields if name in data]
    others = [name for name in data if name not in model.model_fields]
    return {name: _ordered_field(model, name, data[name]) for name in (*known, *others)}


def _ordered_field(model: type[BaseModel], name: str, data: Any) -> Any:
    info = model.model_fields.get(name)
    if info is None:
        return copy.copy(data)
    annotation = _bare(info.annotation)
    item = _item_of(annotation)
    if item is not None and isinstance(data, list):
        return [_ordered_model(_models_of(item), inner) for inner in data]
    return _ordered_model(_models_of(annotation), data)


def _ordered_model(models: Mapping[str, type[BaseModel]], data: Any) -> Any:
    if not models or not isinstance(data, Mapping):
        return data
    model = models.get(str(data.get("kind", ""))) or next(iter(models.values()))
    return _in_order(model, data)
