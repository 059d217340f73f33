"""What a person sets: keys, themes of one's own, and files that are wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tui.data import NOON, landscape
from tests.tui.driving import Driven, settled, text_of
from tests.tui.fake_console import FakeConsole
from themes import DIRECTORY
from tui.app import GondolierApp
from tui.context import Context
from tui.keymap import Bound, bindings, keymap_troubles
from tui.preferences import Preferences, config_file, read_preferences
from tui.screens.choose import ChooseScreen
from tui.screens.main import MainScreen
from tui.user_themes import UserThemes
from tui.view_models.glyphs import UNICODE
from tui.widgets.line_view import LineView

MINE = (DIRECTORY / "lagoon.toml").read_text().replace('name = "lagoon"', 'name = "mine"')


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def console(path: Path, fake: FakeConsole) -> GondolierApp:
    environ = {"GONDOLIER_CONFIG": str(path)}
    return GondolierApp(fake.connect, environ=environ, context=Context(UNICODE, clock=lambda: NOON))


async def test_keys_are_those_that_the_person_chose(tmp_path: Path) -> None:
    path = write(tmp_path / "config.toml", '[keys]\n"app.journal" = "f12"\n"action.plan" = "f11"\n')
    fake = landscape()
    app = console(path, fake)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        await driven.press("P")
        assert not fake.runs.called("preview")
        await driven.press("f11")
        await driven.until(lambda: bool(fake.runs.called("preview")))
        assert driven.notice == ""


async def test_keys_that_clash_or_mean_nothing_are_told_at_the_start(tmp_path: Path) -> None:
    path = write(tmp_path / "config.toml", '[keys]\n"app.journal" = "colon"\n"no.such" = "f2"\n')
    fake = landscape()
    app = console(path, fake)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        await driven.until(lambda: 'nothing is called "no.such"' in driven.notice)
        assert "colon is Journal of all actions (app.journal) and Command (app.command)" in driven.notice


async def test_a_theme_of_one_s_own_is_used_and_taken_anew_when_its_file_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "config.toml", 'theme = "mine"\n')
    own = write(tmp_path / "themes" / "mine.toml", MINE)
    fake = landscape()
    app = console(path, fake)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        assert app.theme == "mine"
        own.write_text(MINE.replace("#4fd1c5", "#123456"))
        os.utime(own, (NOON, NOON))
        app._reload_themes()
        await driven.until(lambda: app.get_css_variables()["tone-title"] == "#123456")
        own.write_text("name = 1")
        os.utime(own, (NOON + 1, NOON + 1))
        app._reload_themes()
        await driven.until(lambda: "mine.toml: the theme has wrong fields" in driven.notice)
        assert app.theme == "mine"


async def test_files_that_are_wrong_are_told_together_and_nothing_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "config.toml", 'theme = "pink"\nkeys = 3\n')
    write(tmp_path / "themes" / "broken.toml", "= =")
    fake = landscape()
    app = console(path, fake)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        assert app.theme == "lagoon"
        assert "keys must map an id to keys" in driven.notice
        assert "there is no theme 'pink'" in driven.notice


async def test_themes_are_tried_while_one_chooses_and_escape_takes_the_old_one_back() -> None:
    fake = landscape()
    app = GondolierApp(fake.connect, environ={}, context=Context(UNICODE, clock=lambda: NOON))
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot, app, fake)
        driven = Driven(app, pilot, fake)
        await driven.press("f8")
        await driven.until(lambda: isinstance(app.screen, ChooseScreen))
        words = text_of(app.screen.query_one(LineView))
        assert {"ansi", "colour-blind", "daylight", "high-contrast", "lagoon", "midnight"} <= set(words.split())
        await driven.press("down")
        await driven.until(lambda: app.theme == "midnight")
        await driven.press("escape")
        await driven.until(lambda: isinstance(app.screen, MainScreen) and app.theme == "lagoon")
        await driven.press("f8")
        await driven.until(lambda: isinstance(app.screen, ChooseScreen))
        await driven.press("up", "enter")
        await driven.until(lambda: isinstance(app.screen, MainScreen) and app.theme == "high-contrast")


# Without an app


def test_preferences_are_read_or_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert read_preferences(path) == Preferences()
    write(path, 'mirrors = []\ntheme = "ansi"\n[keys]\n"a.b" = "f2"\n')
    assert read_preferences(path) == Preferences("ansi", {"a.b": "f2"})
    write(path, "theme = 3")
    assert "theme must be" in read_preferences(path).trouble
    write(path, "[")
    assert "cannot be read" in read_preferences(path).trouble
    assert config_file({"GONDOLIER_CONFIG": "/x/y.toml"}) == Path("/x/y.toml")
    assert config_file({}).name == "config.toml"


@pytest.fixture(scope="module")
def known() -> list[Bound]:
    return bindings()


def test_a_key_may_be_taken_where_the_two_never_meet(known: list[Bound]) -> None:
    assert keymap_troubles({"journal.copy": "y"}, known) == []
    assert keymap_troubles({"log.wrap": "ctrl+w", "app.command": "semicolon"}, known) == []


def test_inherited_keys_clash_as_well(known: list[Bound]) -> None:
    what = "Mark, or take the mark away (table.mark) and One line down (list.down)"
    assert keymap_troubles({"table.mark": "j"}, known) == [f"keys: j is {what}: choose another key"]


def test_actions_that_share_a_key_may_share_another_one(known: list[Bound]) -> None:
    assert keymap_troubles({"action.scale-workers-up": "f9", "action.scale-pod-up": "f9"}, known) == []


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    own = UserThemes(tmp_path / "none")
    assert own.changed() == ([], [])
    write(tmp_path / "mine.toml", MINE)
    own = UserThemes(tmp_path)
    assert [theme.name for theme in own.changed()[0]] == ["mine"]
    assert own.changed() == ([], [])
