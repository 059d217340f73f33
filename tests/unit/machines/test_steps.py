"""The step that brings a machine into a wanted state."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.engine.step import Change, Level, Report, Step
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.state import Desired, File
from core.machines.steps import Unknown, Verify, machine_step
from tests.unit.machines.programs import table


class Bench:
    """Makes steps for one file on one machine."""

    def __init__(self, machines: Connections, folder: Path) -> None:
        self.machines = machines
        self.artifacts = Artifacts(folder / "cache", [], table())
        self.file = File(f"{folder}/hello", b"hello\n")
        self.missing = ""
        self.exists = True

    def desired(self) -> Desired:
        if self.missing:
            raise Unknown(self.missing)
        return Desired(files=(self.file,))

    def step(self, verify: Verify | None = None) -> Step:
        return machine_step(
            id="alpha/m1/hello",
            component="alpha",
            machine="m1",
            phase="hello",
            title="greet m1",
            requires=frozenset({"alpha/m1/ssh"}),
            desired=self.desired,
            machines=self.machines,
            artifacts=self.artifacts,
            exists=lambda: self.exists,
            deadline=7,
            verify=verify,
        )


@pytest.fixture
def bench(connections: Connections, tmp_path: Path) -> Bench:
    return Bench(connections, tmp_path)


def quiet(text: str, level: Level = "info") -> None:
    pass


async def test_applied_once_it_is_done(bench: Bench) -> None:
    step = bench.step()
    found = await step.probe()
    assert found == [Change("create", f"file {bench.file.path}", after="hello\n")]
    await step.apply(found, quiet)
    assert await step.probe() == []
    assert (step.id, step.target, step.deadline, step.requires) == (
        "alpha/m1/hello", "m1", 7, frozenset({"alpha/m1/ssh"}),
    )  # fmt: skip


async def test_a_machine_that_does_not_exist_is_planned_without_a_connection(bench: Bench, tmp_path: Path) -> None:
    Path(bench.file.path).write_text("hello\n")
    bench.exists = False
    assert [change.action for change in await bench.step().probe()] == ["create"]


async def test_what_is_not_known_yet_is_one_change(bench: Bench) -> None:
    bench.missing = "the address of kube-2"
    assert await bench.step().probe() == [
        Change("create", "greet m1", after="details known when the address of kube-2 is known")
    ]


async def test_verification_has_the_last_word(bench: Bench) -> None:
    async def verify(connection: Connection, report: Report) -> None:
        raise Trouble(f"{(await connection.run(f'cat {bench.file.path}')).stdout.strip()} is not enough")

    with pytest.raises(Trouble, match="hello is not enough"):
        await bench.step(verify).apply([], quiet)
