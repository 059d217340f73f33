"""What is asked of a real machine while its answers are recorded, and of a simulated one when they are replayed.

A scene is a list of exchanges on one machine, in order; scenes begin where the one before ended.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.cluster.etcd import DATA
from core.machines.placing import PLACE, absent_pieces, directory_pieces, file_pieces
from core.machines.scripts import script
from core.machines.state import Directory, File

FACTS, UNITS, PACKAGES = script("facts.sh"), script("units.sh"), script("packages.sh")

RUNS = "#!/bin/sh\n# runs\nsystemd-notify --ready\nexec sleep infinity\n"
HANGS = "#!/bin/sh\n# hangs\nexec sleep infinity\n"
FAILS = "#!/bin/sh\n# fails no certificate\necho no certificate\nexit 1\n"
DONE = "#!/bin/sh\n# runs\nexit 0\n"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command with its input. `pause` is how long to wait before it, in seconds."""

    name: str
    command: str
    given: bytes = b""
    pause: float = 0.0


def unit(name: str, type: str = "notify", *, after: str = "", **settings: str) -> bytes:
    """A unit's file for the program at /opt/NAME/app."""
    head = f"[Unit]\nDescription=The {name}\n{after}"
    known = {"Type": type, "ExecStart": f"/opt/{name}/app", "NotifyAccess": "all", **settings}
    body = "".join(f"{key}={value}\n" for key, value in known.items())
    return f"{head}[Service]\n{body}\n[Install]\nWantedBy=multi-user.target\n".encode()


def installed(name: str, does: str, type: str = "notify", *, after: str = "", **settings: str) -> bytes:
    """The operations that put a program and its unit in place."""
    files = (
        File(f"/opt/{name}/app", does.encode(), 0o755),
        File(f"/etc/systemd/system/{name}.service", unit(name, type, after=after, **settings)),
    )
    return b"".join(piece for file in files for piece in file_pieces(file))


def place(name: str, given: bytes) -> Exchange:
    return Exchange(name, PLACE, given)


def orders(name: str, *lines: str, pause: float = 0.0) -> Exchange:
    """Orders to systemd."""
    return Exchange(name, UNITS, "".join(f"{line}\n" for line in lines).encode(), pause)


def facts(name: str, *lines: str, pause: float = 0.0) -> Exchange:
    """Questions."""
    return Exchange(name, FACTS, "".join(f"{line}\n" for line in lines).encode(), pause)


def told(name: str, command: str, pause: float = 0.0) -> Exchange:
    return Exchange(name, command, b"", pause)


def scenes() -> Mapping[str, list[Exchange]]:
    """All of them, by name, in order."""
    return {
        "a unit's life": _life(),
        "failures": _failures(),
        "dependencies": _dependencies(),
        "oneshots": _oneshots(),
        "words": _words(),
        "files": _files(),
        "the machine itself": [facts("host", "host")],
    }


def _life() -> list[Exchange]:
    changed = unit("life", Environment="COLOUR=red")
    again = b"".join(file_pieces(File("/etc/systemd/system/life.service", changed)))
    return [
        facts("before", "unit life.service", "unit life"),
        place("installed", installed("life", RUNS)),
        facts("not enabled", "unit life.service"),
        orders("started", "daemon-reload", "enable life.service", "start life.service", "show life.service"),
        facts("runs", "unit life.service"),
        place("unit changed", again),
        facts("reload needed", "unit life.service"),
        orders("reloaded", "daemon-reload", "restart life.service", "show life.service"),
        facts("as on disk", "unit life.service"),
        told("its words", "journalctl -u life.service -n 4 --no-pager -o cat"),
        orders("no reload", "reload-or-restart life.service", "show life.service"),
        told("is it", "systemctl is-active life.service none.service; systemctl is-enabled life.service"),
        orders("off", "stop life.service", "disable life.service", "show life.service"),
        told("is it now", "systemctl is-active life.service; echo $?"),
        place("gone", b"".join(absent_pieces("/etc/systemd/system/life.service"))),
        orders("forgotten", "daemon-reload", "show life.service"),
    ]


def _failures() -> list[Exchange]:
    return [
        place("installed", installed("bad", FAILS, Restart="always", RestartSec="30")),
        orders("fails", "daemon-reload", "start bad.service", "show bad.service"),
        facts("waits", "unit bad.service"),
        told("its words", "journalctl -u bad.service -n 10 --no-pager -o cat"),
        orders("stopped", "stop bad.service", "show bad.service"),
        place("simple", installed("bad", FAILS, "simple")),
        orders("simple fails", "daemon-reload", "start bad.service", "show bad.service"),
        told("simple words", "journalctl -u bad.service -n 5 --no-pager -o cat"),
        place("no environment", installed("bad", RUNS, EnvironmentFile="/etc/none.env")),
        orders("no environment fails", "daemon-reload", "start bad.service", "show bad.service"),
        place("no program", installed("bad", RUNS, ExecStart="/opt/none/app")),
        orders("no program fails", "daemon-reload", "start bad.service", "show bad.service"),
        place("hangs", installed("bad", HANGS, TimeoutStartSec="1")),
        orders("too slow", "daemon-reload", "start bad.service", "show bad.service"),
        place("limit", installed("bad", FAILS, Restart="always", RestartSec="1ms")),
        orders("limited", "daemon-reload", "start bad.service"),
        orders("limit reached", "show bad.service", pause=2),
        place("well", installed("bad", RUNS)),
        orders("again", "daemon-reload", "start bad.service", "show bad.service"),
        orders("off", "stop bad.service"),
    ]


def _dependencies() -> list[Exchange]:
    after = "Requires=base.service\nAfter=base.service\n"
    return [
        place("base", installed("base", RUNS)),
        place("user", installed("user", RUNS, after=after)),
        orders("both", "daemon-reload", "start user.service", "show base.service user.service"),
        orders("stopped together", "stop base.service", "show base.service user.service"),
        place("base fails", installed("base", FAILS)),
        orders("failed together", "start user.service", "show base.service user.service"),
        orders("off", "stop base.service user.service"),
    ]


def _oneshots() -> list[Exchange]:
    return [
        place("stays", installed("stays", DONE, "oneshot", RemainAfterExit="yes")),
        place("done", installed("done", DONE, "oneshot")),
        place("fails", installed("fails", FAILS, "oneshot")),
        orders("all", "daemon-reload", "start stays.service done.service", "show stays.service done.service"),
        orders("one fails", "start fails.service", "show fails.service"),
        orders("off", "stop stays.service", "show stays.service"),
    ]


def _words() -> list[Exchange]:
    packages = f"setsid --wait sh -c {shlex.quote(PACKAGES)} packages 5"
    return [
        orders("unknown", "start none.service", "show none.service"),
        orders("unknown stop", "stop none.service", "show none.service"),
        orders("unknown enable", "enable none.service", "show none.service"),
        orders("unknown disable", "disable none.service", "show none.service"),
        told("masked", "ln -s /dev/null /etc/systemd/system/masked.service; systemctl daemon-reload"),
        orders("masked start", "start masked.service", "enable masked.service", "show masked.service"),
        facts("masked facts", "unit masked.service"),
        told("no file", "mv /no/such /no/other; cat /no/such; test -s /no/such; echo $?"),
        told("etcd's data", f"test -d {DATA}/member"),
        told("no lines", "journalctl -u none.service -n 5 --no-pager -o cat"),
        Exchange("no package", packages, b"no-such-package"),
    ]


def _files() -> list[Exchange]:
    right = hashlib.sha256(b"one\n").hexdigest()
    asked = [
        "path /etc/rec", "path /etc/rec/conf", "path /etc/rec/link", "path /etc/none", "tree /etc/rec",
        f"shown {right} /etc/rec/conf", f"shown {'0' * 64} /etc/rec/conf",
        "sysctl net/ipv4/ip_forward", "sysctl no/such", "module no_such", "package kmod", "package none",
    ]  # fmt: skip
    given = b"".join(
        (
            *directory_pieces(Directory("/etc/rec", 0o700)),
            *file_pieces(File("/etc/rec/conf", b"one\n", 0o640)),
            *file_pieces(File("/etc/rec/deep/empty", b"", 0o400)),
        )
    )
    return [
        place("made", given),
        told("linked", "ln -s conf /etc/rec/link"),
        facts("looked", *asked),
        place("removed", b"".join(absent_pieces("/etc/rec"))),
        facts("nothing", "path /etc/rec", "tree /etc/rec"),
    ]


_VARYING = (
    (re.compile(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} UTC"), "TIME"),
    (re.compile(r"^clock\t.*", re.MULTILINE), "clock\tTIME"),
    (re.compile(r"^(package\t\S+\t\S+ \t).*", re.MULTILINE), r"\1VERSION"),
    (re.compile(r"^(sysctl\t\S+\tyes\t).*", re.MULTILINE), r"\1VALUE"),
    (re.compile(r"\t\d+\.\d{10}\t"), "\tTIME\t"),
    (re.compile(r"^(path\t[dl]\t\S+\t\S+\t\S+\t)\d+", re.MULTILINE), r"\1SIZE"),
    (re.compile(r"^usage\t.*", re.MULTILINE), "usage"),
    # How many name servers there are, and whether its provider says something of it, is the machine's affair.
    (re.compile(r"^host\t(nameserver|machine|os\.\w+_URL)\t.*\n", re.MULTILINE), ""),
    (re.compile(r"^(host\t\S+\t)[-+/:.() \w]+$", re.MULTILINE), r"\1VALUE"),
    (re.compile(r"/(usr/)?lib/systemd/system"), "LIB"),
)
"""What is another at each time and place: pattern, and what stands for it."""


def lasting(text: str) -> str:
    """A text without what varies, the lines about files in order."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    head, units, rest = text.partition("\nunits\n")
    return "\n".join(sorted(head.split("\n"))) + units + rest if text.startswith("clock\t") else text


def exchanges() -> Iterator[tuple[str, Exchange]]:
    """All exchanges with their scene's name."""
    for name, scene in scenes().items():
        yield from ((name, exchange) for exchange in scene)
