"""What goes over the world's control socket: one line of JSON for each request, one for its answer."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import msgspec

LONGEST_LINE = 16 * 1024 * 1024

READY = b"ready\n"
"""What a daemon tells its starter when the world can be asked."""

Problem = Literal["", "refused", "failed"]
"""Why there is no value: what was asked cannot be done as it is, or it failed and may succeed another time."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for by name, with its arguments."""

    ask: str
    given: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True):
    """The value that was asked for, or a problem with its sentence."""

    value: Any = None
    problem: Problem = ""
    sentence: str = ""


class Seen(msgspec.Struct, frozen=True):
    """A machine as its provider sees it; `status` is "running", "stopped" or "error" with `fault`."""

    name: str
    id: str
    status: str
    role: str
    address: str | None
    port: int
    fault: str = ""


class Quota(msgspec.Struct, frozen=True):
    """How many machines an environment has and may have, None without a limit."""

    used: int
    limit: int | None


class Census(msgspec.Struct, frozen=True):
    """How the world is doing. Sizes are bytes, times seconds; `machines` counts them by environment.

    It stops after `idle_limit` seconds without a connection, 0 for never; `pace` is how many times as long things take.
    All but the edition may be missing: a daemon of another edition knows other facts.
    """

    edition: str
    process: int = 0
    network: str = ""
    uptime: float = 0.0
    idle_limit: float = 0.0
    pace: float = 1.0
    connections: int = 0
    memory: int = 0
    machines: dict[str, int] = {}
    faults: int = 0


def simulator_directory(home: Path) -> Path:
    """Where a home's world is kept."""
    return home / "simulator"


def control_socket(home: Path) -> Path:
    """Where a home's world is asked."""
    return simulator_directory(home) / "control.sock"


@cache
def edition() -> str:
    """Which code this is: a daemon of another edition is of a package that was replaced since."""
    try:
        release = version("gondolier")
    except PackageNotFoundError:
        release = "source"
    files = sorted(Path(__file__).parent.rglob("*.py"))
    state = "".join(f"{path}{path.stat().st_mtime_ns}" for path in files)
    return f"{release}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
