"""The run's socket: followers, cancel, stale and long paths."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path

from core.engine.bus import Bus
from core.engine.events import Event, RequestRefused, RunCancelled, StepStarted
from core.engine.session import LONGEST_LINE, Session, follow, request_cancel, socket_path
from core.store.home import socket_address


def started(number: int) -> StepStarted:
    return StepStarted(time=float(number), step=str(number))


async def collect(home: Path, environment: str = "lab") -> list[Event]:
    return [event async for event in follow(home, environment)]


class Live:
    """A session with its bus; cancels answer as a run does."""

    def __init__(self, home: Path, environment: str = "lab") -> None:
        self.bus = Bus()
        self.reasons: list[str] = []
        self.session = Session(home, environment, self.bus, self.cancel)

    def cancel(self, reason: str) -> None:
        self.reasons.append(reason)
        self.bus.publish(RunCancelled(time=1.0, reason=reason, grace=30.0))

    async def __aenter__(self) -> Live:
        await self.session.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bus.close()
        await self.session.close()


async def test_without_a_run_there_is_nothing_to_follow_or_cancel(tmp_path: Path) -> None:
    assert await collect(tmp_path) == []
    assert not await request_cancel(tmp_path, "lab")


async def test_every_follower_gets_the_events_so_far_and_then_the_live_ones(tmp_path: Path) -> None:
    async with Live(tmp_path) as live:
        live.bus.publish(started(1))
        early, late = follow(tmp_path, "lab"), follow(tmp_path, "lab")
        assert [await anext(early), await anext(late)] == [started(1), started(1)]
        live.bus.publish(started(2))
        await live.bus.close()
        assert [event async for event in early] == [event async for event in late] == [started(2)]


async def test_a_follower_that_hangs_up_harms_nobody(tmp_path: Path) -> None:
    async with Live(tmp_path) as live:
        live.bus.publish(started(1))
        leaver, stayer = follow(tmp_path, "lab"), follow(tmp_path, "lab")
        await anext(leaver)
        await anext(stayer)
        await leaver.aclose()
        for number in range(2, 50):
            live.bus.publish(started(number))
            await asyncio.sleep(0)
        await live.bus.close()
        assert len([event async for event in stayer]) == 48


async def test_a_follower_can_ask_to_cancel_and_is_answered(tmp_path: Path) -> None:
    async with Live(tmp_path) as live:
        assert await request_cancel(tmp_path, "lab")
        assert live.reasons == ["cancelled by a follower"]


async def test_a_request_that_is_not_understood_is_answered_and_harmless(tmp_path: Path) -> None:
    async with Live(tmp_path) as live:
        reader, writer = await asyncio.open_unix_connection(str(socket_path(tmp_path, "lab")), limit=LONGEST_LINE)
        for request in (b'{"delete": true}\n', b"nonsense\n", b'{"cancel": false}\n', b"x" * 5000 + b"\n"):
            writer.write(request)
        answers = [await reader.readline() for _ in range(3)]
        assert all(RequestRefused.__name__.encode() in answer for answer in answers)
        assert live.reasons == []
        writer.close()


async def test_the_socket_is_its_owners_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    path = socket_path(tmp_path, "lab")
    async with Live(tmp_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.exists()


async def test_a_dead_runs_socket_counts_as_no_run_and_is_replaced(tmp_path: Path) -> None:
    path = socket_path(tmp_path, "lab")
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert await collect(tmp_path) == []
    async with Live(tmp_path) as live:
        live.bus.publish(started(1))
        follower = follow(tmp_path, "lab")
        assert await anext(follower) == started(1)


async def test_the_socket_of_a_run_that_took_over_stays(tmp_path: Path) -> None:
    async with Live(tmp_path) as old, Live(tmp_path):
        old.session.stop_listening()
        assert socket_path(tmp_path, "lab").exists()


async def test_paths_longer_than_a_socket_address_work(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    async with Live(home, "lab") as live:
        assert len(str(socket_path(home, "lab"))) > 108
        live.bus.publish(started(1))
        assert await anext(follow(home, "lab")) == started(1)


def test_unusual_names_are_hashed_and_do_not_meet(tmp_path: Path) -> None:
    names = ["a/b", "a b", "x" * 200, "y" * 200, "plain", ".."]
    paths = {socket_path(tmp_path, name) for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {tmp_path / "run"}


def test_a_short_path_is_used_as_it_is(tmp_path: Path) -> None:
    with socket_address(Path("/run/x.sock")) as address:
        assert address == "/run/x.sock"
