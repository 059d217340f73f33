"""Keys that a person chose: what they are for, and which of them clash."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode

import tui


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding of the console: its id, what it does, its default keys, and the class that has it."""

    id: str
    title: str
    keys: tuple[str, ...]
    owner: type[DOMNode]


def bound_classes() -> list[type[DOMNode]]:
    """The console's classes that bind keys themselves; imports all of it."""
    found: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if module.name == "tui.__main__":
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            ours = isinstance(thing, type) and thing.__module__ == module.name
            if ours and issubclass(thing, DOMNode) and "BINDINGS" in vars(thing):
                found.append(thing)
    return found


def bindings() -> list[Bound]:
    """Every binding of the console."""
    return [one for owner in bound_classes() for one in _of(owner)]


def keymap_troubles(chosen: Mapping[str, str], known: Iterable[Bound]) -> list[str]:
    """What is wrong with chosen keys: ids that nobody has, and two things on one key where both can be meant."""
    bound = {one.id: one for one in known}
    troubles = [f'keys: nothing is called "{name}"' for name in chosen if name not in bound]
    for name, keys in chosen.items():
        if name in bound:
            for other in bound.values():
                shared = set(_split(keys)) & set(_keys(other, chosen))
                if other.id != name and shared and _meet(bound[name], other) and not _met_before(bound[name], other):
                    what = f"{', '.join(sorted(shared))} is {bound[name].title} ({name})"
                    troubles.append(f"keys: {what} and {other.title} ({other.id}): choose another key")
    return list(dict.fromkeys(troubles))


def _of(owner: type[DOMNode]) -> Iterator[Bound]:
    for binding in owner.BINDINGS:
        if isinstance(binding, Binding) and binding.id:
            yield Bound(binding.id, binding.description, tuple(_split(binding.key)), owner)


def _keys(one: Bound, chosen: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_split(chosen[one.id])) if one.id in chosen else one.keys


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",")]


def _meet(one: Bound, other: Bound) -> bool:
    """Whether both are in force at the same time: the same class has them, or one inherits from the other."""
    return one.owner in _chain(other.owner) or other.owner in _chain(one.owner)


def _chain(owner: type[DOMNode]) -> list[type]:
    """The classes whose bindings a class has: its own and those that it inherits from, as far as it does."""
    chain: list[type] = []
    for cls in owner.__mro__:
        chain.append(cls)
        if not getattr(cls, "_inherit_bindings", True):
            break
    return chain


def _met_before(one: Bound, other: Bound) -> bool:
    """Actions that share a key by default are for different things, and go on sharing another one."""
    return bool(set(one.keys) & set(other.keys))
