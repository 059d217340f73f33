"""A declaration with one application more, or less; pure."""

from __future__ import annotations

from typing import TypeVar

from core.model.connections import Holder, holders
from core.model.container import Application
from core.model.declaration import Declaration

Declared = TypeVar("Declared", bound=Declaration)


def with_application(declaration: Declared, component: str, application: Application) -> Declared:
    """The declaration with an application in a component, in the place of the one of its name where there is one.

    Raises:
        KeyError: there is no pod or Docker host of this name.
    """
    old = holders(declaration)[component]
    names = [one.name for one in old.applications]
    kept = tuple(application if one.name == application.name else one for one in old.applications)
    return _changed(declaration, old, kept if application.name in names else (*kept, application))


def without_application(declaration: Declared, component: str, name: str) -> Declared:
    """The declaration without an application of a component.

    Raises:
        KeyError: there is no pod or Docker host of this name.
    """
    old = holders(declaration)[component]
    return _changed(declaration, old, tuple(one for one in old.applications if one.name != name))


def _changed(declaration: Declared, old: Holder, applications: tuple[Application, ...]) -> Declared:
    new = old.model_copy(update={"applications": applications})
    parts = tuple(new if part.name == old.name else part for part in declaration.components)
    return declaration.model_copy(update={"components": parts})
