"""An environment on simulated machines, driven by the façade in this process; its simulator is a daemon as always."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.console import Console
from core.deployment.outcome import Outcome
from core.simulator.client import Client
from core.status import ComponentStatus, EndpointStatus
from core.store.store import Store

PATIENCE = 30.0
"""Seconds that something may take that happens by itself."""


class Lines:
    """Keeps what a run reports."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def line(self, component: str, machine: str, level: str, text: str) -> None:
        self.texts.append(text)

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        self.texts.append(message)


class Lab:
    """An environment of a home: cluster alpha and pod web."""

    def __init__(self, home: Path, store: Store, environment: str = "lab") -> None:
        self.home = home
        self.environment = environment
        self.console = Console(store)
        self.client = Client(home)
        self.report = Lines()

    async def deploy(self, text: str | None = None) -> Outcome:
        """Deploy a document, or again what is deployed."""
        if text is not None:
            await self.console.apply(text, "lab.yaml")
        self.report = Lines()
        return await self.console.deploy_here(self.environment, self.report)

    async def act(self, component: str, action: str) -> Outcome:
        """Do an action on a component."""
        self.report = Lines()
        return await self.console.act_here(self.environment, component, action, self.report)

    async def cancelled(self, component: str, action: str, text: str) -> Outcome:
        """Do an action, and cancel it at once when its report says something."""
        acting = asyncio.ensure_future(self.act(component, action))
        async with asyncio.timeout(PATIENCE):
            while not any(text in line for line in self.report.texts):
                assert not acting.done(), f"{action} ended before: {acting.result()}"
                await asyncio.sleep(0.02)
        for _ in ("in an orderly way", "at once"):
            self.console.cancel_here()
        return await acting

    async def inject(self, kind: str, machine: str = "", **given: Any) -> None:
        """Inject a fault into the environment or a machine of it."""
        await self.client.ask("inject", dict, kind=kind, environment=self.environment, machine=machine, **given)

    async def clear(self) -> None:
        """Clear every fault."""
        await self.client.ask("clear", int)

    async def plan(self) -> list[dict[str, Any]]:
        """The steps that a deployment would take."""
        return await self.console.planned(self.environment)

    async def machines(self) -> dict[str, str]:
        """The addresses of the cluster's machines by name."""
        return {node.name: node.address for node in (await self.component("alpha")).nodes}

    async def component(self, name: str) -> ComponentStatus:
        """A component as it is now."""
        status = await self.console.status(self.environment)
        assert not status.trouble, status.trouble
        return next(part for part in status.components if part.name == name)

    async def condition(self, name: str, component: str = "alpha") -> tuple[str, str]:
        """Status and message of a component's condition."""
        found = await self.component(component)
        return next((each.status, each.message) for each in found.conditions if each.type == name)

    async def until(self, holds: Callable[[ComponentStatus], bool], component: str = "alpha") -> ComponentStatus:
        """Look at a component until something holds of it."""
        async with asyncio.timeout(PATIENCE):
            while not holds(found := await self.component(component)):
                await asyncio.sleep(0.05)
        return found


@contextmanager
def deployed(home: Path, text: str) -> Iterator[None]:
    """Environment lab is deployed from a document, and its simulator ends with the block."""
    try:
        asyncio.run(_deploy(home, text))
        yield
    finally:
        asyncio.run(Client(home).stop())


async def _deploy(home: Path, text: str) -> None:
    with Store(home) as store:
        lab = Lab(home, store)
        outcome = await lab.deploy(text)
        assert outcome.good, "\n".join([*lab.report.texts, outcome.message])


def is_ready(component: ComponentStatus) -> bool:
    """Whether every condition of a component holds."""
    return all(condition.status == "True" for condition in component.conditions)


def opened(endpoint: EndpointStatus) -> tuple[int, bytes]:
    """Open an endpoint's page: the status of the answer, and the page in lower case."""
    with urllib.request.urlopen(f"http://{endpoint.address}:{endpoint.port}/", timeout=5) as answer:
        return int(answer.status), answer.read().lower()
