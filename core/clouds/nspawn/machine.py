"""The life of one machine: prepare, boot, halt, destroy; each may be done again after an interruption anywhere."""

from __future__ import annotations

import asyncio
import signal
from ipaddress import IPv4Network
from pathlib import Path

from core.clouds.nspawn import launch, mounts, network, seed
from core.clouds.nspawn.place import Place, Record, write_record
from core.clouds.nspawn.processes import Carriers, carriers, send
from core.engine.errors import Transient, Trouble

_BOOT_SECONDS = 30.0
_PASSING_SECONDS = 5.0
_GLANCE = 0.05
_NSPAWN_RUN = Path("/run/systemd/nspawn")


async def look(place: Place) -> Carriers:
    """What runs of the machine now."""
    return (await asyncio.to_thread(carriers, {place.root}))[place.root]


async def is_up(place: Place) -> bool:
    """Whether the machine runs; one that is on its way up or down is waited for."""
    for _ in range(round(_PASSING_SECONDS / _GLANCE)):
        state = await look(place)
        if state.running or not (state.present or await launch.carried(place)):
            return state.running
        await asyncio.sleep(_GLANCE)
    return False


async def prepare(place: Place, record: Record, planted: seed.Seed) -> None:
    """Make the machine's root from its image and write what is its own into it, while it does not run."""
    await _mount(place, record)
    await asyncio.to_thread(seed.sow, planted, place.root)
    write_record(place, record)


async def boot(
    place: Place, record: Record, bridge: str, subnet: IPv4Network, artifact_cache: tuple[Path, str] | None
) -> None:
    """Start a prepared machine and wait until its init runs; does nothing for one that runs.

    Raises:
        Trouble: it ended at once; the message has the last lines of its console.
        Transient: its init did not start in time.
    """
    if await is_up(place):
        return
    await _settle(place)
    await _mount(place, record)
    await network.ensure_link(place, bridge, record.address, subnet)
    await launch.launch(place, record.limits, launch.container(place, artifact_cache))
    await _await_init(place)


async def halt(place: Place, patience: float) -> None:
    """Power the machine off, orderly for `patience` seconds, then by force; its files stay."""
    running = await look(place)
    if running.containers:
        # systemd-nspawn passes this on as the signal that asks the machine's systemd to power off.
        send(running.containers, signal.SIGTERM)
        await _gone(place, patience)
    await _settle(place)
    await network.remove_link(place)
    await mounts.unmount_beneath(place.root)


async def destroy(place: Place, patience: float) -> None:
    """Halt the machine and remove all it has on this host."""
    await halt(place, patience)
    await mounts.unmount_beneath(place.directory)
    await mounts.remove_tree(place.directory)


async def _mount(place: Place, record: Record) -> None:
    if not Path(record.image).is_dir():
        raise Trouble(
            f"the image {record.image} that machine {place.name} was made of is gone",
            where="provider nspawn",
            fix="delete the machine and create it again",
        )
    upper, work = place.directory / "upper", place.directory / "work"
    for directory in (upper, work, place.root, *place.binds):
        directory.mkdir(parents=True, exist_ok=True)
    await mounts.mount_overlay(Path(record.image), upper, work, place.root)


async def _settle(place: Place) -> None:
    """Bring a machine that is neither up nor fully gone to nothing, with what systemd-nspawn left of it."""
    left = await look(place)
    send((*left.keepers, *left.containers), signal.SIGKILL)
    await launch.dismiss(place)
    await _gone(place, 5)
    await _forget(place)


async def _forget(place: Place) -> None:
    """Remove the two files that a killed systemd-nspawn leaves under /run."""
    propagated = _NSPAWN_RUN / "propagate" / place.names.machine_id(place.name)
    await mounts.unmount_beneath(propagated)
    await mounts.remove_tree(propagated)
    if mounts.is_mounted(place.root):
        status = place.root.stat()
        (_NSPAWN_RUN / "locks" / f"inode-{status.st_dev}:{status.st_ino}").unlink(missing_ok=True)


async def _gone(place: Place, patience: float) -> None:
    """Wait until nothing of the machine is there, at most `patience` seconds."""
    for _ in range(round(patience / _GLANCE)):
        if not (await look(place)).present and not await launch.carried(place):
            return
        await asyncio.sleep(_GLANCE)


async def _await_init(place: Place) -> None:
    for _ in range(round(_BOOT_SECONDS / _GLANCE)):
        state = await look(place)
        if state.running:
            return
        if not state.present and not await launch.carried(place):
            raise Trouble(f"machine {place.name} ended while it started: {_last_words(place)}", where="provider nspawn")
        await asyncio.sleep(_GLANCE)
    raise Transient(f"machine {place.name} did not start within {_BOOT_SECONDS:.0f} s", where="provider nspawn")


def _last_words(place: Place) -> str:
    lines = place.log.read_text(errors="replace").splitlines() if place.log.exists() else []
    return " / ".join(line.strip() for line in lines[-6:] if line.strip()) or f"nothing was written to {place.log}"
