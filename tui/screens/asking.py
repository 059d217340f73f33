"""The questions before actions: what they say, which fields they have, what is suggested in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.actions import Ask
from core.live.objects import Target
from tui.screens.confirm import Question
from tui.verbs import Offer
from tui.view_models.form import Field, field_of, name_field
from tui.view_models.text import Tone

_SHOWN = 6
"""So many of the objects are named in a question."""

UNASKED = frozenset({"scale-up", "scale-down"})
"""What a key does at once: one step that the opposite key takes back."""


def question(offer: Offer) -> Question:
    """What is asked before an action on what is declared; Cancel has the focus where something is destroyed."""
    name = offer.selection.environment.environment
    component = offer.selection.component
    target = name if component is None else f"{name}/{component.name}"
    if offer.action.id == "cancel":
        text = f"The run of {name} finishes or aborts the step it is at, then says what is half done."
        return Question(f"Cancel the run of {name}?", [(text, "text")], "Cancel the run", "Let it run", careful=True)
    sentences: list[tuple[str, Tone]] = [
        ("It runs in a process of its own: the console may be closed meanwhile.", "text"),
        ("", "text"),
        (offer.action.command(offer.selection), "accent"),
    ]
    destroys = offer.action.danger == "destroys"
    if destroys:
        sentences.insert(0, ("This destroys something that runs now.", "warn"))
    return Question(f"{offer.action.title}: {target}", sentences, offer.action.title, careful=destroys)


def live_question(offer: Offer, command: str) -> Question:
    """What is asked before an action on live objects; `command` does the same on a command line."""
    objects = offer.selection.objects
    sentences: list[tuple[str, Tone]] = [(f"{one.cluster}   {one}", "text") for one in objects[:_SHOWN]]
    if len(objects) > _SHOWN:
        sentences.append((f"and {len(objects) - _SHOWN} more", "dim"))
    destroys = offer.action.danger == "destroys"
    if destroys:
        sentences.append(("What runs in it ends.", "warn"))
    sentences += [("", "text"), (command, "accent")]
    return Question(f"{offer.action.title}: {offer.target}", sentences, offer.action.title, careful=destroys)


def live_fields(offer: Offer) -> list[Field]:
    """The fields of an action on live objects; to destroy several, their number is to be typed."""
    objects = offer.selection.objects
    fields = [field_of(ask, _suggested(ask, objects[0])) for ask in offer.action.asks]
    if offer.action.danger == "destroys" and len(objects) > 1:
        count = str(len(objects))
        consequence = f"{count} objects are destroyed at once"
        fields.insert(0, name_field(f"Type {count} to go on", count, consequence))
    return fields


def destruction(environment: str, removed: Sequence[str]) -> Question:
    """What is asked before everything of an environment is taken away; `removed` says what that is."""
    sentences: list[tuple[str, Tone]] = [(sentence, "text") for sentence in removed]
    sentences += [
        (
            "Machines first, then everything else at its provider, its keys and its record. Nothing comes back.",
            "warn",
        ),
        ("", "text"),
        (f"gondolier destroy {environment}", "accent"),
    ]
    return Question(f"Destroy {environment}?", sentences, "Destroy", careful=True)


def abandonment(environment: str, left: Sequence[str]) -> Question:
    """What is asked before an environment is forgotten; `left` says what stays as it runs."""
    sentences: list[tuple[str, Tone]] = [(sentence, "text") for sentence in left]
    sentences += [
        ("To abandon is not to destroy: Gondolier forgets the environment, its record and its keys.", "warn"),
        (
            "The machines run on and are yours to remove; nothing here can reach them again.",
            "warn",
        ),
        ("", "text"),
        (f"gondolier abandon {environment}", "accent"),
    ]
    return Question(f"Abandon {environment}?", sentences, "Abandon", careful=True)


def destruction_fields(environment: str) -> list[Field]:
    """The field in which the environment's name is typed."""
    return [name_field("Its name", environment, f"type {environment} to say that you mean it")]


def _suggested(ask: Ask, target: Target) -> str:
    """What the object itself says about what is asked, "" where it says nothing."""
    row = target.row
    if ask.name == "replicas":
        found = _get(row, "spec.replicas")
        return "" if found is None else str(found)
    containers = _get(row, "spec.containers") or _get(row, "spec.template.spec.containers") or ()
    if ask.name == "container" and containers:
        return str(containers[0].name)
    if ask.name == "image" and containers:
        return str(containers[0].image)
    ports = _get(row, "spec.ports") or ()
    return str(ports[0].port) if ask.name == "remote" and ask.kind == "number" and ports else ""


def _get(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name, None)
    return row
