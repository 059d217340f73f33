"""The gateway agent's own rules: the very file that was placed on the machine, without the parts that touch it."""

from __future__ import annotations

import hashlib
import sys
from types import ModuleType
from typing import Any, Protocol, cast


class Publication(Protocol):
    """One port of one Service on a gateway, as the agent decides it."""

    namespace: str
    name: str
    port: int
    protocol: str
    targets: tuple[tuple[str, int], ...]
    state: str
    message: str


class Rules(Protocol):
    """What the simulator uses of the agent's file; see there."""

    Settings: Any

    def service_of(self, item: dict[str, Any]) -> Any: ...

    def slice_of(self, item: dict[str, Any]) -> Any: ...

    def publications(self, services: Any, slices: Any, reserved: Any, taken: Any) -> list[Publication]: ...

    def render_haproxy(self, found: list[Publication], settings: Any) -> str: ...

    def _row(self, one: Publication) -> dict[str, Any]: ...


_loaded: dict[str, ModuleType] = {}


def load_rules(source: bytes) -> Rules:
    """The rules in an agent's file, loaded once for each text.

    Raises:
        SyntaxError: it is no Python.
    """
    digest = hashlib.sha256(source).hexdigest()[:16]
    if digest not in _loaded:
        module = ModuleType(f"simulated_gateway_agent_{digest}")
        # Its dataclasses look their module up by name.
        sys.modules[module.__name__] = module
        exec(compile(source, module.__name__, "exec"), module.__dict__)
        _loaded[digest] = module
    return cast("Rules", _loaded[digest])
