"""Calls to the cloud from the event loop: openstacksdk blocks, so each runs in a thread with a connection of its own.

All connections share one login, so that a token is asked for once and renewed for all when it expires.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from openstack.connection import Connection
from openstack.warnings import OpenStackWarning

from core.clouds.openstack.access import Login
from core.clouds.openstack.errors import Busy, explained
from core.engine.errors import Transient

THREADS = 12
"""Calls at one time: enough that no chain waits for another, few enough not to be taken for an attack."""

PATIENCE = 60.0
"""Seconds that a question is asked again while the cloud is busy or away."""

_FIRST, _MOST = 0.5, 8.0

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

# The SDK logs and warns of every request that is tried again; the report says so in our words.
logging.getLogger("openstack").setLevel(logging.ERROR)
logging.getLogger("keystoneauth").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", category=OpenStackWarning)


class Calls:
    """The way to one cloud; opened by the first call, closed by `close`."""

    def __init__(
        self, login: Login, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, patience: float = PATIENCE
    ) -> None:
        self.cloud = login.cloud
        self._login = login
        self._sleep = sleep
        self._patience = patience
        self._own = threading.local()
        self._opened: list[Connection] = []
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="openstack")

    async def ask(self, work: Work[Result]) -> Result:
        """Do something that changes nothing; asked again, with growing pauses, while the cloud is busy or away.

        Raises:
            Transient: it still is after the patience is over. Gone, Taken, Refusal, Trouble: see `errors`.
        """
        waited, pause = 0.0, _FIRST
        while True:
            try:
                return await self.do(work)
            except Transient as trouble:
                wait = max(pause * (1 + random.random()) / 2, trouble.after if isinstance(trouble, Busy) else 0.0)
                if waited + wait > self._patience:
                    raise
                await self._sleep(wait)
                waited, pause = waited + wait, min(_MOST, pause * 2)

    async def do(self, work: Work[Result]) -> Result:
        """Do something once. After `Transient` it may have been done: look before it is done again."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._guarded, work)

    async def close(self) -> None:
        """Close all connections; calls under way end first."""
        await asyncio.to_thread(self._close)

    def _guarded(self, work: Work[Result]) -> Result:
        try:
            return work(self._connection())
        except Exception as error:
            ours = explained(error, self.cloud)
            if ours is error:
                raise
            raise ours from error

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._login.connect()
            self._opened.append(found)
        return found

    def _close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        while self._opened:
            self._opened.pop().close()
