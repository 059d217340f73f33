"""What happens on a gateway: HAProxy's own figures, and what the agent says that it publishes and why not."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from datetime import datetime
from typing import Any

from core.cluster.look import GATEWAY_STATUS
from core.engine.errors import Trouble
from core.live.views import GatewayView, PublicationView
from core.machines.connection import Connection
from core.operations.haproxy import QUESTIONS, HaproxyStatus, parse

_SOCKET = "/run/haproxy/admin.sock"
COMMAND = f"printf '%s\\n' {shlex.quote(QUESTIONS)} | socat -t3 - UNIX-CONNECT:{_SOCKET}"
_NOTHING = HaproxyStatus("", 0, 0, 0, 0, ())


async def gateway_view(connection: Connection) -> GatewayView:
    """One look; what cannot be seen is told in `trouble`.

    Raises:
        Trouble: the machine does not answer, or its agent has not reported yet.
    """
    raw, (haproxy, trouble) = await asyncio.gather(connection.read(GATEWAY_STATUS), _haproxy(connection))
    if raw is None:
        raise Trouble("its agent has not reported yet", where=connection.name, fix="deploy the environment")
    return view(connection.name, raw, haproxy, trouble, time.time())


def view(name: str, raw: bytes, haproxy: HaproxyStatus, trouble: str, now: float) -> GatewayView:
    """A look put together; `raw` is the agent's status file.

    Raises:
        Trouble: it cannot be read.
    """
    try:
        status = json.loads(raw)
        reload = status.get("last_reload") or {}
        errors = [trouble, status["api"].get("error") or "", *status.get("errors", ())]
        return GatewayView(
            name=name,
            version=haproxy.version,
            uptime=haproxy.uptime,
            connections=haproxy.connections,
            connections_limit=haproxy.connections_limit,
            rate=haproxy.rate,
            proxies=haproxy.proxies,
            publications=tuple(_publication(row) for row in status["services"]),
            reload_reason=reload.get("reason", ""),
            reloaded=_seconds(reload.get("at")),
            api_connected=bool(status["api"]["connected"]),
            trouble="; ".join(error for error in errors if error),
            taken=now,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Trouble(f"its agent's report cannot be read: {error}", where=name) from None


async def _haproxy(connection: Connection) -> tuple[HaproxyStatus, str]:
    try:
        done = await connection.run(COMMAND, timeout=10)
        return parse(done.stdout), ""
    except (Trouble, ValueError) as error:
        return _NOTHING, f"HAProxy's socket: {error}"


def _publication(row: dict[str, Any]) -> PublicationView:
    served = row["port"] if row["state"] == "served" else None
    service = f"{row['namespace']}/{row['name']}"
    return PublicationView(service, row["port"], row["protocol"], served, row["state"], row.get("message", ""))


def _seconds(stamp: str | None) -> float | None:
    return None if not stamp else datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
