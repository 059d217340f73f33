"""Cold start of the console in a real pseudo-terminal: `python -m tests.benchmarks.bench_console [RUNS]`.

Prints, as medians, the time from the start of the process to its first complete paint, the processor time and the
resident memory until then, beside a bare interpreter, a fixed piece of work and the load of the same machine.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SIZE = (45, 160)
MOST_MS = 450.0
MOST_MB = 45.0
_RUNS = 7
_PAINTED = b"Quit"
"""The key line is the last line of the screen: once it is there, the whole frame is."""
_DEADLINE = 20.0


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: milliseconds on the wall and on the processor, megabytes resident."""

    wall: float
    processor: float
    resident: float


def first_paint() -> Start:
    """Start the console once and stop it at its first paint.

    Raises:
        RuntimeError: nothing was painted before the deadline.
    """
    with tempfile.TemporaryDirectory(prefix="gondolier-bench-") as home:
        started = time.perf_counter()
        process, terminal = _spawn(home)
        try:
            _read_until_painted(terminal)
            milliseconds = (time.perf_counter() - started) * 1000
            return Start(milliseconds, _processor(process), _resident(process))
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(terminal)


def interpreter() -> float:
    """Milliseconds that a bare interpreter takes, the machine's own calibration."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - started) * 1000


def work() -> float:
    """Milliseconds for two million additions, the machine's own calibration."""
    started = time.perf_counter()
    total = 0
    for number in range(2_000_000):
        total += number
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print the medians beside what they should reach."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else _RUNS
    measured = [first_paint() for _ in range(runs)]
    milliseconds = median(run.wall for run in measured)
    megabytes = median(run.resident for run in measured)
    print(f"console first paint   {milliseconds:7.0f} ms   at most {MOST_MS:.0f} ms   median of {runs}")
    print(f"console processor     {median(run.processor for run in measured):7.0f} ms   until the first paint")
    print(f"console resident      {megabytes:7.1f} MB   at most {MOST_MB:.0f} MB")
    print("each run              " + "  ".join(f"{run.wall:.0f}" for run in measured) + "  ms")
    print(f"bare interpreter      {median(interpreter() for _ in range(runs)):7.0f} ms   calibration")
    print(f"2,000,000 additions   {median(work() for _ in range(3)):7.0f} ms   calibration")
    print(f"load average          {os.getloadavg()[0]:7.1f}      on {os.cpu_count()} processors")


def _spawn(home: str) -> tuple[int, int]:
    process, terminal = pty.fork()
    if process == 0:
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "GONDOLIER_HOME": home}
        os.execve(sys.executable, [sys.executable, "-m", "tui"], environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    return process, terminal


def _read_until_painted(terminal: int) -> None:
    seen = b""
    deadline = time.perf_counter() + _DEADLINE
    while _PAINTED not in seen:
        readable, _, _ = select.select([terminal], [], [], max(deadline - time.perf_counter(), 0))
        if not readable:
            raise RuntimeError(f"nothing was painted within {_DEADLINE:.0f} s; last output: {seen[-200:]!r}")
        seen += os.read(terminal, 65536)


def _processor(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the console is gone")


if __name__ == "__main__":
    main()
