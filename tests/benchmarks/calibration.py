"""What this machine does in a fixed piece of work, to read every other figure against."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_ADDITIONS = 2_000_000
_WRITES = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """Milliseconds: `loop` for two million additions in Python, `fsync` for one written and synced block."""

    loop: float
    fsync: float

    def __str__(self) -> str:
        return f"calibration: {self.loop:.0f} ms for 2,000,000 additions, {self.fsync:.2f} ms for an fsync"


def calibrate(directory: Path | None = None) -> Calibration:
    """Measure both as medians; the fsync in `directory`, by default where temporary files are."""
    return Calibration(median(loop_ms() for _ in range(3)), fsync_ms(directory))


def loop_ms() -> float:
    """Milliseconds for two million additions."""
    started, total = time.perf_counter(), 0
    for number in range(_ADDITIONS):
        total += number
    return (time.perf_counter() - started) * 1000


def fsync_ms(directory: Path | None = None) -> float:
    """Milliseconds for appending a block of 4 KiB to a file and syncing it, the median of fifty."""
    with tempfile.TemporaryFile(dir=directory) as file:
        return median(_synced_write(file.fileno()) for _ in range(_WRITES))


def _synced_write(handle: int) -> float:
    started = time.perf_counter()
    os.write(handle, b"x" * 4096)
    os.fsync(handle)
    return (time.perf_counter() - started) * 1000
