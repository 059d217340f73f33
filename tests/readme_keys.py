"""The README's table of keys, made from the registry of actions and the console's bindings.

`python -m tests.readme_keys` prints it; the README holds it between the two marks.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key

import tui
from core.actions import Action
from tui.verbs import KEYED, PLACES

BEGIN = "<!-- python -m tests.readme_keys -->"
END = "<!-- end of keys -->"

_HEAD = ("Where", "Keys")
_AREAS: dict[str, str] = {
    "ActingScreen": "main screen",
    "MainScreen": "main screen",
    "GondolierApp": "everywhere",
    "EnvironmentTree": "tree",
    "LineList": "tree, text",
    "LineView": "pane, plan, help",
    "TableLines": "table",
    "LogLines": "log",
    "LogPane": "log",
    "TextScreen": "text",
    "ObjectsTab": "table",
    "LogScreen": "log",
    "JournalScreen": "journal",
    "ForwardsScreen": "port-forwards",
    "OperationsScreen": "operations",
    "PulseScreen": "pulse",
    "ConflictScreen": "conflict",
    "DocumentScreen": "document form",
    "CatalogueScreen": "catalogue",
    "OrderScreen": "catalogue form",
    "LeaveScreen": "question",
    "EndpointsTab": "endpoints",
    "DeploymentTab": "deployment",
    "RunPane": "deployment",
    "MatrixLines": "deployment",
    "RunsScreen": "deployments",
    "RunScreen": "deployment",
    "ChooseScreen": "list",
    "AskScreen": "form",
    "FieldInput": "form",
    "PromptLine": "typing",
    "PlanScreen": "plan",
    "ConfirmScreen": "question",
    "Answer": "question",
    "HelpScreen": "help",
}
"""What the README calls the place where a class's keys work, in the order of the table."""

Row = tuple[str, str, str]
"""Where, the keys, what they do."""


def key_table() -> str:
    """The table in Markdown, a line a place: first the lines that actions are offered on, then the console's parts."""
    places: dict[str, list[str]] = {}
    for place, keys, text in (*(_of_action(action) for action in KEYED), *_of_bindings()):
        places.setdefault(place, []).append(f"{keys} {text}")
    rows = [(place, " · ".join(entries)) for place, entries in places.items()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (_HEAD, ("---", "---"), *rows))


def bound_classes() -> dict[str, type[DOMNode]]:
    """The console's classes that bind keys themselves, by name."""
    found: dict[str, type[DOMNode]] = {}
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            own = isinstance(thing, type) and thing.__module__ == module.name and issubclass(thing, DOMNode)
            if own and "BINDINGS" in vars(thing):
                found[name] = thing
    return found


def _of_action(action: Action) -> Row:
    places = " or ".join(words for subject, words in PLACES.items() if subject in action.subjects)
    mark = " (destroys)" if action.danger == "destroys" else ""
    return places, _keys(action.key or ""), f"{action.title}{mark}"


def _of_bindings() -> list[Row]:
    """A row for each thing that bindings do beside actions, with all its keys and the places where it is the same.

    Raises:
        ValueError: a class binds keys and `_AREAS` does not say what its place is called.
    """
    keys: dict[tuple[str, str], list[str]] = {}
    for place, binding in _bindings():
        keys.setdefault((place, binding.description), []).append(_keys(binding.key))
    places: dict[tuple[str, str], list[str]] = {}
    for (place, text), names in keys.items():
        places.setdefault((" ".join(names), text), []).append(place)
    return [(", ".join(where), names, text) for (names, text), where in places.items()]


def _bindings() -> Iterator[tuple[str, Binding]]:
    classes = bound_classes()
    for name in sorted(classes, key=list(_AREAS).index):
        for binding in classes[name].BINDINGS:
            if isinstance(binding, Binding) and not binding.action.startswith("act("):
                yield _AREAS[name], binding


def _keys(names: str) -> str:
    """Keys as the console shows them."""
    return " ".join(f"`{format_key(name)}`" for name in names.split(","))


if __name__ == "__main__":
    print(key_table())
