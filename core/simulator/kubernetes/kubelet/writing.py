"""What simulated programs write: a table of styles; every line is a function of its run and its number.

Nothing is kept: any part of an endless log can be written again when somebody asks for it.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.simulator.kubernetes.kubelet.images import Style, behaviour
from core.simulator.kubernetes.shape import Object, stamp

Line = Callable[["Dice", float], str]
"""A line from its dice and its moment, in seconds since the epoch."""


class Dice:
    """Numbers that are the same for the same line of the same run."""

    def __init__(self, seed: str, number: int) -> None:
        self._digest = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=32).digest()

    def part(self) -> float:
        """Between 0 and 1: when in its turn the line is written."""
        return int.from_bytes(self._digest[:4], "big") / 2**32

    def number(self, place: int, below: int) -> int:
        """A number from 0 to below; each place has its own."""
        start = 4 + place * 4 % 28
        return int.from_bytes(self._digest[start : start + 4], "big") % below

    def one(self, place: int, of: Sequence[str]) -> str:
        """One of several, those named more than once more often."""
        return of[self.number(place, len(of))]


@dataclass(frozen=True, slots=True)
class Writing:
    """How a program writes: its first lines, then one in each `period` seconds, none where that is 0."""

    head: tuple[str, ...] = ()
    line: Line | None = None
    period: float = 0.0


_PATHS = ("/", "/", "/", "/index.html", "/favicon.ico", "/api/items", "/api/items/17", "/cart", "/login", "/robots.txt")
_STATUSES = ("200",) * 14 + ("304", "304", "404", "302", "500")
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "curl/8.14.1", "kube-probe/1.36", "Googlebot/2.1")
_WORK = (
    "order accepted",
    "cache refreshed",
    "session opened",
    "report written",
    "message consumed",
    "upstream answered",
)
_LEVELS = ("info",) * 12 + ("debug", "debug", "warn", "error")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _web(dice: Dice, moment: float) -> str:
    path, status = dice.one(0, _PATHS), dice.one(1, _STATUSES)
    client = f"10.244.{dice.number(2, 4)}.{dice.number(3, 250) + 2}"
    agent = dice.one(4, _AGENTS)
    return f'{client} - - [{_common(moment)}] "GET {path} HTTP/1.1" {status} {dice.number(5, 9000)} "-" "{agent}" "-"'


def _common(moment: float) -> str:
    """A moment as web servers write it."""
    text = stamp(moment)
    return f"{text[8:10]}/{_MONTHS[int(text[5:7]) - 1]}/{text[:4]}:{text[11:19]} +0000"


def _json(dice: Dice, moment: float) -> str:
    level, text = dice.one(0, _LEVELS), dice.one(1, _WORK)
    fields: dict[str, object] = {"time": stamp(moment), "level": level, "msg": text, "ms": dice.number(2, 900)}
    if level == "error":
        fields |= {"msg": "upstream timed out", "error": "context deadline exceeded"}
    return json.dumps(fields | {"id": f"{dice.number(3, 2**28):07x}"})


def _redis(dice: Dice, moment: float) -> str:
    text = dice.one(0, ("1 changes in 3600 seconds. Saving...", "Background saving started", "DB saved on disk"))
    return f"1:M {_redis_time(moment)} * {text}"


def _redis_time(moment: float) -> str:
    text = stamp(moment)
    return f"{text[8:10]} {_MONTHS[int(text[5:7]) - 1]} {text[:4]} {text[11:19]}.{int(moment * 1000) % 1000:03}"


def _database(dice: Dice, moment: float) -> str:
    text = stamp(moment).replace("T", " ").rstrip("Z")
    said = ("checkpoint starting: time", "checkpoint complete: wrote 3 buffers", "connection authorized: user=app")
    return f"{text} UTC [{dice.number(0, 90) + 20}] LOG:  {dice.one(1, said)}"


def _klog(dice: Dice, moment: float) -> str:
    text = stamp(moment)
    level = dice.one(0, ("I",) * 10 + ("W", "E"))
    said = {"I": "Reconciled", "W": "Retrying after conflict", "E": "Failed to sync"}[level]
    micro = f"{int(moment * 1e6) % 1_000_000:06}"
    return f'{level}{text[5:7]}{text[8:10]} {text[11:19]}.{micro}       1 controller.go:117] "{said}" key="default/web"'


def _dns(dice: Dice, moment: float) -> str:
    name = dice.one(0, ("kubernetes.default.svc.cluster.local.", "web.default.svc.cluster.local.", "example.org."))
    return f'[INFO] 10.244.0.{dice.number(1, 250)}:{dice.number(2, 20000) + 30000} - "A IN {name} udp" NOERROR'


def _plain(dice: Dice, moment: float) -> str:
    level = dice.one(0, _LEVELS).upper()
    return f"{stamp(moment)} {level:5} {dice.one(1, _WORK)} in {dice.number(2, 900)} ms"


_STYLES: Mapping[Style, Writing] = {
    "web": Writing(
        ("/docker-entrypoint.sh: Configuration complete; ready for start up", "start worker processes"), _web, 2.0
    ),
    "json": Writing(('{"level":"info","msg":"listening"}',), _json, 1.5),
    "redis": Writing(
        ("Redis is starting oO0OoO0OoO0Oo", "Running mode=standalone, port=6379.", "Ready to accept connections tcp"),
        _redis,
        20.0,
    ),
    "database": Writing(("database system is ready to accept connections",), _database, 15.0),
    "klog": Writing(('Starting controller" name="node"',), _klog, 10.0),
    "dns": Writing(("[INFO] plugin/ready: Still waiting on: kubernetes", ".:53", "CoreDNS (simulated)"), _dns, 8.0),
    "plain": Writing(("started",), _plain, 3.0),
    "quiet": Writing(),
}


def writing_of(container: Object) -> Writing:
    """How a container's program writes: as its command says, else as its image does."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    script = words[-1] if len(words) > 1 and words[-2] in ("-c", "-ec", "-lc") else shlex.join(words)
    spoken = _spoken(script)
    if spoken is not None:
        return spoken
    return _STYLES[behaviour(container["image"]).style]


def _spoken(script: str) -> Writing | None:
    """What a shell's words print: once, or again and again in a loop. None where it prints nothing of its own."""
    statements = [part.strip() for part in script.replace("&&", ";").replace(" do ", " do; ").split(";")]
    texts = [text for part in statements if (text := _printed(part)) is not None]
    if not texts:
        return None
    if not script.startswith(("while", "until")):
        return Writing(tuple(texts))
    pauses = [part.split()[1] for part in statements if part.startswith("sleep ")]
    period = float(pauses[0]) if pauses and pauses[0].replace(".", "", 1).isdigit() else 1.0
    return Writing((), lambda dice, moment: _told(texts[0], moment), max(0.1, period))


def _printed(statement: str) -> str | None:
    word, _, rest = statement.removeprefix("do ").partition(" ")
    if word == "date":
        return "$(date)"
    return rest.strip("\"'").split(" >")[0] if word in ("echo", "printf") else None


def _told(text: str, moment: float) -> str:
    return text.replace("$(date)", stamp(moment))
