"""What a document that is sound in itself is held against: the catalogue, and what the settings allow."""

from __future__ import annotations

from core.containers import catalogue
from core.containers.catalogue import library
from core.engine.errors import Refusal
from core.model.base import dotted
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.environment import Environment
from core.model.expansion import expand
from core.model.host_paths import host_path_contradictions
from core.settings import read_settings


def mistakes_of(declaration: Declaration) -> list[Contradiction]:
    """What is wrong with a document's applications here; raises `Refusal` where the settings cannot be read."""
    found = catalogue.mistakes_of(declaration)
    return found or _host_paths(expand(declaration, library().entries))


def refuse_host_paths(environment: Environment) -> None:
    """Held against the settings once more before anything is deployed: they may have become stricter.

    Raises:
        Refusal: with every path that is not allowed.
    """
    if found := _host_paths(environment):
        said = "; ".join(f"{dotted(one.path)}: {one.found}" for one in found)
        raise Refusal(f"host paths that are not allowed: {said}", where=environment.name, fix=found[0].allowed)


def _host_paths(declaration: Declaration) -> list[Contradiction]:
    return list(host_path_contradictions(declaration, read_settings().host_paths))
