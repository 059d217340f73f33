"""Filters of lists: of one name any value fits, of several names all must."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from core.simulator.docker.errors import EngineError
from core.simulator.docker.events import labelled
from core.simulator.docker.images import familiar
from core.simulator.docker.records import Container, Image, Network, Volume

Filters = Mapping[str, list[str]]
Thing = TypeVar("Thing")
Tests = Mapping[str, Callable[[Thing, str], bool]]


def read_filters(text: str | None) -> Filters:
    """The query's `filters`: names with lists, or with mappings as old clients send them. Raises `EngineError`."""
    try:
        found = json.loads(text or "{}")
        return {name: [str(value) for value in values] for name, values in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise EngineError(400, f"invalid filters: {error}") from error


def passes(thing: Thing, filters: Filters, tests: Tests[Thing]) -> bool:
    """Whether a thing passes. Raises `EngineError` for a filter that there is not."""
    for name in filters:
        if name not in tests:
            raise EngineError(400, f"invalid filter '{name}'")
    return all(any(tests[name](thing, value) for value in values) for name, values in filters.items() if values)


CONTAINER: Tests[Container] = {
    "id": lambda each, value: each.id.startswith(value),
    "name": lambda each, value: re.search(value, f"/{each.name}") is not None,
    "label": lambda each, value: labelled(each.labels, value),
    "status": lambda each, value: each.state == value,
    "exited": lambda each, value: each.state == "exited" and str(each.last.code) == value,
    "ancestor": lambda each, value: familiar(each.reference) == familiar(value) or each.image.startswith(value),
    "network": lambda each, value: value in each.places,
    "volume": lambda each, value: value in each.volumes.values(),
}

IMAGE: Tests[Image] = {
    "reference": lambda each, value: (
        any(re.fullmatch(value.replace("*", ".*"), tag) for tag in each.tags) or familiar(value) in each.tags
    ),
    "dangling": lambda each, value: (value in ("1", "true")) == (not each.tags),
    "label": lambda each, value: False,
}

NETWORK: Tests[Network] = {
    "id": lambda each, value: each.id.startswith(value),
    "name": lambda each, value: re.search(value, each.name) is not None,
    "label": lambda each, value: labelled(each.labels, value),
    "driver": lambda each, value: each.driver == value,
}

VOLUME: Tests[Volume] = {
    "name": lambda each, value: re.search(value, each.name) is not None,
    "label": lambda each, value: labelled(each.labels, value),
}
