"""Watches: what changes in a collection, for as long as someone listens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.history import Event
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import Subscription
from core.simulator.kubernetes.selectors import Selection
from core.simulator.kubernetes.web.answers import form_of, formed
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.reading import selection_of
from core.simulator.kubernetes.web.target import Target, flag, number

Object = dict[str, Any]

_INITIAL_END = "k8s.io/initial-events-end"
_ONE = "metadata.name="


async def watch(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Send what changes from a version on; without one, what is there now comes first.

    The watch ends after its `timeoutSeconds`, when the server stops, or when the client goes.
    """
    selection = selection_of(request, target)
    if target.name:
        selection = Selection(target.resource, target.namespace, selection.labels, f"{_ONE}{target.name}")
    form_of(request)
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"})
    try:
        stream = _Watch(backend, request, kind, selection)
    except ApiError as error:
        if error.status != 410:
            raise
        await response.prepare(request)
        await response.write(_line("ERROR", error.body()))
        return response
    await response.prepare(request)
    try:
        await stream.run(response)
    finally:
        stream.close()
    return response


class _Watch:
    """One open watch."""

    def __init__(self, backend: Backend, request: web.Request, kind: Kind, selection: Selection) -> None:
        self._backend = backend
        self._request = request
        self._kind = kind
        self._selection = selection
        self._plain = not form_of(request)
        self._bookmarks = flag(request.query, "allowWatchBookmarks")
        given = request.query.get("resourceVersion", "")
        self._initial = given in ("", "0") or flag(request.query, "sendInitialEvents")
        since = None if self._initial else self._since(given)
        self._events: Subscription = backend.objects.subscribe(selection.resource, since=since)
        backend.watches.add(self._events)

    def _since(self, text: str) -> int:
        if not text.isdecimal():
            raise ApiError(400, "BadRequest", f"Invalid value: {text!r}: strconv.ParseUint: invalid syntax")
        version, present = int(text), self._backend.objects.version
        if version > present:
            message = f"Too large resource version: {version}, current: {present}"
            raise ApiError(504, "Timeout", message, headers={"Retry-After": "1"})
        return version

    def close(self) -> None:
        """Stop listening."""
        self._events.close()
        self._backend.watches.discard(self._events)

    async def run(self, response: web.StreamResponse) -> None:
        """Send until the time is over, which a bookmark ends, or the events end."""
        if self._initial:
            await self._send_present(response)
        wanted = number(self._request.query, "timeoutSeconds")
        longest = self._backend.settings.longest_watch
        clock = asyncio.get_running_loop().time
        end = clock() + (min(wanted, longest) if wanted and wanted > 0 else longest)
        while (left := end - clock()) > 0:
            if not await self._send_next(response, min(left, self._backend.settings.bookmarks)):
                return

    async def _send_next(self, response: web.StreamResponse, patience: float) -> bool:
        try:
            async with asyncio.timeout(patience):
                batch = await self._events.batch()
        except TimeoutError:
            await self._send_bookmark(response)
            return True
        except StopAsyncIteration:
            return False
        except ApiError as error:
            await response.write(_line("ERROR", error.body()))
            return False
        if lines := b"".join(self._lines(batch)):
            await response.write(lines)
        return True

    def _lines(self, batch: Iterable[Event]) -> Iterable[bytes]:
        for event in batch:
            shown = self._selection.shows(event)
            if shown is None:
                continue
            if self._plain and shown == event.type:
                yield event.line
            else:
                yield _line(shown, formed(self._request, self._kind, event.object))

    async def _send_present(self, response: web.StreamResponse) -> None:
        version = self._backend.objects.version
        items = self._backend.objects.items(self._selection.resource, self._selection.namespace)
        found = [raw for key, raw in items if self._selection.lets(key, raw)]
        if self._plain:
            lines = [b'{"type":"ADDED","object":%s}\n' % raw for raw in found]
        else:
            lines = [_line("ADDED", formed(self._request, self._kind, msgspec.json.decode(raw))) for raw in found]
        if lines:
            await response.write(b"".join(lines))
        if flag(self._request.query, "sendInitialEvents"):
            await response.write(self._bookmark(version, {_INITIAL_END: "true"}))

    async def _send_bookmark(self, response: web.StreamResponse) -> None:
        if self._bookmarks and not self._events.waiting:
            await response.write(self._bookmark(self._backend.objects.version))

    def _bookmark(self, version: int, annotations: Object | None = None) -> bytes:
        metadata: Object = {"resourceVersion": str(version), "creationTimestamp": None}
        metadata |= {"annotations": annotations} if annotations else {}
        obj = {"kind": self._kind.name, "apiVersion": self._kind.api_version, "metadata": metadata}
        if not self._plain:
            obj = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
            obj = formed(self._request, self._kind, obj) | {"metadata": metadata}
        return _line("BOOKMARK", obj)


def _line(type: str, obj: Object) -> bytes:
    return msgspec.json.encode({"type": type, "object": obj}) + b"\n"
