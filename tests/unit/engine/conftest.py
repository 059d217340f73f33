"""A store with the environment "lab", and a way to run steps in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from core.engine.bus import Bus
from core.engine.journal import Journal
from core.engine.policy import Policy
from core.engine.runner import Result, Runner
from core.engine.step import Graph, Step
from core.store import Store
from tests.unit.engine.doubles import Time, World

RunSteps = Callable[..., Awaitable[Result]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "home") as opened:
        opened.environments.create("lab")
        yield opened


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def run_steps(store: Store, time: Time) -> RunSteps:
    """Run steps as one deployment of "lab" and return the runner's result."""

    async def run(*steps: Step, policy: Policy | None = None) -> Result:
        journal = Journal(store, store.deployments.begin("lab", "deploy", "one", "ann"), Bus())
        try:
            return await Runner(journal, Graph.of(steps), policy or time.policy()).run()
        finally:
            await journal.close()
            store.deployments.end(journal.deployment.id, "succeeded")

    return run
