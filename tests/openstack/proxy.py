"""A proxy before the services, for what they cannot be brought to answer: bursts of 429 and 503, lost replies."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.openstack.testbed.place import ADDRESS, PORTS

_SERVICES = {"identity": "keystone", "compute": "nova-api", "network": "neutron"}
"""The first part of a path, and whose it is; images are asked for directly."""

_VERSIONS = {"compute": "/v2.1", "network": "/v2.0"}

_SKIPPED = {"transfer-encoding", "connection", "content-length", "host", "server", "date"}

Way = Literal["refuse", "lose-request", "lose-reply"]


@dataclass
class Trick:
    """Something that the proxy does, so many times, to requests that match `METHOD /service/path`."""

    pattern: str
    way: Way = "refuse"
    status: int = 503
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)


class Proxy(ThreadingHTTPServer):
    """Forwards requests, plays its tricks, and remembers what was asked; `latency` is seconds before each answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((ADDRESS, 0), _Handler)
        self.tricks: list[Trick] = []
        self.asked: list[str] = []
        self.latency = 0.0
        self._lock = threading.Lock()

    def trick(self, line: str) -> Trick | None:
        """The trick that is played on this request, used up once more."""
        with self._lock:
            self.asked.append(line)
            for trick in self.tricks:
                if trick.times > 0 and re.search(trick.pattern, line):
                    trick.times -= 1
                    return trick
        return None

    def clouds(self, original: Path, target: Path) -> None:
        """Write a clouds.yaml whose cloud `testbed` goes through the proxy."""
        document: dict[str, Any] = yaml.safe_load(original.read_text())
        here = f"http://{ADDRESS}:{self.server_address[1]}"
        cloud = document["clouds"]["testbed"]
        cloud["auth"]["auth_url"] = f"{here}/identity/v3"
        for service, version in _VERSIONS.items():
            cloud[f"{service}_endpoint_override"] = f"{here}/{service}{version}"
        target.write_text(yaml.safe_dump(document))


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, format: str, *args: object) -> None:
        """The tests look at `asked`."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.server.latency)
        trick = self.server.trick(f"{self.command} {self.path.partition('?')[0]}")
        if trick is not None and trick.way == "refuse":
            said = {"Content-Type": "application/json"} | trick.headers
            self._answer(trick.status, said, b'{"error": {"message": "too busy just now"}}')
        elif trick is not None and trick.way == "lose-request":
            self.connection.close()
        else:
            status, headers, content = self._forward(body)
            if trick is None:
                self._answer(status, headers, content)
            else:
                self.connection.close()

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        service, _, path = self.path.lstrip("/").partition("/")
        link = http.client.HTTPConnection(ADDRESS, PORTS[_SERVICES[service]], timeout=120)
        try:
            headers = {key: value for key, value in self.headers.items() if key.lower() not in _SKIPPED}
            link.request(self.command, f"/{path}", body, headers)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            link.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for key, value in headers.items():
            if key.lower() not in _SKIPPED:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve


@contextlib.contextmanager
def proxying() -> Iterator[Proxy]:
    """A proxy that serves until the block ends."""
    proxy = Proxy()
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
