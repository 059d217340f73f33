"""Endpoints in the console: reached on demand, copied, opened, forwarded to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.engine.errors import Trouble
from core.live.views import Reachability
from core.operations.endpoints import reachability
from core.status import EndpointStatus
from tests.tui.conftest import Open
from tests.tui.data import ENDPOINTS
from tests.tui.driving import Driven
from tests.tui.fake_console import FakeConsole
from tui.view_models.endpoint_table import EndpointRow


async def open_endpoints(driven: Driven, *line: str) -> None:
    await driven.select(*line)
    await driven.press("2", "tab")
    await driven.until(lambda: "203.0.113.20" in driven.content)


async def test_the_endpoints_of_a_line_with_port_scope_and_protocol(console: Open) -> None:
    async with console() as driven:
        await open_endpoints(driven, "lab", "alpha", "web")
        assert "broker" not in driven.content
        assert "not asked" in driven.content
        await driven.select("lab")
        await driven.until(lambda: "broker" in driven.content)


async def test_whether_they_can_be_reached_is_asked_when_the_person_asks(console: Open, fake: FakeConsole) -> None:
    fake.live.reach["10.7.0.21"] = Reachability(False, None, "connection refused")
    async with console() as driven:
        await open_endpoints(driven, "lab", "alpha", "web")
        assert not fake.live.called("reachability")
        await driven.press("home", "enter")
        await driven.until(lambda: "answers in 12 ms" in driven.content)
        await driven.press("a")
        await driven.until(lambda: "connection refused" in driven.content)
        rows = driven.content.splitlines()
        assert any("✖" in row and "connection refused" in row for row in rows)
        assert len(fake.live.called("reachability")) == 4


async def test_an_address_is_copied_opened_and_forwarded_to(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    async with console() as driven:
        monkeypatch.setattr(driven.app, "open_url", lambda url, **_: opened.append(url))
        await open_endpoints(driven, "lab", "alpha", "web")
        await driven.press("home", "c")
        await driven.until(lambda: driven.app.clipboard == "http://203.0.113.20:80")
        await driven.press("o")
        await driven.until(lambda: opened == ["http://203.0.113.20:80"])
        await driven.press("F")
        await driven.until(lambda: "http://127.0.0.1:40001 leads to site" in driven.notice)
        assert driven.app.clipboard == "http://127.0.0.1:40001"
        fake.live.failures["forward"] = Trouble("no pod is ready")
        await driven.press("F")
        await driven.until(lambda: driven.notice == "Port-forward: no pod is ready")


@pytest.mark.parametrize("workload", ["Deployment", "ReplicationController", "Pod"])
async def test_a_forward_leads_to_the_kind_of_object_that_the_pod_is(
    console: Open, fake: FakeConsole, workload: str
) -> None:
    declared = fake.statuses["lab"]
    parts = [replace(one, workload=workload) if one.name == "web" else one for one in declared.components]
    fake.statuses["lab"] = replace(declared, components=tuple(parts))
    async with console() as driven:
        await open_endpoints(driven, "lab", "alpha", "web")
        await driven.press("home", "F")
        await driven.until(lambda: bool(fake.live.called("forward")))
        _, target, port, _ = fake.live.called("forward")[0]
        assert f"{target} {port}" == f"{workload} default/web 80"


def test_an_address_is_written_as_a_browser_takes_it() -> None:
    endpoint = ENDPOINTS[0]
    assert EndpointRow(replace(endpoint, address="fd00::1", container_port=443)).url == "https://[fd00::1]:80"
    assert EndpointRow(replace(endpoint, protocol="udp")).url == "203.0.113.20:80/udp"


async def test_an_endpoint_is_really_connected_to() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = EndpointStatus("web", "site", "127.0.0.1", port, "public", "public", 80, "tcp")
    found = await reachability(endpoint)
    assert found.reachable
    assert found.text.startswith("answers in")
    server.close()
    await server.wait_closed()
    refused = await reachability(endpoint)
    assert refused.reachable is False
    assert refused.text
    assert (await reachability(replace(endpoint, scope="internal"))).text == "inside the cluster only"
    assert (await reachability(replace(endpoint, protocol="udp"))).reachable is None
