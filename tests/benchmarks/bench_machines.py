"""What simulated machines cost: `python -m tests.benchmarks.bench_machines [MACHINES]`.

Each machine is made, met, and brought into eight wanted states (ten files and a daemon each) by the product's own
connection, side by side; then all are looked at once more. Processor seconds hold both sides, client and server.
Exits 1 where they are more than the bound.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from core.engine.step import Level
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import gather, gather_host
from core.machines.state import Desired, Directory, File, Unit
from core.simulator.world import World
from tests.benchmarks.calibration import calibrate
from tests.simulator import app
from tests.simulator.keys import Keys

MOST_SECONDS = 20.0
_MACHINES = 55
_STATES = 8
_FILES = 10


def main() -> int:
    """Print the figures; 0 where the bound is kept."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _MACHINES
    print(calibrate())
    with tempfile.TemporaryDirectory(prefix="gondolier-bench-") as folder:
        used = asyncio.run(_measure(count, Path(folder)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"machines: {used:.1f} s of processor for {count} (at most {MOST_SECONDS:.0f}), {memory:.0f} MiB at most")
    return 0 if used <= MOST_SECONDS else 1


async def _measure(count: int, folder: Path) -> float:
    keys = Keys.make(folder)
    artifacts = Artifacts(folder / "cache", [])
    world = await World.open(folder / "home")
    pool = Connections(lambda name: keys.access(world.machines["env", name]))
    began, busy = time.perf_counter(), time.process_time()
    names = [f"m{number}" for number in range(count)]
    await asyncio.gather(*(_set_up(world, pool, keys, artifacts, name) for name in names))
    print(f"machines: {count} set up in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    await asyncio.gather(*[_unchanged(await pool.get(name), artifacts) for name in names])
    print(f"machines: {count} found unchanged in {time.perf_counter() - began:.1f} s")
    used = time.process_time() - busy
    await pool.close()
    await world.close()
    return used


async def _set_up(world: World, pool: Connections, keys: Keys, artifacts: Artifacts, name: str) -> None:
    await world.create(keys.wish(name))
    link = await pool.get(name)
    await gather_host(link)
    for number in range(_STATES):
        wanted = state(number)
        await enact(link, wanted, await gather(link, wanted), artifacts, _quiet)
        await _checked(link, wanted, artifacts)


async def _unchanged(link: Connection, artifacts: Artifacts) -> None:
    for number in range(_STATES):
        await _checked(link, state(number), artifacts)


async def _checked(link: Connection, wanted: Desired, artifacts: Artifacts) -> None:
    if left := diff(wanted, await gather(link, wanted), artifacts):
        raise RuntimeError(f"{link.name} still differs: {left[0].subject}")


def state(number: int) -> Desired:
    """One of the states of a machine: about what a step of a cluster asks for."""
    name = f"app{number}"
    paths = [f"/etc/{name}/file{each}" for each in range(_FILES)]
    unit = f"/etc/systemd/system/{name}.service"
    return Desired(
        packages=("socat", "ipset"),
        sysctls={"net.ipv4.ip_forward": "1"},
        directories=(Directory(f"/etc/{name}"),),
        files=(
            *(File(path, path.encode() * 40) for path in paths),
            File(f"/opt/{name}/app", b"runs", 0o755),
            File(unit, app.unit_text(name, Type="notify").encode()),
        ),
        units=(Unit(f"{name}.service", reads=(unit, *paths)),),
    )


def _quiet(text: str, level: Level = "info") -> None:
    pass


if __name__ == "__main__":
    raise SystemExit(main())
