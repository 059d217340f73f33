"""What can go wrong in a world, in the words of a real machine."""

from __future__ import annotations

import errno


class SimulatorError(Exception):
    """Something that the simulator cannot do; the text is for a person."""


class MachineError(OSError):
    """An error of a machine's kernel: `strerror` is its text, "No space left on device"."""


def no_space() -> MachineError:
    """The disk is full."""
    return MachineError(errno.ENOSPC, "No space left on device")


def no_file(path: str) -> MachineError:
    """There is nothing at the path."""
    return MachineError(errno.ENOENT, "No such file or directory", path)


def not_a_directory(path: str) -> MachineError:
    """A part of the path is a file."""
    return MachineError(errno.ENOTDIR, "Not a directory", path)
