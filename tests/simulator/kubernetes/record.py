"""Record what a real API server answers: `python -m tests.simulator.kubernetes.record KUBECONFIG`.

The server must be new and alone (no controllers), with the service range 10.96.0.0/12.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from core.kube.kubeconfig import open_client
from tests.simulator.kubernetes.recorded_requests import REQUESTS, Request

Object = dict[str, Any]

RECORDED = Path(__file__).with_name("recorded.json")
# What no two servers have in common.
_OWN = {"uid", "creationTimestamp", "resourceVersion", "managedFields", "lastTransitionTime"}


async def ask(http: ClientSession, server: str | None, request: Request) -> Object:
    """Status and answer of a request, without what is every server's own."""
    method, path, body, media = request
    data = None if body is None else json.dumps(body)
    async with http.request(method, f"{server}{path}", data=data, headers={"Content-Type": media}) as response:
        text = await response.text()
        return {"status": response.status, "answer": common(json.loads(text))}


def common(value: Any) -> Any:
    """A value without what is every server's own, and without nulls."""
    if isinstance(value, dict):
        return {key: common(each) for key, each in value.items() if key not in _OWN and each is not None}
    return [common(each) for each in value] if isinstance(value, list) else value


async def main(kubeconfig: Path) -> None:
    """Write the answers beside this file."""
    client = await open_client(kubeconfig, "real")
    http, server = client.rest_client.pool_manager, client.configuration.host
    answers = [await ask(http, server, request) for request in REQUESTS]
    RECORDED.write_text("[\n" + ",\n".join(json.dumps(each, sort_keys=True) for each in answers) + "\n]\n")
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
