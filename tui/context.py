"""What every part of the console shares: the core's façade, the terminal's marks, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.view_models.glyphs import UNICODE, Glyphs

if TYPE_CHECKING:
    from core.console_api import ConsoleApi


@dataclass(slots=True)
class Context:
    """`api` is None until the connection stands; `clock` gives seconds since the epoch."""

    glyphs: Glyphs = UNICODE
    clock: Callable[[], float] = time.time
    api: ConsoleApi | None = None

    def ask(self) -> ConsoleApi:
        """The façade.

        Raises:
            Trouble: the connection does not stand yet.
        """
        if self.api is None:
            from core.engine.errors import Trouble

            raise Trouble("the console is still being connected", fix="try again in a moment")
        return self.api


def sentence(error: Exception) -> str:
    """What a person can read of an error; one that nobody expected says so."""
    # Imported where it is needed: the package around it loads the database, which the first paint must not wait for.
    from core.engine.errors import Trouble

    if isinstance(error, Trouble):
        return str(error)
    return f"unexpected {type(error).__name__}: {error} – this is a defect of Gondolier, please report it"
