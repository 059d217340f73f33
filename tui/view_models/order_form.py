"""An order from the catalogue as a form: its fields, what is wrong with them, and the order that comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.deployment.adding import typed
from core.model.base import Path
from core.model.catalogue import Entry, Parameter
from core.model.composition import Order
from core.model.declaration import Declaration
from core.model.expansion import allowed_by, fits
from core.model.secret import SecretReference
from core.model.text import DnsLabel
from tui.view_models.document_form import NEEDED, Sort
from tui.view_models.document_form import Entry as FormLine

KEYS = (
    ("enter", "Fill in"),
    ("space", "Choose"),
    ("n", "Next mistake"),
    ("S", "Add"),
    ("D", "Add and plan"),
    ("esc", "Back"),
)
"""The form's own keys."""

NAME: Path = ("name",)
PLACE: Path = ("to",)
REPLICAS: Path = ("replicas",)

_MOST_REPLICAS = 10_000
_SECRET = "`file:PATH` or `env:VARIABLE`, where the secret is; left out, one is generated"
_SORTS: Mapping[str, Sort] = {"number": "number", "flag": "flag", "choice": "choice"}
_FLAGS = {"yes": "true", "no": "false"}
_NAMES: TypeAdapter[str] = TypeAdapter(DnsLabel)


class OrderForm:
    """The texts of an order's fields; those of parameters that are empty are left to their defaults."""

    def __init__(self, entry: Entry, declared: Declaration) -> None:
        self.entry = entry
        self._declared = declared
        self._hosts = [] if entry.pods else [host.name for host in declared.hosts()]
        self._places = tuple([cluster.name for cluster in declared.clusters()] + self._hosts)
        self._texts: dict[Path, str] = {NAME: entry.id, PLACE: next(iter(self._places), ""), REPLICAS: "1"}

    @property
    def lines(self) -> list[FormLine]:
        """The lines of the form; a Docker host runs one of it, and an entry of several pods says how many of each."""
        return list(self._lines())

    def value(self, line: FormLine) -> str:
        """What stands in a field, "" where nothing does."""
        return self._texts.get(line.path, "")

    def put(self, line: FormLine, text: str) -> None:
        """Put this into a field."""
        self._texts[line.path] = text.strip()

    def turn(self, line: FormLine, step: int) -> None:
        """Choose the next of a field's choices; of a parameter the default is one of them."""
        choices = ("yes", "no") if line.sort == "flag" else line.choices
        every = choices if line.path == PLACE else ("", *choices)
        now = self.value(line)
        at = every.index(now) if now in every else 0
        if every:
            self.put(line, every[(at + step) % len(every)])

    def problem(self, line: FormLine) -> str:
        """What is wrong with a field, "" where nothing is."""
        if line.sort == "group":
            return ""
        text = self.value(line)
        if line.path == NAME:
            return self._name_problem(text)
        if line.path == PLACE:
            return "" if text else "it has no cluster and no Docker host that this could go to"
        if line.path == REPLICAS:
            return "" if text.isdecimal() and int(text) <= _MOST_REPLICAS else f"found {text}; allowed: {line.help}"
        return self._parameter_problem(str(line.path[-1]), text)

    @property
    def mistakes(self) -> int:
        """How many fields are wrong."""
        return sum(bool(self.problem(line)) for line in self.lines)

    @property
    def order(self) -> Order:
        """The order, with which nothing is wrong field by field."""
        place, on_host = self._texts[PLACE], self._on_host
        given = {
            str(line.path[-1]): self._typed(str(line.path[-1]), self.value(line))
            for line in self.lines
            if line.path[0] == "parameters" and self.value(line)
        }
        return Order(
            self.entry,
            self._texts[NAME],
            cluster=None if on_host else place,
            host=place if on_host else None,
            replicas=int(self._texts[REPLICAS]),
            parameters=given,
        )

    @property
    def _on_host(self) -> bool:
        return self._texts[PLACE] in self._hosts

    def _lines(self) -> Iterator[FormLine]:
        yield FormLine(NAME, "name", "text", 0, "what it is called in the environment", default=NEEDED)
        help = "the cluster that gets a pod for it, or the Docker host that it comes on"
        yield FormLine(PLACE, "to", "choice", 0, help, self._places, default=NEEDED)
        if not self._on_host and not self.entry.pods:
            yield FormLine(REPLICAS, "replicas", "number", 0, f"a whole number from 0 to {_MOST_REPLICAS}")
        if self.entry.parameters:
            yield FormLine(("parameters",), "parameters", "group", 0)
        for name, parameter in self.entry.parameters.items():
            sort = _SORTS.get(parameter.kind, "text")
            help = f"{parameter.title}: {parameter.help}; {_allowed(parameter)}"
            yield FormLine(("parameters", name), name, sort, 1, help, parameter.choices, _default(parameter))

    def _name_problem(self, text: str) -> str:
        try:
            _NAMES.validate_python(text)
        except ValidationError:
            allowed = "at most 63 of a-z, 0-9 and dashes within"
            return f"found {text or 'nothing'}; allowed: {allowed}"
        taken = self._taken()
        names = [f"{text}-{pod.name}" for pod in self.entry.pods] or [text]
        return next((f"{name} is taken: choose another name" for name in names if name in taken), "")

    def _taken(self) -> set[str]:
        """The names that are used where it is to go."""
        if self._on_host:
            host = next(host for host in self._declared.hosts() if host.name == self._texts[PLACE])
            return {application.name for application in host.applications}
        return {component.name for component in self._declared.components}

    def _parameter_problem(self, name: str, text: str) -> str:
        parameter = self.entry.parameters[name]
        if not text:
            return f"needed: {_allowed(parameter)}" if _default(parameter) == NEEDED else ""
        given = self._typed(name, text)
        if parameter.kind == "secret":
            # What was typed may be the secret itself, which must not be repeated.
            return "" if _is_reference(given) else f"allowed: {_SECRET}"
        return "" if fits(parameter, given) else f"found {text}; allowed: {_allowed(parameter)}"

    def _typed(self, name: str, text: str) -> Any:
        return typed(self.entry, name, _FLAGS.get(text, text) if self.entry.parameters[name].kind == "flag" else text)


def _is_reference(given: Any) -> bool:
    try:
        SecretReference.model_validate(given)
    except ValidationError:
        return False
    return True


def _allowed(parameter: Parameter) -> str:
    return _SECRET if parameter.kind == "secret" else allowed_by(parameter)


def _default(parameter: Parameter) -> str:
    """What a parameter is where it is left out."""
    if parameter.entry:
        return f"{parameter.entry} is added with it"
    if parameter.required:
        return NEEDED
    if parameter.default is None:
        return "generated"
    if isinstance(parameter.default, bool):
        return "yes" if parameter.default else "no"
    return str(parameter.default)
