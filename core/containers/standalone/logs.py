"""What the containers of a Docker host wrote, as lines: by time, or as they come through ends and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from core.containers.standalone.engine import Engine
from core.containers.standalone.site import HostSite
from core.containers.standalone.wanted import container_name
from core.engine.errors import Refusal, Trouble
from core.engine.pauses import Pauses

_WAITING = 1000
"""Lines that may be read before somebody takes them."""

Run = tuple[str, str]
"""A container and when its present run began: one of them is another after a restart, both when it is made anew."""


async def host_log(site: HostSite, applications: Sequence[str], following: bool) -> AsyncGenerator[str, None]:
    """What these applications wrote, each line after its application's name; then, if asked, what comes, without end.

    Raises:
        Refusal: none of them has a container. Unreachable: the host does not answer at first.
    """
    async with site.engine() as engine:
        known = [name for name in applications if await _run(engine, site, name)]
        if not known:
            what = f"no container of {', '.join(applications) or 'any application'}"
            raise Refusal(what, where=site.host.name, fix="deploy the environment first")
        if not following:
            for line in await _history(engine, known):
                yield line
            return
    async with aclosing(_followed(site, applications)) as lines:
        async for line in lines:
            yield line


async def _history(engine: Engine, applications: Sequence[str]) -> list[str]:
    found = [
        (stamp, name, text)
        for name in applications
        async for stamp, text in engine.lines(container_name(name), follow=False)
    ]
    return [_line(name, text) for _, name, text in sorted(found, key=lambda each: each[0])]


async def _followed(site: HostSite, applications: Sequence[str]) -> AsyncGenerator[str, None]:
    queue: asyncio.Queue[str] = asyncio.Queue(_WAITING)
    tasks = [asyncio.create_task(_Follower(site, name, queue).follow()) for name in applications]
    try:
        while True:
            yield await queue.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Follower:
    """Follows one application's log for as long as it is let, over every container that it gets."""

    def __init__(self, site: HostSite, application: str, queue: asyncio.Queue[str]) -> None:
        self._site = site
        self._application = application
        self._queue = queue
        self._run: Run | None = None
        self._last = ""

    async def follow(self) -> None:
        """Tell every line once, and what happens to the application in between."""
        pauses = Pauses()
        while True:
            try:
                async with self._site.engine() as engine:
                    await self._follow(engine)
            except Trouble as trouble:
                await self._tell(f"{trouble}; trying again")
            await pauses.wait()

    async def _follow(self, engine: Engine) -> None:
        pauses = Pauses()
        while True:
            run = await _run(engine, self._site, self._application)
            if run is None or run == self._run:
                await pauses.wait()
                continue
            if self._run is not None:
                await self._tell("restarted" if run[0] == self._run[0] else "made anew")
            pauses, self._run = Pauses(), run
            await self._read(engine)

    async def _read(self, engine: Engine) -> None:
        lines = engine.lines(container_name(self._application), follow=True, since=self._last)
        async with aclosing(lines):
            async for stamp, text in lines:
                # The engine's own limit is to the second.
                if stamp > self._last:
                    self._last = stamp
                    await self._queue.put(_line(self._application, text))

    async def _tell(self, what: str) -> None:
        await self._queue.put(f"── {self._application}: {what} ──")


async def _run(engine: Engine, site: HostSite, application: str) -> Run | None:
    """The application's container as it is now, None where it has none of ours."""
    found = await engine.named(container_name(application))
    if found is None or not site.owns(found["Config"].get("Labels")):
        return None
    return str(found["Id"]), str(found["State"].get("StartedAt", ""))


def _line(application: str, text: str) -> str:
    return f"{application}  {text}"
