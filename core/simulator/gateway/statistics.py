"""What HAProxy tells on its socket: `show info` and `show stat`, of the columns those that it fills here.

Source: HAProxy's management guide, "Statistics and monitoring"; the head and the order are HAProxy 2.6's.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

VERSION = "2.6.12-1+deb12u2"
LIMIT = 4096

_COLUMNS = (
    "pxname",
    "svname",
    "qcur",
    "qmax",
    "scur",
    "smax",
    "slim",
    "stot",
    "bin",
    "bout",
    "status",
    "weight",
    "lastchg",
    "rate",
    "rate_max",
    "check_status",
    "addr",
)


@dataclass
class Counter:
    """Connections of a frontend or a server: now, at most, altogether, and in the last second."""

    clock: Callable[[], float] = time.monotonic
    current: int = 0
    most: int = 0
    total: int = 0
    fastest: int = 0
    recent: deque[float] = field(default_factory=deque)

    def begin(self) -> None:
        """A connection comes."""
        self.current += 1
        self.total += 1
        self.most = max(self.most, self.current)
        self.recent.append(self.clock())
        self.fastest = max(self.fastest, self.rate)

    def end(self) -> None:
        """A connection goes."""
        self.current -= 1

    @property
    def rate(self) -> int:
        """Connections in the last second."""
        while self.recent and self.clock() - self.recent[0] > 1:
            self.recent.popleft()
        return len(self.recent)


@dataclass(frozen=True)
class Server:
    """A server of a backend, and whether it answers."""

    address: str
    up: bool
    counter: Counter


@dataclass(frozen=True)
class Proxy:
    """A frontend with the backend of the same name."""

    name: str
    counter: Counter
    servers: Sequence[Server]


def answer(command: str, proxies: Sequence[Proxy], uptime: float) -> str:
    """The answer to a line of commands with ";" between them, each followed by an empty line."""
    found = []
    for word in command.split(";"):
        match word.split():
            case ["show", "info"]:
                found.append(_info(proxies, uptime))
            case ["show", "stat"]:
                found.append(_stat(proxies, uptime))
            case _:
                found.append("Unknown command: 'help' lists those there are.\n")
    return "".join(f"{text}\n" for text in found)


def _info(proxies: Sequence[Proxy], uptime: float) -> str:
    current = sum(proxy.counter.current for proxy in proxies)
    facts = {
        "Name": "HAProxy",
        "Version": VERSION,
        "Uptime_sec": int(uptime),
        "Maxconn": LIMIT,
        "CurrConns": current,
        "ConnRate": sum(proxy.counter.rate for proxy in proxies),
    }
    return "".join(f"{name}: {value}\n" for name, value in facts.items())


def _stat(proxies: Sequence[Proxy], uptime: float) -> str:
    rows = [row for proxy in proxies for row in _rows(proxy, int(uptime))]
    lines = [",".join(str(row.get(column, "")) for column in _COLUMNS) for row in rows]
    return "".join(f"{line},\n" for line in (f"# {','.join(_COLUMNS)}", *lines))


def _rows(proxy: Proxy, uptime: int) -> list[dict[str, object]]:
    front = _row(proxy.name, "FRONTEND", "OPEN", proxy.counter) | {"slim": LIMIT}
    servers = [
        _row(proxy.name, one.address.replace(":", "_"), "UP" if one.up else "DOWN", one.counter)
        | {"addr": one.address, "check_status": "L4OK" if one.up else "L4CON", "lastchg": uptime}
        for one in proxy.servers
    ]
    up = any(one.up for one in proxy.servers)
    back = _row(proxy.name, "BACKEND", "UP" if up else "DOWN", proxy.counter) | {"lastchg": uptime}
    return [front, *servers, back]


def _row(proxy: str, name: str, status: str, counter: Counter) -> dict[str, object]:
    return {
        "pxname": proxy,
        "svname": name,
        "scur": counter.current,
        "smax": counter.most,
        "stot": counter.total,
        "status": status,
        "rate": counter.rate,
        "rate_max": counter.fastest,
    }
