"""The controller manager: all controllers of a cluster, started and stopped together."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.simulator.kubernetes.controllers.driver import Driver
from core.simulator.kubernetes.controllers.expiry import Expiry
from core.simulator.kubernetes.controllers.table import controllers
from core.simulator.kubernetes.controllers.tending import Settings
from core.simulator.kubernetes.objects import Objects


class Controllers:
    """Runs between `start` and `stop`. While `usable` says no nothing is done; `failed` hears of what went wrong."""

    def __init__(
        self,
        objects: Objects,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        usable: Callable[[], bool] = lambda: True,
        failed: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._driver = Driver(objects, controllers(settings or Settings()), clock, usable, failed)
        self._expiry = Expiry(objects, clock)

    async def start(self) -> None:
        """Begin; returns at once."""
        await self._driver.start()
        await self._expiry.start()

    async def stop(self) -> None:
        """End; the cluster stays as it is."""
        await self._expiry.stop()
        await self._driver.stop()
