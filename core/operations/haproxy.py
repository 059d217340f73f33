"""What HAProxy says of itself on its socket, as typed views (docs.haproxy.org, management guide: "show stat")."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.live.views import ProxyView, ServerView

QUESTIONS = "show info;show stat"
"""Both in one go; the answers follow each other with an empty line between them."""


@dataclass(frozen=True, slots=True)
class HaproxyStatus:
    """HAProxy itself, and its frontends with what is behind them."""

    version: str
    uptime: int
    connections: int
    connections_limit: int
    rate: int
    proxies: tuple[ProxyView, ...]


def parse(text: str) -> HaproxyStatus:
    """The answer to `QUESTIONS`; frontends and backends are named as our gateway's agent names them.

    Raises:
        ValueError: it is something else.
    """
    head, mark, table = text.partition("# pxname,")
    if not mark:
        raise ValueError("HAProxy's answer has no table")
    info = dict(_pair(line) for line in head.splitlines() if ": " in line)
    rows = list(csv.DictReader(io.StringIO("pxname," + table.strip())))
    return HaproxyStatus(
        version=info.get("Version", ""),
        uptime=_int(info.get("Uptime_sec")),
        connections=_int(info.get("CurrConns")),
        connections_limit=_int(info.get("Maxconn")),
        rate=_int(info.get("ConnRate")),
        proxies=tuple(_proxies(rows)),
    )


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.strip(), value.strip()


def _proxies(rows: Sequence[Mapping[str, str]]) -> list[ProxyView]:
    found = []
    for name in dict.fromkeys(row["pxname"] for row in rows):
        own = [row for row in rows if row["pxname"] == name]
        front = next((row for row in own if row["svname"] == "FRONTEND"), None)
        if front is not None:
            servers = [row for row in own if row["svname"] not in ("FRONTEND", "BACKEND")]
            found.append(_proxy(front, servers))
    return found


def _proxy(front: Mapping[str, str], servers: Sequence[Mapping[str, str]]) -> ProxyView:
    # "namespace_name_port": neither name can hold an underscore.
    place, _, port = front["pxname"].rpartition("_")
    return ProxyView(
        name=front["pxname"],
        bind=f":{port}" if port.isdigit() else "",
        service=place.replace("_", "/", 1),
        status=front.get("status", ""),
        sessions=_int(front.get("scur")),
        sessions_max=_int(front.get("smax")),
        sessions_limit=_int(front.get("slim")),
        sessions_total=_int(front.get("stot")),
        rate=_int(front.get("rate")),
        rate_max=_int(front.get("rate_max")),
        bytes_in=_int(front.get("bin")),
        bytes_out=_int(front.get("bout")),
        servers=tuple(_server(row) for row in servers),
    )


def _server(row: Mapping[str, str]) -> ServerView:
    return ServerView(
        name=row["svname"],
        address=row.get("addr") or "",
        status=row.get("status") or "",
        check=row.get("check_status") or "",
        sessions=_int(row.get("scur")),
        sessions_total=_int(row.get("stot")),
        bytes_in=_int(row.get("bin")),
        bytes_out=_int(row.get("bout")),
        seconds_since_change=_int(row.get("lastchg")),
    )


def _int(text: str | None) -> int:
    """A count; HAProxy leaves out what does not apply."""
    return int(text) if text and text.lstrip("-").isdigit() else 0
