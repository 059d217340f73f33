"""The Textual application: themes, the main screen, the first paint and what may only happen after it."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual.app import App, get_system_commands_provider
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES, Theme

from themes import DIRECTORY
from tui.context import Context
from tui.feeds import Connect
from tui.messages import Told
from tui.preferences import config_file, read_preferences, themes_directory
from tui.screens.main import MainScreen
from tui.theming import DEFAULT_THEME, ThemeError, chosen_theme, load_theme, load_themes
from tui.user_themes import UserThemes
from tui.view_models.glyphs import glyphs_for
from tui.working import begin

_THEME_SECONDS = 2.0
"""Seconds between two looks at the files of the person's own themes."""


def _actions_provider() -> type[Provider]:
    from tui.palette import ActionsProvider

    return ActionsProvider


class GondolierApp(App[None], inherit_bindings=False):
    """The console; `connect` gives the core's façade and is called after the first paint, never before."""

    TITLE = "Gondolier"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        _actions_provider,
        get_system_commands_provider,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "Palette", id="app.palette", priority=True),
        Binding("question_mark", "help", "Help", id="app.help"),
        Binding("ctrl+q", "leave", "Quit", id="app.quit", priority=True, show=False),
    ]

    def __init__(
        self,
        connect: Connect,
        *,
        environ: Mapping[str, str] = os.environ,
        context: Context | None = None,
        first_paint: Callable[[], None] | None = None,
        first: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._environ = environ
        self._preferences = read_preferences(config_file(environ))
        self._own_themes = UserThemes(themes_directory(environ))
        self.shared = context or Context(glyphs_for(environ, locale.getpreferredencoding(False)))
        self.main = MainScreen(self.shared, connect, first)
        self._first_paint = first_paint
        self._troubles: list[ThemeError] = []
        self._choose_theme(chosen_theme(environ, self._preferences.theme))

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def on_ready(self) -> None:
        """The first frame is on the terminal: now imports may take their time."""
        if self._first_paint is not None:
            self._first_paint()
        self._load_other_themes()
        self._reload_themes()
        self.set_interval(_THEME_SECONDS, self._reload_themes)
        if self._preferences.keys:
            self.set_keymap(self._preferences.keys)
            begin(self.main, self._check_keys, "keys")
        self._tell_troubles([self._preferences.trouble, *map(str, self._troubles)])
        self.main.start()

    def _tell_troubles(self, troubles: Iterable[str]) -> None:
        """Files of the person's own that are wrong: all of them together, none of them fatal."""
        found = [trouble for trouble in troubles if trouble]
        if found:
            self.main.tell(Told("; ".join(found)))

    async def _check_keys(self) -> None:
        """Every part of the console is imported to know its keys, which the screen does not wait for."""
        import asyncio

        from tui.keymap import bindings, keymap_troubles

        known = await asyncio.to_thread(bindings)
        self._tell_troubles(keymap_troubles(self._preferences.keys, known))

    def _reload_themes(self) -> None:
        """Take what changed in the person's own themes; the one that is shown is shown anew."""
        themes, troubles = self._own_themes.changed()
        for theme in themes:
            self.register_theme(theme)
            if theme.name in (self.theme, self._preferences.theme):
                self.theme = theme.name
                self.refresh_css()
        self._tell_troubles(map(str, troubles))

    def action_help(self) -> None:
        """Every key of what has the focus; on the main screen what can be done with the selection as well."""
        from tui.screens.help import HelpScreen, sections_of

        offered, selected = (self.main.offers, self.main.selected_words) if self.screen is self.main else ([], "")
        self.push_screen(HelpScreen(self.shared, offered, selected, sections_of(self.screen)))

    async def action_leave(self) -> None:
        self.main.action_leave()

    async def action_quit(self) -> None:
        """The palette's way out asks the same question as the key's."""
        self.main.action_leave()

    def _choose_theme(self, name: str) -> None:
        """Only the chosen theme is read before the first paint; Textual's own lack the tones and are dropped."""
        theme = self._first_theme(name)
        self.register_theme(theme)
        self.theme = theme.name
        for builtin in BUILTIN_THEMES:
            self.unregister_theme(builtin)

    def _first_theme(self, name: str) -> Theme:
        """The theme of this name, a person's own before the shipped one; the usual one where there is none."""
        for directory in (themes_directory(self._environ), DIRECTORY):
            path = directory / f"{name}.toml"
            if path.is_file():
                try:
                    return load_theme(path)
                except ThemeError as trouble:
                    self._troubles.append(trouble)
        if not self._troubles:
            names = ", ".join(sorted(file.stem for file in DIRECTORY.glob("*.toml")))
            self._troubles.append(ThemeError(f"there is no theme {name!r} – set GONDOLIER_THEME to one of {names}"))
        return load_theme(DIRECTORY / f"{DEFAULT_THEME}.toml")

    def _load_other_themes(self) -> None:
        themes, troubles = load_themes(sorted(DIRECTORY.glob("*.toml")))
        for theme in themes:
            if theme.name != self.theme:
                self.register_theme(theme)
        self._troubles += troubles
