"""The catalogue's entries, read once for a process, and documents held against them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from pydantic import ValidationError

from core.containers.library.application import DockerApplication
from core.containers.library.entry import ClassEntry
from core.engine.errors import Refusal
from core.model.base import dotted
from core.model.catalogue import Entry
from core.model.checks import contradictions
from core.model.connections import connection_contradictions
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.environment import Environment
from core.model.expansion import expand, expansion_contradictions
from core.settings import settings_file

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it: ten times as fast, and every command reads the catalogue."""

ENTRY_POINTS = "gondolier.applications"
"""The group of entry points by which a package brings applications along: each gives an `Entry`, its data, or a
`DockerApplication` class."""


@dataclass(slots=True)
class Library:
    """The entries by id; what could not be read is in `troubles`, a sentence each, and harms nothing else."""

    entries: dict[str, Entry] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def add(self, source: str, data: object) -> None:
        """Take an entry; one that is there already is replaced, so that a person's own wins."""
        try:
            entry = _entry(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self.troubles.append(f"{source}: {dotted(tuple(first['loc'])) or 'entry'}: {first['msg']}")
            return
        self.entries[entry.id] = entry


def _entry(data: object) -> Entry:
    if isinstance(data, type) and issubclass(data, DockerApplication):
        return ClassEntry.of(data)
    return data if isinstance(data, Entry) else Entry.model_validate(data)


@cache
def library() -> Library:
    """Everything that there is: what comes with the program, then packages', then a person's own."""
    found = Library()
    for source, data in (*_shipped(), *_installed(found), *_own(found)):
        found.add(source, data)
    return found


def entries(category: str | None = None, tag: str | None = None, text: str | None = None) -> list[Entry]:
    """The listed entries that fit, by category and title; letters' case does not matter."""
    found = [one for one in library().entries.values() if one.listed and _fits(one, category, tag, text)]
    return sorted(found, key=lambda one: (one.category, one.title))


def _fits(entry: Entry, category: str | None, tag: str | None, text: str | None) -> bool:
    words = " ".join((entry.id, entry.title, entry.description, *entry.tags)).lower()
    return (
        (category is None or category.lower() == entry.category.lower())
        and (tag is None or tag.lower() in (one.lower() for one in entry.tags))
        and (text is None or all(word in words for word in text.lower().split()))
    )


def filled_in(environment: Environment) -> Environment:
    """The environment with its applications of the catalogue filled in.

    Raises:
        Refusal: the catalogue has changed since the document was checked, so that it does not fit any more.
    """
    found = mistakes_of(environment)
    if found:
        said = "; ".join(f"{dotted(one.path)}: {one.found}; allowed: {one.allowed}" for one in found)
        raise Refusal(f"its document does not fit the catalogue: {said}", where=environment.name)
    return expand(environment, library().entries)


def mistakes_of(declaration: Declaration) -> list[Contradiction]:
    """What is wrong with a document's applications of the catalogue and, once they are filled in, their connections."""
    found = list(expansion_contradictions(declaration, library().entries))
    if found:
        return found
    complete = expand(declaration, library().entries)
    known = {one.path for one in contradictions(declaration)}
    fresh = [one for one in contradictions(complete) if one.path not in known]
    return [*fresh, *connection_contradictions(complete)]


def _shipped() -> Iterator[tuple[str, object]]:
    """The entries beside this file; parameters that many have are written once, in `common.yaml`."""
    here = files("core.containers.catalogue")
    common = _loaded_yaml(here / "common.yaml")
    for file in sorted((here / "entries").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            data = _loaded_yaml(file)
            shared = {name: common[name] for name in data.pop("uses", ())}
            yield file.name, data | {"parameters": shared | data.get("parameters", {})}


def _loaded_yaml(file: Traversable) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), _Loader)


def _installed(found: Library) -> Iterator[tuple[str, object]]:
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        yield from _loaded(point, found)


def _loaded(point: EntryPoint, found: Library) -> Iterator[tuple[str, object]]:
    try:
        yield f"entry point {point.name}", point.load()
    except Exception as error:
        found.troubles.append(f"entry point {point.name} ({point.value}): {type(error).__name__}: {error}")


def _own(found: Library) -> Iterator[tuple[str, object]]:
    folder = settings_file().parent / "catalogue"
    for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        yield from _read(file, found)


def _read(file: Traversable, found: Library) -> Iterator[tuple[str, object]]:
    try:
        yield str(file), _loaded_yaml(file)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        found.troubles.append(f"{file}: {error}")
