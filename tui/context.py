"""What every part of the console shares: the core's façade, the terminal's marks, the clock, what is allowed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.verbs import Allowed
from tui.view_models.glyphs import UNICODE, Glyphs

if TYPE_CHECKING:
    from core.console_api import ConsoleApi
    from core.live.objects import ClusterRef, Kind
    from core.live.views import Usage


@dataclass(slots=True)
class Context:
    """`api` is None until the connection stands; `clock` gives seconds since the epoch.

    `clusters` are those that are known to run, `kinds` what they serve as far as it was asked, `usages` the newest
    measures of those that are looked at.
    """

    glyphs: Glyphs = UNICODE
    clock: Callable[[], float] = time.time
    api: ConsoleApi | None = None
    allowed: Allowed = field(default_factory=Allowed)
    clusters: Sequence[ClusterRef] = ()
    kinds: dict[ClusterRef, Sequence[Kind]] = field(default_factory=dict)
    usages: dict[ClusterRef, Usage] = field(default_factory=dict)

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
    from core.model.problem import DocumentError

    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, DocumentError):
        return "; ".join(map(str, error.problems))
    return f"unexpected {type(error).__name__}: {error} – this is a defect of Gondolier, please report it"
