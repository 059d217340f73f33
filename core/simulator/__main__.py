"""The daemon that holds a home's world: `python -m core.simulator`; started and asked by `core.simulator.client`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.simulator.alone import locked, open_lock
from core.simulator.messages import READY, control_socket, simulator_directory
from core.store.home import home_directory, prepare, private_directory, socket_address

if TYPE_CHECKING:
    from core.simulator.control import Control
    from core.simulator.world import World

IDLE = 600.0
"""Seconds without a connection after which the world stops, with everything kept."""

_LOOK = 0.02
_LONGEST = 30.0


def main() -> None:
    """Hold the world of $GONDOLIER_HOME until it is asked to stop, or nobody has used it for a while."""
    # As in the command line: a world makes many objects that stay.
    gc.set_threshold(50_000, 20, 100)
    parser = argparse.ArgumentParser(prog="python -m core.simulator", description=main.__doc__)
    parser.add_argument("--idle", type=float, default=IDLE, help="seconds unused after which it stops; 0: never")
    parser.add_argument("--ready", type=int, help="a file descriptor that is told when the world can be asked")
    given = parser.parse_args()
    home = home_directory()
    prepare(home)
    private_directory(simulator_directory(home))
    asyncio.run(_hold(home, given.idle, given.ready))


async def _hold(home: Path, idle: float, ready: int | None) -> None:
    async with _alone(home) as alone:
        if alone:
            await _serve(home, idle, ready)


async def _serve(home: Path, idle: float, ready: int | None) -> None:
    from core.simulator.control import Control
    from core.simulator.world import World

    world = await World.open(home)
    control = Control(world, home, idle)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, control.stop)
    try:
        await control.open()
        if ready is not None:
            os.write(ready, READY)
            os.close(ready)
        await _until_unused(control, world)
    finally:
        await control.close()
        await world.close()


async def _until_unused(control: Control, world: World) -> None:
    while not control.stopping and control.reachable():
        left = control.idle_limit - world.usage.idle if control.idle_limit else _LONGEST
        if left <= 0:
            return
        try:
            # The use and the home may be others by then.
            control.changed.clear()
            async with asyncio.timeout(min(left, _LONGEST)):
                await control.changed.wait()
        except TimeoutError:
            continue


@asynccontextmanager
async def _alone(home: Path) -> AsyncGenerator[bool, None]:
    """Hold the world's lock; False where another daemon has it and can be asked."""
    handle = open_lock(home)
    try:
        while not locked(handle):
            if await _answers(home):
                yield False
                return
            # Its holder is starting, or on its way out.
            await asyncio.sleep(_LOOK)
        yield True
    finally:
        os.close(handle)


async def _answers(home: Path) -> bool:
    try:
        with socket_address(control_socket(home)) as address:
            _, writer = await asyncio.open_unix_connection(address)
    except OSError:
        return False
    writer.close()
    return True


if __name__ == "__main__":
    main()
