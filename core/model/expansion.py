"""Applications of the catalogue as complete applications; pure: the same document and entries give the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from core.model.base import SENTENCE, Path, suggestion
from core.model.catalogue import Entry, Parameter, Undescribed
from core.model.container import Application, ParameterValue
from core.model.contradiction import Contradiction
from core.model.declaration import Component, Declaration
from core.model.host import DockerStandaloneHost
from core.model.pod import KubernetesPod
from core.model.secret import SecretReference
from core.model.template import Values

_MERGED = ("env", "volumes")

Declared = TypeVar("Declared", bound=Declaration)


def expand(declaration: Declared, entries: Mapping[str, Entry]) -> Declared:
    """The declaration with every application of the catalogue filled in.

    Raises:
        ValueError: `expansion_contradictions` finds something.
    """
    components = tuple(_filled_in(part, entries) for part in declaration.components)
    return declaration.model_copy(update={"components": components})


def _filled_in(part: Component, entries: Mapping[str, Entry]) -> Component:
    if not isinstance(part, KubernetesPod | DockerStandaloneHost):
        return part
    return part.model_copy(
        update={"applications": tuple(expanded(one, entries, part.name) for one in part.applications)}
    )


def expansion_contradictions(declaration: Declaration, entries: Mapping[str, Entry]) -> Iterator[Contradiction]:
    """Unknown entries, and parameters that are missing, unknown or wrong."""
    for index, part in enumerate(declaration.components):
        if isinstance(part, KubernetesPod | DockerStandaloneHost):
            for place, application in enumerate(part.applications):
                here: Path = ("components", index, "applications", place)
                yield from _application(application, entries, part.name, here)


def expanded(application: Application, entries: Mapping[str, Entry], component: str) -> Application:
    """The application filled in by its entry; what it says itself wins.

    Beside the entry's parameters `${name}` and `${component}` stand for the names of the application and of the
    component that has it.

    Raises:
        ValueError: the entry is unknown, or a parameter is missing or wrong.
        Undescribed: the entry cannot say what its container is.
    """
    if application.catalogue is None:
        return application
    entry = entries.get(application.catalogue)
    if entry is None:
        raise ValueError(f"the catalogue has no entry {application.catalogue}")
    values = _values(application, entry) | {"name": application.name, "component": component}
    template = entry.template(values)
    said = {name: getattr(application, name) for name in application.model_fields_set}
    merged = {name: {**template.get(name, {}), **said.get(name, {})} for name in _MERGED}
    data = {"image": entry.image, **template, **said, **merged}
    return Application.model_validate(data)


def _values(application: Application, entry: Entry) -> Values:
    return {name: _value(one, application.parameters.get(name)) for name, one in entry.parameters.items()}


def _value(parameter: Parameter, given: ParameterValue | None) -> Any:
    chosen = parameter.default if given is None else given
    if parameter.kind == "secret":
        return {"kind": "generated"} if chosen is None else {"kind": "secret", **_place(chosen)}
    if isinstance(chosen, bool):
        return str(chosen).lower()
    return chosen


def _place(reference: Any) -> dict[str, str]:
    if not isinstance(reference, SecretReference):
        raise ValueError("a secret is named by `{file: PATH}` or `{env: VARIABLE}`")
    return reference.model_dump(exclude_none=True)


def _application(
    application: Application, entries: Mapping[str, Entry], component: str, here: Path
) -> Iterator[Contradiction]:
    if application.catalogue is None:
        return
    entry = entries.get(application.catalogue)
    if entry is None or entry.pods:
        known = [name for name, one in entries.items() if not one.pods]
        close = suggestion(application.catalogue, known)
        allowed = f"an entry of the catalogue (`gondolier catalogue` lists them){close}"
        yield Contradiction((*here, "catalogue"), f'"{application.catalogue}"', allowed)
        return
    found = list(_parameters(application, entry, (*here, "parameters")))
    yield from found or _unfit(application, entries, component, here)


def _parameters(application: Application, entry: Entry, here: Path) -> Iterator[Contradiction]:
    for name in application.parameters.keys() - entry.parameters.keys():
        allowed = f"a parameter of {entry.id}: {', '.join(entry.parameters)}{suggestion(name, entry.parameters)}"
        yield Contradiction((*here, name), f"the unknown parameter `{name}`", allowed)
    for name, parameter in entry.parameters.items():
        given = application.parameters.get(name)
        if given is None and parameter.required:
            yield Contradiction((*here, name), "nothing", f"{parameter.title}: {allowed_by(parameter)}")
        elif given is not None and not fits(parameter, given):
            # A secret that was written out must not be repeated.
            found = "a value (not shown)" if parameter.kind == "secret" else f'"{given}"'
            yield Contradiction((*here, name), found, allowed_by(parameter))


def fits(parameter: Parameter, given: ParameterValue) -> bool:
    """Whether a value is one that the parameter takes."""
    match parameter.kind:
        case "flag":
            return isinstance(given, bool)
        case "number":
            return isinstance(given, int) and not isinstance(given, bool) and parameter.least <= given <= parameter.most
        case "secret":
            return isinstance(given, SecretReference)
        case "choice":
            return given in parameter.choices
    return isinstance(given, str) and (parameter.pattern is None or re.fullmatch(parameter.pattern, given) is not None)


def allowed_by(parameter: Parameter) -> str:
    """What a parameter takes, in words."""
    match parameter.kind:
        case "flag":
            return "true or false"
        case "number":
            return f"a whole number from {parameter.least} to {parameter.most}"
        case "secret":
            return "where the secret is, `{file: PATH}` or `{env: VARIABLE}`; left out, one is generated"
        case "choice":
            return f"one of {', '.join(parameter.choices)}"
        case "application":
            return "another application, as NAME or COMPONENT/NAME"
    return parameter.help


def _unfit(
    application: Application, entries: Mapping[str, Entry], component: str, here: Path
) -> Iterator[Contradiction]:
    """An entry whose parameters are sound one by one but make no application."""
    try:
        expanded(application, entries, component)
    except Undescribed as error:
        found = f"{application.catalogue}, which fails: {error}"
        yield Contradiction((*here, "catalogue"), found, "an entry that can describe its container")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        allowed = str(first["ctx"]["allowed"]) if first["type"] == SENTENCE else first["msg"]
        where = ".".join(str(part) for part in first["loc"])
        yield Contradiction((*here, "parameters"), f"parameters that give a wrong {where}", allowed)
