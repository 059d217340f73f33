"""What the screens look like, at two sizes and in three themes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.live.operations import JournalEntry
from core.live.views import Usage, UsagePoint
from tests.tui.data import NOON, landscape
from tests.tui.driving import Driven, settled, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.live_data import listings
from tests.tui.picture import main_scene
from tests.tui.snapshots import difference, screen_styles, screen_text
from tui.app import GondolierApp
from tui.context import Context
from tui.screens.main import MainScreen
from tui.view_models.glyphs import ASCII, UNICODE, Glyphs
from tui.widgets.line_view import LineView
from tui.widgets.table_lines import TableLines

SIZES = [(80, 24), (160, 45)]
ALPHA_LINE = ("lab", "alpha")

Scene = Callable[[Driven], Awaitable[None]]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown as in Greenwich, and nothing of the person's own is read."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def scenery() -> FakeConsole:
    """The landscape with live objects, measures and a journal."""
    fake = landscape()
    fake.live.listings = listings()
    points = tuple(UsagePoint(NOON + n, 0.1 * n, 2**26 * n) for n in range(1, 9))
    fake.live.views["usage"] = Usage(True, nodes={"kube-2": points}, pods={"default/web-6c9f7d4b5-x2kqp": points})
    held = JournalEntry(2, NOON, NOON + 9, "ada", "drain", "lab", "alpha", "Node kube-2", "failed", "", "held", "k")
    done = replace(held, id=1, action="scale", subject="Deployment web", result="succeeded", text="3", error="")
    fake.live.entries = [held, done]
    return fake


def on_screen(driven: Driven, words: str) -> Callable[[], bool]:
    """Whether these words are somewhere on the screen."""
    return lambda: any(words in text_of(view) for view in driven.app.screen.query(LineView) if view.display)


def opened(key: str, words: str, *line: str) -> Scene:
    """Another screen, opened with a key on a line of the tree."""

    async def scene(driven: Driven) -> None:
        await driven.select(*(line or ("lab",)))
        await driven.press(key)
        await driven.until(on_screen(driven, words))

    return scene


def tabbed(key: str, words: str, *line: str, more: tuple[str, ...] = ()) -> Scene:
    """A tab with the focus in it."""

    async def scene(driven: Driven) -> None:
        await driven.select(*(line or ALPHA_LINE))
        await driven.press(key)
        if not driven.main.pane.has_focus_within:
            await driven.press("tab")
        await driven.until(on_screen(driven, words))
        await driven.press(*more)

    return scene


async def form(driven: Driven) -> None:
    await opened("e", "nothing is wrong")(driven)


async def searched(driven: Driven) -> None:
    await tabbed("4", "GET /cart", "lab", "alpha", "web", more=("slash", *"1182", "enter"))(driven)
    await driven.until(on_screen(driven, "2 of 2"))


async def measured(driven: Driven) -> None:
    await tabbed("3", "queue-7d9c5b")(driven)
    await driven.until(lambda: bool(driven.main.shared.usages))
    await driven.until(lambda: driven.main.query_one("#objects TableLines", TableLines).table.total == 4)


async def asked(driven: Driven) -> None:
    await measured(driven)
    await driven.press("home", "delete")
    await driven.until(on_screen(driven, "Cancel"))


SCENES: dict[str, Scene] = {
    "objects": measured,
    "delete": asked,
    "logs": searched,
    "endpoints": tabbed("2", "203.0.113.20", "lab", "alpha", "web"),
    "events": tabbed("5", "BackOff"),
    "deployment": tabbed("7", "6 of 8 steps"),
    "plan": opened("P", "etcd on kube-5"),
    "form": form,
    "journal": opened("J", "drain"),
    "pulse": opened("f6", "BackOff, restarting"),
    "help": opened("question_mark", "On lab, environment"),
}


async def drawn(app: GondolierApp, fake: FakeConsole, size: tuple[int, int], names: list[str]) -> list[str]:
    """The names of the scenes that look different now."""
    found: list[str] = []
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        for name in names:
            await SCENES[name](driven)
            await pilot.pause()
            found.append(difference(f"{name}-{size[0]}", screen_text(app)))
            while not isinstance(app.screen, MainScreen):
                await driven.press("escape")
            for _ in range(4):
                await driven.press("escape")
    return [one for one in found if one]


def console(fake: FakeConsole, theme: str = "lagoon", glyphs: Glyphs = UNICODE) -> GondolierApp:
    environ = {"GONDOLIER_THEME": theme, "GONDOLIER_CONFIG": "/nowhere/config.toml"}
    return GondolierApp(fake.connect, environ=environ, context=Context(glyphs, clock=lambda: NOON + 11))


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_looks_as_it_did(size: tuple[int, int]) -> None:
    fake = scenery()
    assert await drawn(console(fake), fake, size, list(SCENES)) == []


@pytest.mark.parametrize("theme", ["lagoon", "daylight", "ansi"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_main_screen_in_dark_light_and_the_terminal_s_own_colours(theme: str, size: tuple[int, int]) -> None:
    fake = landscape()
    app = console(fake, theme)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, fake)
        await main_scene(pilot, fake)
        assert difference(f"main-{size[0]}", screen_text(app)) == ""
        assert difference(f"main-{size[0]}-{theme}", screen_styles(app)) == ""


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_without_unicode(size: tuple[int, int]) -> None:
    """Not a character beyond ASCII reaches a terminal that cannot show it, on any screen."""
    fake = scenery()
    app = console(fake, "ansi", ASCII)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        for name in ("objects", "logs", "plan", "form", "pulse", "help", "deployment"):
            await SCENES[name](driven)
            await pilot.pause()
            assert [line for line in screen_text(app).splitlines() if not line.isascii()] == [], name
            while not isinstance(app.screen, MainScreen):
                await driven.press("escape")
            for _ in range(4):
                await driven.press("escape")


def test_a_difference_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONDOLIER_SNAPSHOTS", raising=False)
    monkeypatch.setattr("tests.tui.snapshots.DIRECTORY", tmp_path)
    (tmp_path / "one.txt").write_text("same\nold\n")
    assert difference("one", "same\nold\n") == ""
    assert difference("one", "same\nnew\n") == "one.txt:2\n  was 'old'\n  is  'new'"
