"""`gondolier serve`: the same console in a browser on this computer, behind a token."""

from __future__ import annotations

import hmac
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Middleware

HOST = "127.0.0.1"
"""The console is all-powerful over its environments: it is never bound to an address that others can reach."""

_COOKIE = "gondolier"
Handler = Callable[["web.Request"], Awaitable["web.StreamResponse"]]


@click.command()
@click.option("--port", default=8765, show_default=True, help="Port of the loopback; 0 takes any free one.")
def serve(port: int) -> None:
    """Show the console in a browser of this computer; the address that is printed has the token in it."""
    import asyncio
    from contextlib import suppress

    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    import asyncio

    from aiohttp import web

    token = secrets.token_urlsafe(32)
    port = port or _free_port()
    # No access log: the token would stand in its first line.
    runner = web.AppRunner(await guarded_app(port, token), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        click.echo(f"The console is at {address(port, token)}")
        click.echo("Ctrl-C ends it; runs that were begun go on.")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def address(port: int, token: str) -> str:
    """Where a browser finds the console."""
    return f"http://{HOST}:{port}/?token={token}"


async def guarded_app(port: int, token: str) -> web.Application:
    """The web application; each request needs the token, as a cookie or once in the address."""
    from textual_serve.server import Server

    command = shlex.join([sys.executable, "-m", "tui"])
    server = Server(command, host=HOST, port=port, title="Gondolier")
    server.on_startup = _say_nothing  # type: ignore[method-assign]
    app = await server._make_app()
    app.middlewares.append(guard(f"{HOST}:{port}", token))
    return app


def guard(host: str, token: str) -> Middleware:
    """A middleware that lets through who has the token, comes under this host's name, and from its own pages.

    The host is looked at because a foreign page can give its own name this computer's address, the origin because it
    can open sockets to it.
    """
    from aiohttp import web

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host") != host or request.headers.get("Origin", f"http://{host}") != f"http://{host}":
            raise web.HTTPForbidden(text="the console is shown to its own pages only")
        given = request.query.get("token")
        if given is not None and _same(given, token):
            answer = web.HTTPFound("/")
            answer.set_cookie(_COOKIE, token, httponly=True, samesite="Strict")
            return answer
        if not _same(request.cookies.get(_COOKIE, ""), token):
            raise web.HTTPForbidden(text="open the address that `gondolier serve` printed")
        return await handler(request)

    return guarded


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


async def _say_nothing(app: object) -> None:
    """In place of the server's greeting, which names the command and not the token."""


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
