"""A small Kubernetes API over a real socket: enough of its rules to test clients honestly, and faults on request."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from tests.unit.kube.fake_parts import CLUSTER_WIDE, KINDS, absent, matches, merged, status, table, wants_table

Object = dict[str, Any]

_PATH = re.compile(
    r"^/(?P<group>api/v1|apis/[^/]+/[^/]+)(/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<resource>[a-z]+)(/(?P<name>[^/]+))?(/(?P<part>[^/]+))?$"
)


@dataclass
class Fault:
    """An answer that is given instead of the real one, `times` times, where method and path fit."""

    method: str
    path: str
    status: int
    body: Object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass
class LogFile:
    """What a container run wrote: whole lines, each beginning with its time; `ended` closes followers' streams."""

    lines: list[str] = field(default_factory=list)
    ended: bool = False


class FakeApi:
    """Objects by path, a history for watches, logs, budgets, and hooks that play the controllers."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.version = 100
        self.compacted = 0
        self.history: list[tuple[int, str, Object, str]] = []
        self.requests: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.logs: dict[tuple[str, str], LogFile] = {}
        self.previous: dict[tuple[str, str], LogFile] = {}
        self.budgets: dict[str, str] = {}
        self.lingering: set[str] = set()
        self.hooks: list[Callable[[str, str, Object], None]] = []
        self.execute: Callable[[list[str], bytes], tuple[int, bytes, bytes]] = lambda command, stdin: (0, b"", b"")
        self.reads_input = True
        self.moved = asyncio.Condition()
        self.streams: set[asyncio.Transport] = set()
        self.away: set[str] = set()
        self.denied: set[tuple[str, str]] = set()
        self._uids = itertools.count(1)

    # ── What tests do ──

    def put(self, path: str, thing: Object) -> Object:
        """Create or replace the object at this path, as a controller would."""
        old = self.objects.get(path)
        stored = copy.deepcopy(thing)
        metadata = stored.setdefault("metadata", {})
        metadata.setdefault("name", path.rsplit("/", 1)[1])
        if found := _PATH.match(path):
            metadata.setdefault("namespace", found["namespace"] or "")
        metadata["uid"] = old["metadata"]["uid"] if old else f"uid-{next(self._uids)}"
        created = old["metadata"]["creationTimestamp"] if old else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata["creationTimestamp"] = created
        if old is None or old.get("spec") != stored.get("spec"):
            metadata["generation"] = (old["metadata"].get("generation", 0) if old else 0) + 1
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        self.objects[path] = stored
        self._happened("MODIFIED" if old else "ADDED", path, stored)
        return stored

    def remove(self, path: str) -> None:
        """The object at this path is gone."""
        thing = self.objects.pop(path, None)
        if thing is not None:
            self.version += 1
            thing["metadata"]["resourceVersion"] = str(self.version)
            self._happened("DELETED", path, thing)

    def compact(self) -> None:
        """Forget the history: watches from before get 410."""
        self.compacted = self.version
        self.history.clear()

    def cut(self) -> None:
        """Break every open watch and log stream in the middle."""
        for transport in list(self.streams):
            transport.abort()
        self.streams.clear()

    async def write(self, pod: str, container: str, *lines: str) -> None:
        """Append lines to a container's log."""
        self.logs.setdefault((pod, container), LogFile()).lines.extend(lines)
        await self._wake()

    async def end_log(self, pod: str, container: str) -> None:
        self.logs[pod, container].ended = True
        await self._wake()

    async def streaming(self, count: int = 1) -> None:
        """Return when this many streams are open."""
        async with self.moved:
            await self.moved.wait_for(lambda: len(self.streams) >= count)

    def asked(self, method: str, part: str) -> list[str]:
        """The paths of the requests so far that have `part` in them."""
        return [path for verb, path in self.requests if verb == method and part in path]

    # ── What the server does ──

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def _happened(self, kind: str, path: str, thing: Object) -> None:
        self.history.append((self.version, kind, copy.deepcopy(thing), path))
        for hook in list(self.hooks):
            hook(kind, path, thing)
        self._waking = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self.moved:
            self.moved.notify_all()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        for fault in self.faults:
            if fault.times and fault.method == request.method and fault.path in request.path_qs:
                fault.times -= 1
                return web.json_response(fault.body, status=fault.status, headers=fault.headers)
        if request.path in ("/apis", *(f"/{group}" for group in KINDS)):
            return self._discovery(request.path.lstrip("/"))
        if request.path.endswith("/selfsubjectaccessreviews"):
            return await self._review(request)
        found = _PATH.match(request.path)
        if found is None:
            return status(404, "NotFound", f"the server has no {request.path}")
        return await self._route(request, found)

    async def _route(self, request: web.Request, found: re.Match[str]) -> web.StreamResponse:
        parts: dict[str, Callable[[web.Request, re.Match[str]], Awaitable[web.StreamResponse]]] = {
            "log": self._log,
            "eviction": self._evict,
            "scale": self._scale,
            "exec": self._exec,
        }
        if found["part"]:
            return await parts[found["part"]](request, found)
        if found["name"] is None and request.method == "GET":
            return await self._collection(request)
        handlers = {
            "GET": self._get,
            "POST": self._create,
            "PUT": self._replace,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        return await handlers[request.method](request)

    def _discovery(self, group: str) -> web.Response:
        if group in self.away:
            return status(503, "ServiceUnavailable", "the server is currently unable to handle the request")
        if group == "apis":
            versions = [name.removeprefix("apis/") for name in KINDS if name.startswith("apis/")]
            groups = [{"name": name.partition("/")[0], "preferredVersion": {"groupVersion": name}} for name in versions]
            return web.json_response({"kind": "APIGroupList", "groups": groups})
        verbs = ["get", "list", "watch", "create", "update", "patch", "delete"]
        resources = [
            {"kind": kind, "name": name, "namespaced": name not in CLUSTER_WIDE, "verbs": verbs}
            for kind, name in KINDS[group].items()
        ]
        return web.json_response({"kind": "APIResourceList", "resources": resources})

    async def _review(self, request: web.Request) -> web.Response:
        asked = (await request.json())["spec"]["resourceAttributes"]
        allowed = (asked["verb"], asked["resource"]) not in self.denied
        status = {"allowed": allowed, "reason": "" if allowed else "RBAC: not allowed"}
        return web.json_response({"kind": "SelfSubjectAccessReview", "status": status}, status=201)

    def _selected(self, request: web.Request) -> list[Object]:
        collection = request.path
        everywhere = "/namespaces/" not in collection
        resource = collection.rsplit("/", 1)[1]
        root = collection.rsplit("/", 1)[0]
        chosen = []
        for path, thing in sorted(self.objects.items()):
            inside = path.rsplit("/", 1)[0]
            same = inside == collection or (everywhere and inside.startswith(root) and inside.endswith(f"/{resource}"))
            if same and matches(request, thing):
                chosen.append(thing)
        return chosen

    async def _collection(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("watch") == "true":
            return await self._watch(request)
        chosen = self._selected(request)
        start = int(request.query.get("continue", "0"))
        end = start + int(request.query.get("limit", "500"))
        metadata = {"resourceVersion": str(self.version), "continue": str(end) if end < len(chosen) else ""}
        if wants_table(request):
            return web.json_response(table(chosen[start:end], metadata))
        return web.json_response({"kind": "List", "metadata": metadata, "items": chosen[start:end] or None})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        seen = int(request.query["resourceVersion"])
        response = await self._open(request)
        if seen < self.compacted:
            gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            await response.write(json.dumps({"type": "ERROR", "object": gone}).encode() + b"\n")
            return response
        while True:
            now = self.version
            for version, kind, thing, path in list(self.history):
                if version > seen and self._watched(request, path, thing):
                    told = table([thing], {}) if wants_table(request) else thing
                    await response.write(json.dumps({"type": kind, "object": told}).encode() + b"\n")
            bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(now)}}}
            await response.write(json.dumps(bookmark).encode() + b"\n")
            async with self.moved:
                while self.version <= now:
                    await self.moved.wait()
            seen = now

    def _watched(self, request: web.Request, path: str, thing: Object) -> bool:
        inside = path.rsplit("/", 1)[0]
        resource = request.path.rsplit("/", 1)[1]
        everywhere = "/namespaces/" not in request.path and inside.endswith(f"/{resource}")
        return (everywhere or inside == request.path) and matches(request, thing)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        self.streams.add(request.transport)
        await self._wake()
        return response

    async def _get(self, request: web.Request) -> web.Response:
        thing = self.objects.get(request.path)
        return absent(request.path) if thing is None else web.json_response(thing)

    async def _create(self, request: web.Request) -> web.Response:
        thing = await request.json()
        path = f"{request.path}/{thing['metadata']['name']}"
        if path in self.objects:
            return status(409, "AlreadyExists", f"{path} already exists")
        return web.json_response(self.put(path, thing), status=201)

    async def _patch(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        old = self.objects.get(request.path)
        if request.content_type == "application/apply-patch+yaml":
            if request.query.get("dryRun"):
                return web.json_response(body)
            kept = {"status": old["status"]} if old and "status" in old else {}
            return web.json_response(self.put(request.path, body | kept))
        if old is None:
            return absent(request.path)
        return web.json_response(self.put(request.path, merged(old, body)))

    async def _replace(self, request: web.Request) -> web.Response:
        thing, old = await request.json(), self.objects.get(request.path)
        if old is None:
            return absent(request.path)
        if thing["metadata"].get("resourceVersion") not in (None, old["metadata"]["resourceVersion"]):
            return status(409, "Conflict", "the object has been modified; please apply your changes to the latest")
        return web.json_response(self.put(request.path, thing))

    async def _delete(self, request: web.Request) -> web.Response:
        thing = self.objects.get(request.path)
        if thing is None:
            return absent(request.path)
        options = await request.json() if request.can_read_body else {}
        wanted = options.get("preconditions", {}).get("uid")
        if wanted and wanted != thing["metadata"]["uid"]:
            return status(409, "Conflict", "the uid in the precondition does not match")
        self._let_go(request.path, options)
        return web.json_response({"kind": "Status", "status": "Success"})

    def _let_go(self, path: str, options: Object) -> None:
        thing = self.objects[path]
        if thing["metadata"]["name"] in self.lingering and options.get("gracePeriodSeconds") != 0:
            thing = copy.deepcopy(thing)
            thing["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            self.put(path, thing)
        else:
            self.remove(path)

    async def _evict(self, request: web.Request, found: re.Match[str]) -> web.Response:
        path = request.path.removesuffix("/eviction")
        if path not in self.objects:
            return absent(path)
        if budget := self.budgets.get(found["name"]):
            details = {"causes": [{"reason": "DisruptionBudget", "message": budget}]}
            text = "Cannot evict pod as it would violate the pod's disruption budget."
            return status(429, "TooManyRequests", text, details)
        self._let_go(path, (await request.json()).get("deleteOptions") or {})
        return web.json_response({"kind": "Status", "status": "Success"}, status=201)

    async def _scale(self, request: web.Request, _: re.Match[str]) -> web.Response:
        path = request.path.removesuffix("/scale")
        thing = self.objects.get(path)
        if thing is None:
            return absent(path)
        if request.method == "PATCH":
            replicas = json.loads(await request.read())["spec"]["replicas"]
            thing = self.put(path, merged(thing, {"spec": {"replicas": replicas}}))
        return web.json_response({"kind": "Scale", "spec": {"replicas": thing["spec"]["replicas"]}})

    async def _log(self, request: web.Request, found: re.Match[str]) -> web.StreamResponse:
        key = (found["name"], request.query["container"])
        kept = self.previous if request.query.get("previous") == "true" else self.logs
        file = kept.get(key)
        if file is None:
            return status(400, "BadRequest", f"container {key[1]!r} in pod {key[0]!r} is waiting to start")
        lines = [line for line in file.lines if line[:19] >= request.query.get("sinceTime", "")[:19]]
        tail = request.query.get("tailLines")
        lines = lines[-int(tail) :] if tail else lines
        response = await self._open(request)
        told = len(file.lines)
        await response.write("".join(f"{line}\n" for line in lines).encode())
        while request.query.get("follow") == "true" and not file.ended:
            async with self.moved:
                while len(file.lines) == told and not file.ended:
                    await self.moved.wait()
            more = file.lines[told:]
            told += len(more)
            await response.write("".join(f"{line}\n" for line in more).encode())
        assert isinstance(request.transport, asyncio.Transport)
        self.streams.discard(request.transport)
        return response

    async def _exec(self, request: web.Request, found: re.Match[str]) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io", "v4.channel.k8s.io"))
        await socket.prepare(request)
        stdin = await _read_input(socket) if request.query.get("stdin") == "true" and self.reads_input else b""
        status, out, err = self.execute(request.query.getall("command"), stdin)
        for channel, data in ((1, out[: len(out) // 2]), (2, err), (1, out[len(out) // 2 :])):
            await socket.send_bytes(bytes([channel]) + data)
        result: Object = {"status": "Success"}
        if status:
            causes = [{"reason": "ExitCode", "message": str(status)}]
            result = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
        await socket.send_bytes(b"\x03" + json.dumps(result).encode())
        await socket.close()
        return socket


async def _read_input(socket: web.WebSocketResponse) -> bytes:
    found = b""
    async for message in socket:
        if message.type is WSMsgType.BINARY and message.data == b"\xff\x00":
            break
        found += message.data[1:]
    return found
