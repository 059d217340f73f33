"""The server: every path with and without a version before it, errors as JSON, on a socket of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from core.simulator.docker.engine import Engine
from core.simulator.docker.errors import EngineError
from core.simulator.docker.web import archives, containers, execution, images, networks, streams, system, volumes
from core.simulator.docker.web.asked import ENGINE, answered
from core.simulator.errors import MachineError

_PARTS = (system, containers, archives, streams, execution, images, networks, volumes)
_PREFIX = "/{version:v1\\.[0-9]+}"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves one engine from `start` to `stop`; connections that are open are cut then."""

    def __init__(self, engine: Engine, socket: Path) -> None:
        self._socket = socket
        self._runner = web.AppRunner(application(engine), access_log=None, shutdown_timeout=0.1)

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self._socket)).start()

    async def stop(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()


def application(engine: Engine) -> web.Application:
    """The API of an engine."""
    app = web.Application(middlewares=[_errors], client_max_size=16 * 1024 * 1024)
    app[ENGINE] = engine
    app[execution.EXECUTIONS] = {}
    for part in _PARTS:
        for method, path, answer in part.ROUTES:
            app.router.add_route(method, path, answer)
            app.router.add_route(method, _PREFIX + path, answer)
    return app


@web.middleware
async def _errors(request: web.Request, handler: Answer) -> web.StreamResponse:
    try:
        return await handler(request)
    except EngineError as error:
        return _message(error.status, error.message)
    except MachineError as error:
        return _message(500, f"{error.strerror}: {error.filename or ''}".rstrip(": "))
    except (json.JSONDecodeError, re.error, KeyError, TypeError) as error:
        return _message(400, f"invalid request: {error}")
    except web.HTTPNotFound:
        return _message(404, "page not found")
    except web.HTTPMethodNotAllowed:
        return _message(405, "method not allowed")


def _message(status: int, text: str) -> web.Response:
    return answered({"message": text}, status=status)
