"""The journal: many writers, few commits, and nothing lost when a write fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.engine.bus import Bus
from core.engine.errors import Trouble
from core.engine.journal import Journal
from core.engine.runner import Runner
from core.engine.step import Graph
from core.store import JournalEntry, Line, Store
from tests.unit.engine.doubles import World


class Commits:
    """Counts the journal's commits, and makes as many fail at first as asked for."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, fail: int = 0) -> None:
        self.count = 0
        self._fail = fail
        self._append = store.journal.append
        monkeypatch.setattr(store.journal, "append", self.append)

    def append(self, deployment: int, entries: Sequence[JournalEntry], lines: Sequence[Line] = ()) -> None:
        self.count += 1
        if self.count <= self._fail:
            raise Trouble("disk full")
        self._append(deployment, entries, lines)


@pytest.fixture
async def journal(store: Store) -> Journal:
    return Journal(store, store.deployments.begin("lab", "deploy", "one", "ann"), Bus())


async def test_writers_that_come_together_share_commits(
    journal: Journal, store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(store, monkeypatch)

    async def write(name: str) -> None:
        await journal.record(world.step(name), "intent", "x")
        await journal.record(world.step(name), "done", "x")

    await asyncio.gather(*(write(str(number)) for number in range(50)))
    assert len(store.journal.of(1)) == 100
    assert commits.count <= 4


async def test_a_line_reaches_the_disk_without_anybody_waiting_for_it(journal: Journal, store: Store) -> None:
    journal.line("alpha", "one")
    journal.line("alpha", "two")
    while store.lines.last_number(1) < 2:
        await asyncio.sleep(0)
    journal.line("alpha", "three")
    await journal.close()
    assert [line.text for line in store.lines.after(1)] == ["one", "two", "three"]


async def test_lines_are_written_while_others_are_being_written(journal: Journal, store: Store) -> None:
    for number in range(30):
        journal.line("alpha", str(number))
        await asyncio.sleep(0)
    while store.lines.last_number(1) < 30:
        await asyncio.sleep(0)


async def test_what_could_not_be_written_is_written_with_the_next(
    journal: Journal, store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Commits(store, monkeypatch, fail=1)
    with pytest.raises(Trouble, match="disk full"):
        await journal.record(world.step("a"), "intent", "x")
    await journal.record(world.step("b"), "intent", "x")
    assert [entry.step for entry in store.journal.of(1)] == ["a", "b"]


async def test_a_step_whose_intent_cannot_be_written_is_not_applied(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(store, store.deployments.begin("lab", "deploy", "one", "ann"), Bus())
    Commits(store, monkeypatch, fail=10**6)
    result = await Runner(journal, Graph.of([world.step("a")])).run()
    assert (result.failed[0].text, world.log) == ("disk full", ["probe a"])


async def test_a_writer_that_is_cancelled_has_its_entry_written_all_the_same(
    journal: Journal, store: Store, world: World
) -> None:
    writing = asyncio.create_task(journal.record(world.step("a"), "done", "x"))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await journal.close()
    assert [entry.event for entry in store.journal.of(1)] == ["done"]


async def test_numbers_go_on_where_an_earlier_journal_of_the_deployment_ended(journal: Journal, store: Store) -> None:
    journal.line("alpha", "one")
    await journal.close()
    later = Journal(store, journal.deployment, Bus())
    later.line("alpha", "two")
    await later.close()
    assert [line.number for line in store.lines.after(1)] == [1, 2]
