"""The testbed's processes: started in sessions of their own, ended by their ids, and never outliving the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.openstack.testbed.place import ADDRESS


class Ended(Exception):
    """A process of the testbed ended, or did not come up in time."""


class Processes:
    """Starts processes by name and ends them in the opposite order; `log` takes what they write."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        # The kernel takes the thread that started a process for its parent: this one lives as long as we do.
        self._starter = ThreadPoolExecutor(1)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process; one that still runs goes on as it is. It ends with this process, however this one ends."""
        if self.alive(name):
            return
        self._running[name] = self._starter.submit(self._started, name, command, environment).result()

    def _started(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self._log / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "nice", "-n", "5", *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def alive(self, name: str) -> bool:
        """Whether the process of this name runs."""
        process = self._running.get(name)
        return process is not None and process.poll() is None

    def wait(self, name: str, ready: Callable[[], bool], seconds: float = 120) -> None:
        """Return when the process is ready.

        Raises:
            Ended: it ended, or was not ready in time; with the last lines of its log.
        """
        end = time.monotonic() + seconds
        while not ready():
            if name in self._running and not self.alive(name):
                raise Ended(f"{name} ended:\n{self._tail(name)}")
            if time.monotonic() > end:
                raise Ended(f"{name} did not come up within {seconds:.0f} s:\n{self._tail(name)}")
            time.sleep(0.1)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and its children."""
        os.killpg(self._running[name].pid, number)

    def stop(self, name: str, patience: float = 20) -> None:
        """End a process: kindly, and after its patience at once."""
        process = self._running.pop(name, None)
        if process is None:
            return
        for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
                os.killpg(process.pid, signal.SIGCONT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                break
        # Children that their parent left behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def stop_all(self, last: Sequence[str] = ()) -> None:
        """End everything: side by side, and then those that the others need, in this order."""
        first = [name for name in self._running if name not in last]
        with ThreadPoolExecutor() as together:
            list(together.map(self.stop, first))
        for name in last:
            self.stop(name, patience=60)

    def _tail(self, name: str) -> str:
        texts = [path.read_text(errors="replace") for path in sorted(self._log.glob(f"{name}*.log"))]
        return "\n".join("\n".join(text.splitlines()[-15:]) for text in texts)


def accepts(port: int) -> bool:
    """Whether something takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((ADDRESS, port)) == 0


def answers_http(port: int) -> bool:
    """Whether something answers HTTP there, whatever it says."""
    try:
        with socket.create_connection((ADDRESS, port), timeout=20) as link:
            link.sendall(f"GET / HTTP/1.0\r\nHost: {ADDRESS}\r\n\r\n".encode())
            return link.recv(5) == b"HTTP/"
    except OSError:
        return False
