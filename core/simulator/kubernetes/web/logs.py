"""The log of a container."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from core.simulator.kubernetes.errors import bad_request, not_found
from core.simulator.kubernetes.hooks import LogOptions
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.target import Target, flag, number

Object = dict[str, Any]


async def log(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """A container's log as text, or its end; with `follow` as it grows."""
    pod = backend.objects.get("pods", target.namespace, target.name)
    if pod is None:
        raise not_found("pods", target.name)
    container, options = container_of(pod, request.query.get("container", "")), _options(request)
    response = web.StreamResponse(headers={"Content-Type": "text/plain", "Cache-Control": "no-cache, private"})
    if not pod["spec"].get("nodeName"):
        await response.prepare(request)
        return response
    pieces = _cut(backend.hooks.logs(pod, container, options), options)
    first = await anext(pieces, b"")
    await response.prepare(request)
    if first:
        await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    return response


def container_of(pod: Object, wanted: str) -> str:
    """The container that is asked for, or the only one. ApiError 400 where that is not clear."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    main = [each["name"] for each in spec.get("containers") or ()]
    initial = [each["name"] for each in spec.get("initContainers") or ()]
    if wanted:
        if wanted not in (*main, *initial):
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(main) == 1:
        return str(main[0])
    extra = f" or one of the init containers: [{' '.join(initial)}]" if initial else ""
    text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(main)}]{extra}"
    raise bad_request(text)


def _options(request: web.Request) -> LogOptions:
    query = request.query
    seconds, tail, limit = (number(query, name) for name in ("sinceSeconds", "tailLines", "limitBytes"))
    for name, value, least in (("sinceSeconds", seconds, 1), ("tailLines", tail, 0), ("limitBytes", limit, 1)):
        if value is not None and value < least:
            raise bad_request(f"PodLogOptions is invalid: {name}: must be greater than or equal to {least}")
    return LogOptions(
        follow=flag(query, "follow"),
        previous=flag(query, "previous"),
        since=_since(seconds, query.get("sinceTime", "")),
        tail=tail,
        limit=limit,
        timestamps=flag(query, "timestamps"),
    )


def _since(seconds: int | None, text: str) -> datetime | None:
    if seconds is not None and text:
        raise bad_request("PodLogOptions is invalid: at most one of `sinceTime` or `sinceSeconds` may be specified")
    if seconds is not None:
        return datetime.now(UTC) - timedelta(seconds=seconds)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"PodLogOptions is invalid: sinceTime: {text!r} is no time") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


async def _cut(pieces: AsyncIterator[bytes], options: LogOptions) -> AsyncIterator[bytes]:
    """Whole lines without their times, where those are not wanted, up to the limit."""
    left = options.limit
    async for piece in pieces:
        text = piece if options.timestamps else _without_times(piece)
        yield text if left is None else text[:left]
        if left is not None and (left := left - len(text)) <= 0:
            return


def _without_times(piece: bytes) -> bytes:
    return b"".join(line.partition(b" ")[2] for line in piece.splitlines(keepends=True))
