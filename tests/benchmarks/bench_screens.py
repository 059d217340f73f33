"""How quickly the open console answers: `python -m tests.benchmarks.bench_screens`.

A headless console over data of the tests' façade, 1,000 lines in the tree and 10,000 pods in the table. "Paint" is the
time from the key, or from the event, to the end of the next repaint; the lateness of a ticker beside it shows how long
the event loop is held.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from statistics import median
from typing import NamedTuple

from textual.app import App
from textual.events import Key

from core.live.tables import TableChanged
from core.status import NodeStatus
from tests.benchmarks.calibration import calibrate
from tests.tui.data import NOON, X2, alpha, lab, landscape, record
from tests.tui.driving import Driven, settled
from tests.tui.fake_console import FakeConsole
from tests.tui.live_data import listing, listings, pod
from tui.__main__ import _SOON
from tui.app import GondolierApp
from tui.context import Context
from tui.view_models.glyphs import UNICODE
from tui.widgets.log_lines import LogLines
from tui.widgets.objects_tab import ObjectsTab

PODS = 10_000
MACHINES = 1_000
LOG = 100_000


class Took(NamedTuple):
    """Milliseconds on the wall and on the processor."""

    wall: float
    processor: float


class Paints:
    """Stamps the end of each repaint."""

    def __init__(self, app: App[None]) -> None:
        self._display = app._display
        self.painted = asyncio.Event()
        app._display = self._stamped  # type: ignore[method-assign]

    def _stamped(self, screen: object, renderable: object) -> None:
        self._display(screen, renderable)  # type: ignore[arg-type]
        self.painted.set()

    async def after(self, cause: Callable[[], object]) -> Took:
        """Milliseconds from the cause to the end of the next repaint."""
        self.painted.clear()
        began, worked = time.perf_counter(), time.process_time()
        cause()
        await asyncio.wait_for(self.painted.wait(), 10)
        return Took((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000)


class Lateness:
    """How late a ticker of 5 ms is, in milliseconds, and how much of that this process worked meanwhile.

    On a box that is shared, only the work says how long the event loop was held by the console itself.
    """

    def __init__(self) -> None:
        self.late: list[float] = []
        self.held: list[float] = []

    async def run(self) -> None:
        while True:
            before, worked = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.005)
            self.late.append((time.perf_counter() - before - 0.005) * 1000)
            self.held.append((time.process_time() - worked) * 1000)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look for as long as the block lasts."""
        self.late.clear()
        self.held.clear()
        task = asyncio.ensure_future(self.run())
        try:
            yield
        finally:
            task.cancel()


def p95(values: list[float]) -> float:
    """The value that 95 % stay below."""
    return sorted(values)[int(len(values) * 0.95)] if values else 0.0


def told(what: str, values: list[Took], most: float) -> None:
    """Print the median and the 95th percentile beside what should be reached, then the processor's part."""
    wall, work = [one.wall for one in values], [one.processor for one in values]
    print(
        f"{what:<38} median {median(wall):6.1f}   p95 {p95(wall):6.1f} ms   at most {most:.0f}"
        f"   processor median {median(work):6.1f}   p95 {p95(work):6.1f} ms"
    )


async def keys(driven: Driven, paints: Paints, key: str, count: int) -> list[Took]:
    """The time of each of so many presses of a key."""
    found: list[Took] = []
    for _ in range(count):
        found.append(await paints.after(lambda: driven.app.post_message(Key(key, None))))
        await driven.pilot.pause()
    return found


def crowded() -> FakeConsole:
    """An environment of a thousand machines, and ten thousand pods in its cluster."""
    fake = landscape()
    nodes = tuple(NodeStatus(f"kube-{n}", "worker", True, f"10.7.{n // 250}.{n % 250}") for n in range(2, MACHINES + 2))
    cluster = replace(alpha(), workers=MACHINES, workers_max=MACHINES, nodes=nodes)
    fake.statuses = {"lab": replace(lab(), components=(cluster, *lab().components[1:]))}
    fake.live.listings = listings()
    fake.live.listings["pods"] = listing("Pod", [pod(f"web-{n:05}", node=f"kube-{n % 1000}") for n in range(PODS)])
    return fake


async def main() -> None:
    """Print every figure."""
    for name in _SOON:
        import_module(name)
    fake = crowded()
    app = GondolierApp(fake.connect, environ={}, context=Context(UNICODE, clock=lambda: NOON))
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot, app, fake)
        driven, paints, lateness = Driven(app, pilot, fake), Paints(app), Lateness()
        print(f"{len(app.main.environments._tree):,} lines in the tree")
        told("tree: key to paint", await keys(driven, paints, "down", 60), 50)
        told("tree: page down to paint", await keys(driven, paints, "pagedown", 20), 50)
        await pods(driven, paints, lateness)
        await dialogs(driven, paints)
        await updates(driven, paints, lateness)
        await logs(driven, paints)
    print(calibrate())


async def pods(driven: Driven, paints: Paints, lateness: Lateness) -> None:
    """Ten thousand pods: listed, moved through, sorted, filtered."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await driven.select("lab", "alpha")
    began = time.perf_counter()
    with lateness.watching():
        await driven.press("3", "tab")
        await driven.until(lambda: tab(driven).lines.table.total == PODS)
    loaded = (time.perf_counter() - began) * 1000
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{PODS:,} pods shown after {loaded:.0f} ms, at most 1000")
    print(f"longest slice of work {max(lateness.held):.0f} ms, at most 30; latest tick {max(lateness.late):.0f} ms")
    print(f"memory grown by {grown:.0f} MB, the rows themselves not counted")
    await driven.press("home")
    told("table: key to paint", await keys(driven, paints, "down", 60), 50)
    told("table: page down to paint", await keys(driven, paints, "pagedown", 20), 50)
    told("table: sort by the next column", await keys(driven, paints, "greater_than_sign", 8), 50)
    await driven.press("slash")
    told("table: letter of a filter to paint", [*await letters(driven, paints, "web-0009")], 50)
    await driven.press("escape")


async def letters(driven: Driven, paints: Paints, text: str) -> list[Took]:
    """The time of each letter."""
    found: list[Took] = []
    for letter in text:
        key = {"-": "minus"}.get(letter, letter)
        found.append(await paints.after(lambda key=key, letter=letter: driven.app.post_message(Key(key, letter))))  # type: ignore[misc]
        await driven.pilot.pause()
    return found


async def dialogs(driven: Driven, paints: Paints) -> None:
    """A question opens."""
    found: list[Took] = []
    for _ in range(8):
        found.append(await paints.after(lambda: driven.app.post_message(Key("delete", None))))
        await driven.until(lambda: driven.app.screen is not driven.main)
        await driven.press("escape")
        await driven.until(lambda: driven.app.screen is driven.main)
    told("dialog: key to paint", found, 80)


async def updates(driven: Driven, paints: Paints, lateness: Lateness) -> None:
    """A watch event to its paint, then 500 changed objects a second for five seconds."""
    coming = driven.fake.live.listings["pods"].coming
    await driven.press("home")
    found: list[Took] = []
    for version in range(20):
        change = TableChanged((pod("web-00003", restarts=version, version=version + 2),))
        found.append(await paints.after(lambda change=change: coming.put_nowait(change)))  # type: ignore[misc]
        await driven.pilot.pause()
    told("watch event to paint (without the bus)", found, 150)
    busy = time.process_time()
    began = time.perf_counter()
    with lateness.watching():
        for batch in range(50):
            rows = [pod(f"web-{(batch * 50 + n) % PODS:05}", restarts=batch, version=batch + 50) for n in range(50)]
            coming.put_nowait(TableChanged(tuple(rows)))
            await asyncio.sleep(0.1)
    spent = (time.process_time() - busy) / (time.perf_counter() - began) * 100
    print(
        f"500 updates a second: {spent:.0f} % of a core with making the rows, lateness p95 {p95(lateness.late):.1f} ms"
    )


async def logs(driven: Driven, paints: Paints) -> None:
    """A log of a hundred thousand lines: filled, paged, searched."""
    driven.main.environments.focus()
    await driven.select("lab", "alpha", "web")
    await driven.press("4", "tab")
    await driven.until(lambda: bool(driven.main.query(LogLines)))
    lines = driven.main.query_one(LogLines)
    for start in range(0, LOG, 1000):
        words = "ms and more words that make the line as long as lines are"
        batch = [record(X2, n, f"{n:06} GET /cart 200 {n % 97} {words}") for n in range(start, start + 1000)]
        driven.fake.live.coming.put_nowait(batch)
    began = time.perf_counter()
    await driven.until(lambda: lines.buffer.end >= LOG)
    print(f"{LOG:,} lines of a log taken in {time.perf_counter() - began:.1f} s, twenty batches a second")
    told("log: page up to paint", await keys(driven, paints, "pageup", 20), 20)
    await driven.press("slash")
    told("log: letter of a search to paint", await letters(driven, paints, "cart"), 150)
    await driven.press("escape")


def tab(driven: Driven) -> ObjectsTab:
    """The tab of live objects."""
    content = driven.main.pane.content
    assert isinstance(content, ObjectsTab)
    return content


if __name__ == "__main__":
    asyncio.run(main())
