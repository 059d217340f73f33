"""The console in a browser: only with the token, only on the loopback, only for its own pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tui.serving import HOST, _free_port, address, guarded_app

TOKEN = "t" * 43


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a server that runs."""
    number = _free_port()
    runner = web.AppRunner(await guarded_app(number, TOKEN), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, number).start()
    yield number
    await runner.cleanup()


async def status(port: int, path: str = "/", **headers: str) -> int:
    async with aiohttp.ClientSession() as client, client.get(f"http://{HOST}:{port}{path}", headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/static/css/xterm.css", "/ws"])
async def test_nothing_is_shown_without_the_token(port: int, path: str) -> None:
    assert await status(port, path) == 403


async def test_the_printed_address_opens_the_console_and_the_cookie_keeps_it_open(port: int) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.get(address(port, TOKEN)) as answer:
            assert answer.status == 200
            assert "token" not in str(answer.url)
            assert "Gondolier" in await answer.text()
        async with client.get(f"http://{HOST}:{port}/") as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "https://127.0.0.1"}]
)
async def test_foreign_pages_are_refused_even_with_the_token(port: int, headers: dict[str, str]) -> None:
    assert await status(port, f"/?token={TOKEN}", **headers) == 403


async def test_the_console_itself_is_drawn_through_the_socket(port: int) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await client.get(address(port, TOKEN))
        seen = b""
        async with client.ws_connect(f"http://{HOST}:{port}/ws?width=100&height=30") as socket, asyncio.timeout(30):
            while b"Environments" not in seen:
                message = await socket.receive()
                assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)
                seen += message.data if isinstance(message.data, bytes) else message.data.encode()
