"""A fake API server on the loopback, and a cluster that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from core.kube.access import Cluster
from tests.unit.kube.fake_api import FakeApi


@pytest.fixture
async def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
async def cluster(api: FakeApi) -> AsyncIterator[Cluster]:
    runner = web.AppRunner(api.app(), handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with Cluster(kubeconfig(f"http://{host}:{port}"), "alpha", timeout=5) as opened:
        yield opened
    await runner.cleanup()


def kubeconfig(server: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "alpha",
        "contexts": [{"name": "alpha", "context": {"cluster": "alpha", "user": "admin"}}],
        "clusters": [{"name": "alpha", "cluster": {"server": server}}],
        "users": [{"name": "admin", "user": {"token": "s3cret"}}],
    }
