"""Theme files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.data import landscape
from tests.tui.driving import settled
from themes import DIRECTORY
from tui.app import GondolierApp
from tui.theming import ThemeError, chosen_theme, load_theme, load_themes

SHIPPED = sorted(DIRECTORY.glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
async def test_every_shipped_theme_paints_the_console(path: Path) -> None:
    fake = landscape()
    app = GondolierApp(fake.connect, environ={"GONDOLIER_THEME": path.stem})
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot, app, fake)
        assert app.theme == path.stem
        assert app.current_theme.name == load_theme(path).name == path.stem


async def test_all_shipped_themes_can_be_chosen_and_no_other() -> None:
    fake = landscape()
    app = GondolierApp(fake.connect, environ={})
    async with app.run_test() as pilot:
        await settled(pilot, app, fake)
        assert set(app.available_themes) == {path.stem for path in SHIPPED}
        for name in app.available_themes:
            app.theme = name
            await pilot.pause()


async def test_an_unknown_theme_is_told_and_the_console_opens() -> None:
    fake = landscape()
    app = GondolierApp(fake.connect, environ={"GONDOLIER_THEME": "nightfall"})
    async with app.run_test() as pilot:
        await settled(pilot, app, fake)
        notice = app.main.query_one("#notice")
        assert "there is no theme 'nightfall'" in getattr(notice, "text", "")
        assert app.theme == "lagoon"


def test_a_poor_terminal_keeps_its_own_colours() -> None:
    assert chosen_theme({"TERM": "linux"}) == "ansi"
    assert chosen_theme({"TERM": "xterm-256color"}) == "lagoon"
    assert chosen_theme({"TERM": "linux", "GONDOLIER_THEME": "daylight"}) == "daylight"


def test_a_wrong_theme_names_its_file_and_every_wrong_field(tmp_path: Path) -> None:
    text = (DIRECTORY / "lagoon.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("\nprimary =", "\nprimery =").replace("\nstale =", "\nstalle ="), encoding="utf-8")
    with pytest.raises(ThemeError, match=r"mine\.toml.*unknown: primery; lacking: primary, tones\.stale"):
        load_theme(path)


def test_unusable_themes_are_collected_and_the_others_load(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", encoding="utf-8")
    themes, troubles = load_themes([broken, tmp_path / "missing.toml", *SHIPPED])
    assert {theme.name for theme in themes} == {path.stem for path in SHIPPED}
    assert [str(trouble).split(":")[0] for trouble in troubles] == [str(broken), str(tmp_path / "missing.toml")]
