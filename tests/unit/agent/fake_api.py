"""A Kubernetes API on 127.0.0.1 over real TLS that lists and watches, and fails when it is told to."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = dict[str, Any]
SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"


class FakeApi:
    """Objects with versions and history; `requests` are (path, query) as they came in.

    `refusals` are (status, Retry-After) that the next requests are answered with. `cut` ends every open watch.
    `forget` compacts the history, so that a watch from an older version is answered 410. `stop` makes the API
    disappear from its port, `start` brings it back there.
    """

    def __init__(self, ca: Path, certificate: Path, key: Path) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.load_verify_locations(ca)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.changed = threading.Condition()
        self.objects: dict[str, dict[str, JSON]] = {SERVICES: {}, SLICES: {}}
        self.history: list[tuple[int, str, JSON]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.refusals: list[tuple[int, str]] = []
        self.version, self.oldest, self.cuts, self.port, self.page = 100, 0, 0, 0, 500
        self.connections: set[socket.socket] = set()
        self.server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = _Server(("127.0.0.1", self.port), self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        server, self.server = self.server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        self.cut()
        for connection in [*self.connections]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def put(self, *items: JSON) -> None:
        """Create or replace objects, in one version each."""
        for item in items:
            self._change(item, "MODIFIED" if _name(item) in self.objects[_path(item)] else "ADDED")

    def delete(self, item: JSON) -> None:
        self._change(item, "DELETED")

    def bookmark(self) -> None:
        """Send every watch the newest version without any object."""
        with self.changed:
            self.version += 1
            for path in self.objects:
                self.history.append((self.version, "BOOKMARK", {"kind": path}))
            self.changed.notify_all()

    def cut(self) -> None:
        with self.changed:
            self.cuts += 1
            self.changed.notify_all()

    def forget(self) -> None:
        with self.changed:
            self.version += 1
            self.oldest = self.version

    def lists(self, path: str) -> int:
        return sum(1 for at, query in self.requests if at == path and "watch" not in query)

    def watches(self, path: str) -> list[str]:
        """The versions from which this collection was watched."""
        return [query["resourceVersion"] for at, query in self.requests if at == path and "watch" in query]

    def _change(self, item: JSON, kind: str) -> None:
        with self.changed:
            self.version += 1
            stored = {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.version)}}
            self.objects[_path(item)][_name(item)] = stored
            if kind == "DELETED":
                del self.objects[_path(item)][_name(item)]
            self.history.append((self.version, kind, stored))
            self.changed.notify_all()


def _name(item: JSON) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _path(item: JSON) -> str:
    return item["kind"] if item.get("kind") in (SERVICES, SLICES) else SLICES if "endpoints" in item else SERVICES


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], api: FakeApi) -> None:
        super().__init__(address, _Handler)
        self.api = api
        self.socket = api.context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.api.connections.add(self.connection)

    def finish(self) -> None:
        self.server.api.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        api, parts = self.server.api, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        api.requests.append((parts.path, query))
        if api.refusals:
            status, after = api.refusals.pop(0)
            self._answer(status, {"kind": "Status", "code": status}, {"Retry-After": after})
        elif "watch" not in query:
            self._list(api, parts.path, query)
        elif int(query["resourceVersion"]) < api.oldest:
            self._answer(410, {"kind": "Status", "code": 410, "reason": "Expired"})
        else:
            self._watch(api, parts.path, int(query["resourceVersion"]), float(query["timeoutSeconds"]))

    def _list(self, api: FakeApi, path: str, query: dict[str, str]) -> None:
        with api.changed:
            start = int(query.get("continue", "0"))
            items = [*api.objects[path].values()]
            more = str(start + api.page) if start + api.page < len(items) else ""
            metadata = {"resourceVersion": str(api.version), "continue": more}
            self._answer(200, {"metadata": metadata, "items": items[start : start + api.page]})

    def _answer(self, status: int, body: JSON, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _watch(self, api: FakeApi, path: str, version: int, seconds: float) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        end, cuts, over = time.monotonic() + seconds, api.cuts, False
        while not over:
            with api.changed:
                if not (news := self._news(path, version)) and api.cuts == cuts:
                    api.changed.wait(max(0.0, end - time.monotonic()))
                    news = self._news(path, version)
                over = api.cuts != cuts or time.monotonic() >= end
            for at, kind, item in news:
                self._event(kind, item if kind != "BOOKMARK" else {"metadata": {"resourceVersion": str(at)}})
                version = at
        self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _news(self, path: str, version: int) -> list[tuple[int, str, JSON]]:
        return [entry for entry in self.server.api.history if entry[0] > version and _path(entry[2]) == path]

    def _event(self, kind: str, item: JSON) -> None:
        line = json.dumps({"type": kind, "object": item}).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
