"""Mounts of this machine: what is mounted beneath a directory, and removing a directory without crossing one.

Source: proc_pid_mountinfo(5).
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from core.clouds.process import run
from core.engine.errors import Trouble

_MOUNTINFO = Path("/proc/self/mountinfo")


def mount_points(mountinfo: str) -> list[Path]:
    """Read the mount points of a mountinfo text, in the order in which they were mounted."""
    return [Path(_unescaped(line.split(" ")[4])) for line in mountinfo.splitlines() if line]


def beneath(directory: Path) -> list[Path]:
    """Mount points at or under a directory, the innermost last."""
    place = directory.resolve()
    found = mount_points(_MOUNTINFO.read_text())
    return sorted((point for point in found if point.is_relative_to(place)), key=lambda point: len(point.parts))


def is_mounted(directory: Path) -> bool:
    """Whether something is mounted exactly here."""
    return directory.resolve() in beneath(directory)


async def mount_overlay(lower: Path, upper: Path, work: Path, target: Path) -> None:
    """Mount `upper` over `lower` at `target`; does nothing where something is mounted already."""
    if not is_mounted(target):
        options = f"lowerdir={_quoted(lower)},upperdir={_quoted(upper)},workdir={_quoted(work)}"
        await run("mount", "-t", "overlay", "gondolier", "-o", options, str(target))


async def unmount_beneath(directory: Path) -> None:
    """Unmount everything at or under a directory, lazily only what is still busy.

    Raises:
        Trouble: something stays mounted.
    """
    for lazily in (False, True):
        for point in reversed(beneath(directory)):
            await run("umount", *(["--lazy"] if lazily else []), str(point), check=False)
    left = beneath(directory)
    if left:
        fix = f"see what uses it: fuser -vm {left[0]}"
        raise Trouble(f"{left[0]} cannot be unmounted", where="this machine", fix=fix)


async def remove_tree(directory: Path) -> None:
    """Remove a directory and all in it; one that is not there is fine.

    Raises:
        Trouble: something is mounted in it (nothing is removed then), or a file cannot be removed.
    """
    if not directory.exists():
        return
    points = beneath(directory)
    if points:
        what = f"{directory} is not removed: {points[0]} is mounted"
        raise Trouble(what, where="this machine", fix=f"umount {points[0]}")
    try:
        await asyncio.to_thread(shutil.rmtree, directory)
    except OSError as error:
        raise Trouble(f"{directory} cannot be removed: {error.strerror}", where="this machine") from error


def _quoted(path: Path) -> str:
    """Escape what separates mount options and overlay layers."""
    return str(path).replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")


def _unescaped(text: str) -> str:
    """Undo the kernel's octal escapes of space, tab, newline and backslash."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
