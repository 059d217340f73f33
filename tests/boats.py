"""A package that brings applications along as classes, as somebody else would write it; tests install it somewhere."""

from __future__ import annotations

from typing import Any

from core.containers.library import (
    ApplicationPort,
    ConnectionValue,
    Description,
    DockerApplication,
    DockerContainer,
    Installation,
    Scope,
    TcpProbe,
)

calls: list[tuple[str, str, Any]] = []
"""What the hooks were called for: the hook, the application, and something that they saw."""


class Boat(DockerApplication):
    """A server that needs a harbour, when it is given one."""

    entry = {  # noqa: RUF012 – the library declares it as the class's
        "id": "boat",
        "title": "Boat",
        "category": "Vessels",
        "tags": ["water"],
        "description": "A boat with seats",
        "licence": "MIT",
        "image": "boat:1.0",
        "parameters": {
            "seats": {"kind": "number", "title": "Seats", "help": "how many", "default": 6, "least": 1, "most": 20},
            "key": {"kind": "secret", "title": "Key", "help": "what starts it"},
            "harbour": {"kind": "application", "title": "Harbour", "help": "where it lies", "default": ""},
        },
        "reports": [{"port": 80, "text": "http://{address}/"}],
    }

    def container(self, description: Description) -> DockerContainer:
        seats, harbour = description.parameters["seats"], description.parameters["harbour"]
        env: dict[str, Any] = {"SEATS": str(seats), "KEY": description.parameters["key"]}
        if harbour:
            env["HARBOUR"] = self.connection_to(harbour, 8080)
        port = ApplicationPort(port=80, scope=Scope.PUBLIC)
        return DockerContainer(env=env, ports=[port], probe=TcpProbe(port=80, period=1))

    async def installation_started(self, installation: Installation) -> None:
        calls.append(("started", installation.application.name, installation.variable("SEATS")))
        installation.report(f"{installation.application.name} is launched")

    async def installation_finished(self, installation: Installation) -> None:
        harbour = installation.application.env.get("HARBOUR")
        seen = installation.reached(harbour) if isinstance(harbour, ConnectionValue) else installation.endpoints
        calls.append(("finished", installation.application.name, seen))


class Leaky(Boat):
    """One whose hook fails, and tells its key while it does."""

    entry = Boat.entry | {"id": "leaky"}

    async def installation_started(self, installation: Installation) -> None:
        raise RuntimeError(f"no water under the keel, key {installation.variable('KEY')}")


class Wreck(Boat):
    """One that cannot describe its container."""

    entry = Boat.entry | {"id": "wreck"}

    def container(self, description: Description) -> DockerContainer:
        raise KeyError("hull")


class Nameless(DockerApplication):
    """One that says nothing of itself."""

    def container(self, description: Description) -> DockerContainer:
        return DockerContainer(image="boat:1.0")
