"""The values that an application's variables have here and now: texts, secrets, and where others are reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.containers.vault import UNMARKED, Hidden, Vault
from core.machines.steps import Unknown
from core.model.connections import Holder, closest, target_of
from core.model.container import Application
from core.model.declaration import Declaration
from core.model.endpoint import LOOPBACK, Endpoint, nearest
from core.model.pod import KubernetesPod
from core.model.value import ConnectionValue, EnvValue, GeneratedValue, SecretValue, SharedValue

Value = str | Hidden
Variables = Mapping[str, Mapping[str, Value]]
"""The values of a component's applications, by application and variable."""

TO_BE_MADE = Hidden("", UNMARKED)
"""What a plan shows in the place of a credential that its run will make."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What values depend on: the document, the endpoints that are recorded by component, the secrets, and the
    addresses that connections were last given (`kept` by "component/application/variable"), which stay while they are
    good. `noted` by "component/application" is what an application's class was last called for.
    """

    declaration: Declaration
    recorded: Callable[[str], Sequence[Endpoint]]
    vault: Vault
    kept: Callable[[str], str | None] = lambda key: None
    keep: Callable[[str, str], None] = lambda key, value: None
    noted: Callable[[str], str | None] = lambda key: None
    note: Callable[[str, str], None] = lambda key, value: None


class Resolver:
    """The values of one component's variables; `making` says whether credentials may be made, as a plan must not.

    Raises (every method):
        Unknown: an application that is connected to is not deployed yet.
        Refusal: a secret is not where the document says.
    """

    def __init__(self, around: Surroundings, holder: Holder, *, making: bool) -> None:
        self._around = around
        self._holder = holder
        self._making = making
        if making:
            around.vault.prepare()

    def all(self, applications: Iterable[Application]) -> dict[str, dict[str, Value]]:
        """The values of these applications."""
        return {one.name: self.of(one) for one in applications}

    def of(self, application: Application) -> dict[str, Value]:
        """The values of one application, by variable."""
        return {name: self._value(self._holder, application, name) for name in sorted(application.env)}

    def reached(self, value: ConnectionValue) -> tuple[str, int]:
        """Address and port of what a connection means, for the component's own containers."""
        return self._nearest(self._holder, *self._target(self._holder, value), value)

    def _value(self, holder: Holder, application: Application, name: str) -> Value:
        value: EnvValue = application.env[name]
        match value:
            case SecretValue():
                return self._around.vault.read(value)
            case GeneratedValue():
                return self._generated(holder, application, name, value)
            case SharedValue():
                return self._value(*self._target(holder, value), value.variable)
            case ConnectionValue():
                return self._connection(holder, application, name, value)
        return value

    def _generated(self, holder: Holder, application: Application, name: str, value: GeneratedValue) -> Hidden:
        vault = self._around.vault
        if self._making:
            return vault.make(holder.name, application.name, name, value)
        return vault.find(holder.name, application.name, name) or TO_BE_MADE

    def _connection(self, holder: Holder, application: Application, name: str, value: ConnectionValue) -> str:
        owner, target = self._target(holder, value)
        return written(value, *self._nearest(holder, owner, target, value, f"{holder.name}/{application.name}/{name}"))

    def _nearest(
        self, holder: Holder, owner: Holder, target: Application, value: ConnectionValue, key: str = ""
    ) -> tuple[str, int]:
        """The nearest place; with a `key` the one that was given before, where it is as near."""
        if owner.name == holder.name and isinstance(holder, KubernetesPod):
            return LOOPBACK, value.port
        known = [one for one in self._around.recorded(owner.name) if one.application == target.name]
        kept = self._around.kept(key) if key else None
        found = nearest(known, closest(holder, owner), value.port, value.protocol, kept=kept)
        if found is None:
            raise Unknown(f"the address of {owner.name}/{target.name}")
        if self._making and key and kept != found.place:
            self._around.keep(key, found.place)
        return found.address, found.port

    def _target(self, holder: Holder, value: ConnectionValue | SharedValue) -> tuple[Holder, Application]:
        found = target_of(self._around.declaration, holder, value)
        if found is None:
            raise Unknown(f"application {value.component or holder.name}/{value.application}")
        return found


def written(value: ConnectionValue, address: str, port: int) -> str:
    """The part of a place that a variable asks for."""
    match value.part:
        case "host":
            return address
        case "port":
            return str(port)
        case "url":
            return f"{value.scheme}://{address}:{port}"
    return f"{address}:{port}"
