"""The Textual application: themes, the main screen, the first paint and what may only happen after it."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import App, get_system_commands_provider
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES

from themes import DIRECTORY
from tui.context import Context
from tui.feeds import Connect
from tui.messages import Told
from tui.screens.main import MainScreen
from tui.theming import DEFAULT_THEME, ThemeError, chosen_theme, load_theme, load_themes
from tui.view_models.glyphs import glyphs_for


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
        self.shared = context or Context(glyphs_for(environ, locale.getpreferredencoding(False)))
        self.main = MainScreen(self.shared, connect, first)
        self._first_paint = first_paint
        self._troubles: list[ThemeError] = []
        self._choose_theme(chosen_theme(environ))

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def on_ready(self) -> None:
        """The first frame is on the terminal: now imports may take their time."""
        if self._first_paint is not None:
            self._first_paint()
        self._load_other_themes()
        for trouble in self._troubles:
            self.main.tell(Told(str(trouble)))
        self.main.start()

    async def action_leave(self) -> None:
        self.main.action_leave()

    async def action_quit(self) -> None:
        """The palette's way out asks the same question as the key's."""
        self.main.action_leave()

    def _choose_theme(self, name: str) -> None:
        """Only the chosen theme is read before the first paint; Textual's own lack the tones and are dropped."""
        path = DIRECTORY / f"{name}.toml"
        if not path.is_file():
            names = ", ".join(sorted(file.stem for file in DIRECTORY.glob("*.toml")))
            self._troubles.append(ThemeError(f"there is no theme {name!r} – set GONDOLIER_THEME to one of {names}"))
            path = DIRECTORY / f"{DEFAULT_THEME}.toml"
        theme = load_theme(path)
        self.register_theme(theme)
        self.theme = theme.name
        for builtin in BUILTIN_THEMES:
            self.unregister_theme(builtin)

    def _load_other_themes(self) -> None:
        themes, troubles = load_themes(sorted(DIRECTORY.glob("*.toml")))
        for theme in themes:
            if theme.name != self.theme:
                self.register_theme(theme)
        self._troubles += troubles
