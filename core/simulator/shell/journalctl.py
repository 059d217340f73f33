"""journalctl: lines of the journal, as they were or as they come."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from core.simulator.machine.journal import Line
from core.simulator.machine.unit_files import seconds
from core.simulator.machine.units import full_name
from core.simulator.shell.calls import Call, command

_VALUED = {
    "-u": "unit", "--unit": "unit", "-n": "lines", "--lines": "lines", "-o": "output", "--output": "output",
    "-S": "since", "--since": "since", "-U": "until", "--until": "until", "-t": "identifier",
}  # fmt: skip
_FLAGS = {"-f": "follow", "--follow": "follow", "-r": "reverse", "--reverse": "reverse"}
_IGNORED = frozenset(
    {"--no-pager", "-q", "--quiet", "-b", "--boot", "-a", "--all", "-e", "--no-hostname", "-k", "--utc"}
)
_AGO = re.compile(r"^-?\s*(.+?)(?:\s+ago)?$")


class Asked(msgspec.Struct):
    """What journalctl was asked for."""

    unit: str = ""
    lines: str = ""
    output: str = "short"
    since: str = ""
    until: str = ""
    identifier: str = ""
    follow: bool = False
    reverse: bool = False


@command("journalctl")
async def journalctl(call: Call) -> int:
    """The lines that are asked for; with -f without end."""
    asked = _asked(call.arguments)
    if asked is None:
        call.err(f"gondolier simulator: unknown command: {' '.join(call.argv)}\n")
        return 127
    unit = full_name(asked.unit) if asked.unit else ""
    lines = [line for line in call.machine.journal.lines(unit) if _within(asked, line, call.machine.clock())]
    last = max((line.number for line in call.machine.journal.lines()), default=0)
    shown = _counted(asked, lines)
    form = _FORMS.get(asked.output, _short)
    for line in reversed(shown) if asked.reverse else shown:
        call.out(form(call.machine.name, line) + "\n")
    if asked.follow:
        async for line in call.machine.journal.follow(unit, after=last):
            call.out(form(call.machine.name, line) + "\n")
            await call.stdout.drain()
    return 0


def _asked(arguments: Sequence[str]) -> Asked | None:
    asked = Asked()
    rest = iter(_separated(arguments))
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _VALUED:
            setattr(asked, _VALUED[name], value if equals else next(rest, ""))
        elif word in _FLAGS:
            setattr(asked, _FLAGS[word], True)
        elif word not in _IGNORED:
            return None
    return asked


def _separated(arguments: Sequence[str]) -> Iterator[str]:
    """-n10 as -n 10, -fu as -f -u."""
    for word in arguments:
        if re.fullmatch(r"-n\d+", word):
            yield from ("-n", word[2:])
        elif re.fullmatch(r"-[fru]{2,}", word):
            yield from (f"-{letter}" for letter in word[1:])
        else:
            yield word


def _counted(asked: Asked, lines: list[Line]) -> list[Line]:
    count = asked.lines or ("10" if asked.follow else "all")
    if count == "all":
        return lines
    return lines[-int(count) :] if int(count) else []


def _within(asked: Asked, line: Line, now: float) -> bool:
    if asked.since and line.time < moment(asked.since, now):
        return False
    return not asked.until or line.time <= moment(asked.until, now)


def moment(text: str, now: float) -> float:
    """A time as journalctl takes it: "@1700000000", "2026-11-23 11:40:00", "-5min", "5 minutes ago", "today".

    Source: systemd.time(7); dates are UTC, as the machine's clock.
    """
    if text.startswith("@"):
        return float(text[1:])
    if text in ("now", "today", "yesterday"):
        midnight = now - now % 86400
        return {"now": now, "today": midnight, "yesterday": midnight - 86400}[text]
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        found = _AGO.match(text)
        span = found[1] if found else text
        return now - seconds(re.sub(r"(sec|min|hour|day)[a-z]*", lambda word: _WORDS[word[1]], span))


_WORDS = {"sec": "s", "min": "min", "hour": "h", "day": "d"}


def _cat(host: str, line: Line) -> str:
    return line.text


def _short(host: str, line: Line) -> str:
    return f"{time.strftime('%b %d %H:%M:%S', time.gmtime(line.time))} {_body(host, line)}"


def _iso(host: str, line: Line) -> str:
    return f"{datetime.fromtimestamp(line.time, UTC).isoformat(timespec='seconds')} {_body(host, line)}"


def _precise(host: str, line: Line) -> str:
    return f"{datetime.fromtimestamp(line.time, UTC).isoformat(timespec='microseconds')} {_body(host, line)}"


def _unix(host: str, line: Line) -> str:
    return f"{line.time:.6f} {_body(host, line)}"


def _json(host: str, line: Line) -> str:
    return json.dumps(
        {
            "__REALTIME_TIMESTAMP": str(int(line.time * 1e6)),
            "_HOSTNAME": host,
            "_SYSTEMD_UNIT": line.unit,
            "SYSLOG_IDENTIFIER": line.source,
            "_PID": str(line.pid),
            "MESSAGE": line.text,
        }
    )


def _body(host: str, line: Line) -> str:
    process = f"{line.source}[{line.pid}]" if line.pid else line.source
    return f"{host} {process}: {line.text}"


_FORMS: dict[str, Callable[[str, Line], str]] = {
    "cat": _cat,
    "short": _short,
    "short-iso": _iso,
    "short-iso-precise": _precise,
    "short-precise": _precise,
    "short-unix": _unix,
    "json": _json,
}
