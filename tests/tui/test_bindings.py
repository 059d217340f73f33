"""Every binding has an id of its own and none takes a key that terminals, multiplexers or shells use."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import tui
from core.actions import ACTIONS
from tests.tui.conftest import Open
from tests.tui.fake_console import FakeConsole
from tui.verbs import KEYED, VERBS

_TAKEN = {"ctrl+a", "ctrl+b", "ctrl+space", "ctrl+at", "ctrl+d", "ctrl+k", "ctrl+z", "ctrl+h", "ctrl+i", "ctrl+m"}


def bound_classes() -> list[type[DOMNode]]:
    """The classes of ours that bind keys themselves."""
    found: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        for thing in vars(importlib.import_module(module.name)).values():
            ours = isinstance(thing, type) and thing.__module__ == module.name
            if ours and issubclass(thing, DOMNode) and "BINDINGS" in vars(thing):
                found.append(thing)
    return found


BOUND = bound_classes()


def bindings_of(owner: type[DOMNode]) -> list[Binding]:
    return [binding for binding in owner.BINDINGS if isinstance(binding, Binding)]


@pytest.mark.parametrize("owner", BOUND, ids=lambda owner: owner.__name__)
def test_every_binding_is_described_and_named(owner: type[DOMNode]) -> None:
    assert len(bindings_of(owner)) == len(owner.BINDINGS)
    assert all(binding.id and binding.description for binding in bindings_of(owner))


def test_no_two_bindings_share_an_id() -> None:
    names = [binding.id for owner in BOUND for binding in bindings_of(owner)]
    assert len(names) == len(set(names))


def test_no_binding_takes_a_key_that_others_need() -> None:
    keys = {key.strip() for owner in BOUND for binding in bindings_of(owner) for key in binding.key.split(",")}
    assert not keys & _TAKEN


async def test_the_open_screens_bind_nothing_that_textual_added(console: Open) -> None:
    async with console() as driven:
        for node in (driven.app, driven.main, driven.main.environments):
            for bindings in node._bindings.key_to_bindings.values():
                assert all(binding.id for binding in bindings)


def test_every_action_of_the_registry_with_a_key_is_bound_under_its_id() -> None:
    names = {binding.id for owner in BOUND for binding in bindings_of(owner)}
    assert {f"action.{action.id}" for action in (*ACTIONS, *VERBS) if action.key} <= names


def test_one_letter_is_never_harmless_on_one_line_and_destructive_on_another() -> None:
    for key in {action.key for action in KEYED if action.key and action.key.isalpha()}:
        assert len({action.danger == "none" for action in KEYED if action.key == key}) == 1


async def test_a_key_can_be_remapped_by_its_id(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        driven.app.set_keymap({"action.plan": "f5"})
        await driven.press("P")
        assert not fake.runs.called("preview")
        await driven.press("f5")
        await driven.until(lambda: bool(fake.runs.called("preview")))
