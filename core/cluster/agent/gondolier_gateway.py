#!/usr/bin/python3
"""Publish the Services of a Kubernetes cluster on this machine: TCP ports by HAProxy, UDP ports by nftables.

Runs as root under systemd on a gateway, with Python's standard library only: `gateway.py CONFIG.json` (see
`Settings`). Services and EndpointSlices are watched; every change gives one rendering of everything. What HAProxy or
nftables refuses is left out and flagged, and while the API is away the last good configuration stays. What is served,
and why something is not, is in `status.json` in the state directory.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import json
import os
import queue
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

JSON = dict[str, Any]
STOP = "\0stop"
MARK = "0x676f6e64"  # the connections that we translated: only they are masqueraded


@dataclass(frozen=True)
class Settings:
    """The configuration file. Times are seconds; a reserved port is "22" (both protocols) or "8472/UDP"."""

    server: str
    ca: str
    cert: str
    key: str
    node: str
    state_dir: str = "/var/lib/gondolier-gateway"
    haproxy_config: str = "/etc/haproxy/haproxy.cfg"
    haproxy_global: tuple[str, ...] = (
        "log /dev/log local0 notice",
        "chroot /var/lib/haproxy",
        "user haproxy",
        "group haproxy",
        "stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners",
    )
    haproxy_check: tuple[str, ...] = ("haproxy", "-c", "-q", "-f")
    haproxy_reload: tuple[str, ...] = ("systemctl", "reload-or-restart", "haproxy.service")
    nft: tuple[str, ...] = ("nft",)
    conntrack: tuple[str, ...] = ("conntrack",)
    sockets: tuple[str, ...] = ("/proc/net/tcp", "/proc/net/tcp6")
    bind: str = "0.0.0.0"
    reserved_ports: tuple[str, ...] = ("22",)
    quiet: float = 0.3
    tick: float = 10
    resync: float = 300
    pause: float = 0.5
    longest_pause: float = 10


def read_settings(path: str) -> Settings:
    """Read the configuration; keys that are not ours are left for others."""
    found: JSON = json.loads(Path(path).read_text())
    known = {name: value for name, value in found.items() if name in Settings.__dataclass_fields__}
    values: JSON = {name: tuple(map(str, value)) if isinstance(value, list) else value for name, value in known.items()}
    return Settings(**values)


# ── The model: what the API has, as far as it matters here ────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Service:
    """A Service: `ports` are (name, number, protocol), `publish` our annotation, None where there is none."""

    namespace: str
    name: str
    created: str
    balanced: bool
    publish: str | None
    ports: tuple[tuple[str, int, str], ...]

    def __str__(self) -> str:
        return f"service {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Slice:
    """An EndpointSlice's ready addresses; `ports` are (name, number, protocol)."""

    namespace: str
    service: str
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int, str], ...]

    def __str__(self) -> str:
        return f"endpoints of {self.namespace}/{self.service}"


@dataclass(frozen=True)
class Publication:
    """One port of one Service on this gateway: `state` is "served", "clash", "invalid", "reserved", "no endpoints"."""

    namespace: str
    name: str
    port: int
    protocol: str
    targets: tuple[tuple[str, int], ...] = ()
    state: str = "served"
    message: str = ""

    @property
    def label(self) -> str:
        return f"{self.namespace}_{self.name}_{self.port}"


def service_of(item: JSON) -> Service:
    """Keep what we need of a Service as the API sends it."""
    meta, spec = item["metadata"], item.get("spec", {})
    ports = ((p.get("name") or "", int(p["port"]), p.get("protocol", "TCP")) for p in spec.get("ports") or ())
    balanced = spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    publish = (meta.get("annotations") or {}).get("gondolier.io/publish")
    created = meta.get("creationTimestamp") or ""
    return Service(meta["namespace"], meta["name"], created, balanced, publish, tuple(ports))


def slice_of(item: JSON) -> Slice:
    """Keep what we need of an EndpointSlice; an unknown readiness counts as ready, as the API defines it."""
    meta = item["metadata"]
    ready = {address for end in item.get("endpoints") or () if _is_ready(end) for address in end["addresses"][:1]}
    addresses = sorted(ready) if item.get("addressType") == "IPv4" else ()
    ports = (
        (p.get("name") or "", int(p["port"]), p.get("protocol", "TCP"))
        for p in item.get("ports") or ()
        if p.get("port")
    )
    service = (meta.get("labels") or {}).get("kubernetes.io/service-name", "")
    return Slice(meta["namespace"], service, tuple(addresses), tuple(sorted(ports)))


def _is_ready(endpoint: JSON) -> bool:
    return (endpoint.get("conditions") or {}).get("ready") is not False


def wishes(service: Service) -> list[tuple[int, str]]:
    """Which (port, protocol) the Service wants published.

    A Service without our annotation is published when it is a balanced one in the namespace `default`.
    Raises ValueError where the annotation cannot be read.
    """
    if service.publish is not None:
        return parse_publish(service.publish)
    plain = service.namespace == "default" and service.name != "kubernetes" and service.balanced
    return [(number, protocol) for _, number, protocol in service.ports] if plain else []


def parse_publish(text: str) -> list[tuple[int, str]]:
    """Read `80/TCP,53/UDP`, the same as a JSON list of strings, or `none`."""
    listed = json.loads(text) if text.lstrip().startswith("[") else text.split(",")
    words = [str(word).strip() for word in listed]
    return [_parse_port(word) for word in words if word not in ("", "none")]


def _parse_port(word: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d{1,5})(?:/(TCP|UDP))?", word.upper())
    if not found or not 0 < int(found[1]) < 65536:
        raise ValueError(f"{word!r} is no port like 80/TCP or 53/UDP")
    return int(found[1]), found[2] or "TCP"


def targets(service: Service, port: int, protocol: str, slices: Iterable[Slice]) -> tuple[tuple[str, int], ...]:
    """Ready endpoints behind a Service's port, sorted by address; ports are matched by name, as EndpointSlices do."""
    names = {name for name, number, kind in service.ports if (number, kind) == (port, protocol)}
    found = {
        (ipaddress.IPv4Address(address), number)
        for piece in slices
        for name, number, kind in piece.ports
        if name in names and kind == protocol
        for address in piece.addresses
    }
    return tuple((str(address), number) for address, number in sorted(found))


class Ports:
    """The ports of this machine: those it needs itself, and who has which of the others."""

    def __init__(self, reserved: Collection[str], taken: Collection[int]) -> None:
        self.reserved, self.taken = reserved, taken
        self.owners: dict[tuple[int, str], str] = {}

    def refusal(self, port: int, protocol: str, owner: str) -> tuple[str, str]:
        """Give the port to `owner`, or tell (state, message) why not; the first who asks has it from then on."""
        text = f"{port}/{protocol}"
        if str(port) in self.reserved or text in self.reserved:
            return "reserved", f"{text} is used by the gateway itself"
        if protocol == "TCP" and port in self.taken:
            return "reserved", f"another program on this machine listens on {text}"
        first = self.owners.setdefault((port, protocol), owner)
        return ("", "") if first == owner else ("clash", f"{text} is already published for {first}")


def publications(
    services: Iterable[Service], slices: Iterable[Slice], reserved: Collection[str], taken: Collection[int]
) -> list[Publication]:
    """Decide what this gateway serves; of Services that want the same port the oldest has it.

    `taken` are TCP ports on which another program of this machine listens.
    """
    pieces: dict[tuple[str, str], list[Slice]] = {}
    for piece in slices:
        pieces.setdefault((piece.namespace, piece.service), []).append(piece)
    ports = Ports(reserved, taken)
    found: list[Publication] = []
    for service in sorted(services, key=lambda s: (s.created, s.namespace, s.name)):
        mine = pieces.get((service.namespace, service.name), [])
        found += (_decide(wish, service, mine, ports) for wish in _wishes_of(service))
    return sorted(found, key=lambda p: (p.port, p.protocol, p.namespace, p.name))


def _wishes_of(service: Service) -> Iterator[Publication]:
    try:
        wanted = sorted(set(wishes(service)))
    except ValueError as error:
        message = f"annotation gondolier.io/publish: {error}"
        yield Publication(service.namespace, service.name, 0, "", state="invalid", message=message)
        return
    for port, protocol in wanted:
        yield Publication(service.namespace, service.name, port, protocol)


def _decide(wish: Publication, service: Service, slices: list[Slice], ports: Ports) -> Publication:
    port, protocol = wish.port, wish.protocol
    if wish.state == "invalid":
        return wish
    if not any((number, kind) == (port, protocol) for _, number, kind in service.ports):
        return replace(wish, state="invalid", message=f"the Service has no port {port}/{protocol}")
    if protocol not in ("TCP", "UDP"):
        return replace(wish, state="invalid", message=f"gateways cannot publish {protocol}")
    state, message = ports.refusal(port, protocol, f"{wish.namespace}/{wish.name}")
    if state:
        return replace(wish, state=state, message=message)
    found = targets(service, port, protocol, slices)
    if not found:
        return replace(wish, state="no endpoints", message="no pod behind the Service is ready")
    return replace(wish, targets=found)


# ── Rendering: equal publications give equal text ─────────────────────────────────────────────────────────────────

DEFAULTS = """\
    hard-stop-after 30m
    mworker-max-reloads 20
    fd-hard-limit 40000
    spread-checks 5

defaults
    mode tcp
    log global
    option dontlognull
    option redispatch
    option tcpka
    retries 3
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    default-server check inter 2s fastinter 500ms fall 2 rise 1
"""


def render_haproxy(found: Iterable[Publication], settings: Settings) -> str:
    """The whole HAProxy configuration: a frontend and a backend for every served TCP port."""
    lines = ["# Written by gondolier's gateway agent: changes made here are overwritten.", "global"]
    lines += [f"    {line}" for line in settings.haproxy_global]
    lines += DEFAULTS.splitlines()
    for one in found:
        lines += ["", f"frontend {one.label}", f"    bind {settings.bind}:{one.port}"]
        lines += [f"    default_backend {one.label}", "", f"backend {one.label}", "    balance leastconn"]
        lines += [f"    server {address}_{port} {address}:{port}" for address, port in one.targets]
    return "\n".join(lines) + "\n"


def render_nftables(found: Iterable[Publication]) -> str:
    """Rules that replace our table as a whole: a client's flow to a UDP port of this machine goes to one endpoint."""
    rules = "".join(f"        {_translation(one)}\n" for one in found)
    return (
        "table inet gondolier_gateway\ndelete table inet gondolier_gateway\ntable inet gondolier_gateway {\n"
        "    chain prerouting {\n        type nat hook prerouting priority dstnat - 10; policy accept;\n"
        f"{rules}    }}\n"
        "    chain postrouting {\n        type nat hook postrouting priority srcnat - 10; policy accept;\n"
        f"        meta l4proto udp ct mark {MARK} masquerade\n    }}\n}}\n"
    )


def _translation(one: Publication) -> str:
    """Only packets for this machine's own addresses: a pod's packets to a cluster IP are kube-proxy's."""
    places = ", ".join(f"{index} : {address} . {port}" for index, (address, port) in enumerate(one.targets))
    choice = f"jhash ip saddr . udp sport mod {len(one.targets)} map {{ {places} }}"
    return f"meta nfproto ipv4 fib daddr type local udp dport {one.port} ct mark set {MARK} dnat ip to {choice}"


def stale_flows(before: Iterable[Publication], after: Iterable[Publication]) -> list[list[str]]:
    """What `conntrack -D` must forget, for known flows are not translated again.

    All flows of a port that is newly served, and those to an endpoint that is gone.
    """
    old, new = ({one.port: {address for address, _ in one.targets} for one in side} for side in (before, after))
    fresh = [["-p", "udp", "--orig-port-dst", str(port)] for port in sorted(new.keys() - old.keys())]
    gone = [(port, address) for port in sorted(old) for address in sorted(old[port] - new.get(port, set()))]
    return fresh + [["-p", "udp", "--orig-port-dst", str(port), "--reply-src", address] for port, address in gone]


def listening(text: str) -> set[int]:
    """TCP ports in state LISTEN in a text of /proc/net/tcp."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if len(row) > 3 and row[3] == "0A"}


def own_ports(config: str) -> set[int]:
    """Ports that an HAProxy configuration of ours binds."""
    return {int(port) for port in re.findall(r"^    bind \S+:(\d+)$", config, re.MULTILINE)}


# ── Watching ──────────────────────────────────────────────────────────────────────────────────────────────────────

T = TypeVar("T", bound="Service | Slice")


class ApiError(Exception):
    """The API answered, but not with what we asked for; a `routine` one is part of its life, if it comes alone."""

    def __init__(self, what: str, retry_after: float = 0, *, routine: bool = False) -> None:
        super().__init__(what)
        self.retry_after, self.routine = retry_after, routine


class Watch(threading.Thread, Generic[T]):
    """Keeps `objects` equal to one collection of the API, for ever, and tells `changes` what changed."""

    def __init__(
        self, settings: Settings, path: str, project: Callable[[JSON], T], changes: queue.SimpleQueue[str]
    ) -> None:
        super().__init__(name=path, daemon=True)
        self.settings, self.path, self.project, self.changes = settings, path, project, changes
        self.objects: dict[tuple[str, str], T] = {}
        self.synced = False
        self.connected = False
        self.error = "not connected yet"
        self._version = ""
        self._relist_at = 0.0
        self._failures = 0

    def run(self) -> None:
        while True:
            wait = 0.0
            try:
                self._follow()
            except Exception as error:  # whatever the other side sent: said in the status, tried again
                wait = self._lost(error)
            time.sleep(wait)

    def snapshot(self) -> list[T]:
        return list(self.objects.values())

    def _lost(self, error: Exception) -> float:
        """Note the failure; the answer is how long to wait, grown with every failure in a row and jittered."""
        self._failures += 1
        if self._failures > 1 or not (isinstance(error, ApiError) and error.routine):
            self.connected, self.error = False, str(error) or type(error).__name__
            self.changes.put("")
        asked = error.retry_after if isinstance(error, ApiError) else 0
        grown: float = min(self.settings.longest_pause, self.settings.pause * 2 ** min(self._failures - 1, 10))
        return max(asked, grown * random.uniform(0.5, 1))

    def _follow(self) -> None:
        """List where that is due, then watch until the server ends it; the connection reads the certificate anew."""
        with contextlib.closing(self._connect()) as connection:
            if not self._version or time.monotonic() >= self._relist_at:
                self._list(connection)
            self._watch(connection)

    def _connect(self) -> http.client.HTTPSConnection:
        place, settings = urlsplit(self.settings.server), self.settings
        context = ssl.create_default_context(cafile=settings.ca)
        context.load_cert_chain(settings.cert, settings.key)
        connection = http.client.HTTPSConnection(place.hostname or "", place.port or 443, timeout=15, context=context)
        connection.connect()
        # A control plane that vanished without a word must be noticed long before the watch's own end.
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3)):
            connection.sock.setsockopt(socket.IPPROTO_TCP, option, value)
        return connection

    def _get(self, connection: http.client.HTTPSConnection, **query: str) -> http.client.HTTPResponse:
        connection.request("GET", f"{self.path}?{urlencode(query)}", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            # An API that is only busy goes on from the same version; with any other answer ours is not worth keeping.
            self._version = self._version if answer.status in (429, 503) else ""
            retry = answer.headers.get("Retry-After", "")
            detail = answer.read(300).decode(errors="replace")
            what = f"{self.path}: {answer.status} {answer.reason}: {detail}"
            raise ApiError(what, float(retry) if retry.isdigit() else 0, routine=answer.status == 410)
        return answer

    def _list(self, connection: http.client.HTTPSConnection) -> None:
        found: dict[tuple[str, str], T] = {}
        query = {"limit": "500"}
        while True:
            page: JSON = json.loads(self._get(connection, **query).read())
            found.update((_key(item), self.project(item)) for item in page.get("items") or ())
            if not page["metadata"].get("continue"):
                break
            query["continue"] = page["metadata"]["continue"]
        self._version = page["metadata"]["resourceVersion"]
        self._relist_at = time.monotonic() + self.settings.resync
        before, self.objects, self.synced = self.objects, found, True
        reasons = {_reason(before.get(key), found.get(key)) for key in before.keys() | found.keys()}
        for reason in sorted(reasons - {""}) or [""]:
            self.changes.put(reason)

    def _watch(self, connection: http.client.HTTPSConnection) -> None:
        seconds = max(1, round(self._relist_at - time.monotonic()))
        answer = self._get(
            connection,
            watch="1",
            allowWatchBookmarks="true",
            resourceVersion=self._version,
            timeoutSeconds=str(seconds),
        )
        end = time.monotonic() + seconds - 1
        if connection.sock:
            connection.sock.settimeout(seconds + 15)
        self.connected, self.error = True, ""
        self.changes.put("")
        for line in iter(answer.readline, b""):
            self._take(json.loads(line))
            self._failures = 0
        if time.monotonic() < end:
            raise ApiError(f"{self.path}: the server ended the watch early", routine=True)

    def _take(self, event: JSON) -> None:
        kind, item = event["type"], event["object"]
        if kind == "ERROR":
            self._version = ""
            what = f"{self.path}: {item.get('code')} {item.get('message', '')}"
            raise ApiError(what, routine=item.get("code") == 410)
        self._version = item["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        key = _key(item)
        before, after = self.objects.get(key), None if kind == "DELETED" else self.project(item)
        others = {name: value for name, value in self.objects.items() if name != key}
        self.objects = others if after is None else {**others, key: after}
        if reason := _reason(before, after):
            self.changes.put(reason)


def _key(item: JSON) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def _reason(before: Service | Slice | None, after: Service | Slice | None) -> str:
    """What happened to an object in words; nothing where it stayed the same to us."""
    if before == after:
        return ""
    verb = "added" if before is None else "removed" if after is None else "changed"
    return f"{after or before} {verb}"


# ── Serving ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Failure(Exception):
    """Something on this machine did not work: a sentence for the status."""


def complaint_of(command: Iterable[str], text: str = "") -> str:
    """Run a command; the answer is empty where it succeeded, else the line in which it says why not."""
    try:
        done = subprocess.run([*command], input=text, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout or f"status {done.returncode}").strip().splitlines()
    return next((line for line in lines if "ALERT" in line or "Error" in line), lines[0])[:300]


def write_file(path: Path, text: str) -> None:
    """Replace a file: after a crash it is the old one or the new one, whole."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_file(path: str | Path) -> str:
    """A file's text, empty where there is none."""
    return Path(path).read_text() if Path(path).exists() else ""


def sift(
    good: list[Publication], rest: list[Publication], complaint: Callable[[list[Publication]], str]
) -> tuple[list[Publication], list[Publication]]:
    """Split `rest` into what is accepted together with `good` and what is not, by halving."""
    message = complaint(good + rest)
    if not message:
        return good + rest, []
    if len(rest) < 2:
        return good, [replace(one, state="invalid", message=message) for one in rest]
    middle = len(rest) // 2
    good, bad = sift(good, rest[:middle], complaint)
    good, worse = sift(good, rest[middle:], complaint)
    return good, bad + worse


class Server:
    """What serves one protocol; the answer for a list that was judged before is remembered."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._judged: tuple[list[Publication], tuple[list[Publication], list[Publication]]] | None = None

    def render(self, found: list[Publication]) -> str:
        raise NotImplementedError

    def complaint(self, text: str) -> str:
        raise NotImplementedError

    def judge(self, wanted: list[Publication]) -> tuple[list[Publication], list[Publication]]:
        """Split into what can be served and what is refused.

        Raises Failure where even a configuration without any Service is refused.
        """
        if self._judged is None or self._judged[0] != wanted:
            verdict = sift([], wanted, lambda some: self.complaint(self.render(some)))
            if not verdict[0] and (message := self.complaint(self.render([]))):
                raise Failure(f"even a configuration without Services is refused: {message}")
            self._judged = wanted, verdict
        return self._judged[1]


class Haproxy(Server):
    """HAProxy with its one configuration file; `applied` is the digest of the text that it last took over."""

    def __init__(self, settings: Settings, applied: str) -> None:
        super().__init__(settings)
        self.path = Path(settings.haproxy_config)
        self.applied = applied

    def prepare(self) -> None:
        """Leave a configuration of ours, so that HAProxy can start before the API was heard; the last one is kept."""
        empty = self.render([])
        if not read_file(self.path).startswith(empty.partition("\n")[0]):
            write_file(self.path, empty)

    def render(self, found: list[Publication]) -> str:
        return render_haproxy(found, self.settings)

    def complaint(self, text: str) -> str:
        candidate = self.path.with_name(f".{self.path.name}.candidate")
        candidate.write_text(text)
        message = complaint_of((*self.settings.haproxy_check, str(candidate)))
        candidate.unlink()
        return message

    def serves(self, one: Publication) -> bool:
        return one.port in self.listening()

    def listening(self) -> set[int]:
        return set().union(*(listening(read_file(path)) for path in self.settings.sockets))

    def taken(self) -> set[int]:
        return self.listening() - own_ports(read_file(self.path))

    def install(self, found: list[Publication]) -> bool:
        """Bring HAProxy to serve these; true where that took a reload. Raises Failure."""
        text = self.render(found)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if read_file(self.path) != text:
            self.applied = ""
            write_file(self.path, text)
        if self.applied == digest and not self._silent(found):
            return False
        if message := complaint_of(self.settings.haproxy_reload):
            raise Failure(f"HAProxy was not reloaded: {message} (see journalctl -u haproxy)")
        self._see_it_listen(found)
        self.applied = digest
        return True

    def _silent(self, found: list[Publication]) -> list[int]:
        """Ports that should be served and on which nobody listens."""
        return sorted({one.port for one in found} - self.listening()) if self.settings.sockets else []

    def _see_it_listen(self, found: list[Publication]) -> None:
        end = time.monotonic() + 5
        while silent := self._silent(found):
            if time.monotonic() > end:
                raise Failure(f"HAProxy was reloaded but does not listen on {', '.join(map(str, silent))}")
            time.sleep(0.05)


class Nftables(Server):
    """Our nftables table; `applied` is what was last put in it by this process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.applied: list[Publication] | None = None

    def serves(self, one: Publication) -> bool:
        return one in (self.applied or [])

    def render(self, found: list[Publication]) -> str:
        return render_nftables(found)

    def complaint(self, text: str) -> str:
        return complaint_of((*self.settings.nft, "-c", "-f", "-"), text)

    def install(self, found: list[Publication]) -> bool:
        """Replace the table where it must change; true where it was. Raises Failure."""
        if self.applied == found:
            return False
        if message := complaint_of((*self.settings.nft, "-f", "-"), self.render(found)):
            raise Failure(f"nftables took no rules: {message}")
        for flows in stale_flows(self.applied or [], found):
            # Its answer is of no use: "none found" is a failure to it.
            complaint_of((*self.settings.conntrack, "-D", *flows))
        self.applied = found
        return True


# ── The agent ─────────────────────────────────────────────────────────────────────────────────────────────────────


def now() -> str:
    """The time as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def collect(changes: queue.SimpleQueue[str], settings: Settings) -> list[str] | None:
    """Wait for changes until they pause (at most ten such pauses); empty after a tick without any, None to stop."""
    found: list[str] = []
    end, wait = time.monotonic() + 10 * settings.quiet, settings.tick
    with contextlib.suppress(queue.Empty):
        while time.monotonic() < end or not found:
            found.append(changes.get(timeout=wait))
            wait = settings.quiet
            if found[-1] == STOP:
                return None
    return found


def summary(reasons: Iterable[str]) -> str:
    """Reasons for a reload in one line."""
    told = sorted(set(reasons) - {""}) or ["what is in force was not what it should be"]
    return "; ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


class Gateway:
    """Turns what the watches hold into what this machine serves, and says so in the status file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.changes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.services = Watch(settings, "/api/v1/services", service_of, self.changes)
        self.slices = Watch(settings, "/apis/discovery.k8s.io/v1/endpointslices", slice_of, self.changes)
        self.path = Path(settings.state_dir) / "status.json"
        self.status: JSON = self._last_status()
        self.haproxy = Haproxy(settings, self.status["applied"])
        self.nftables = Nftables(settings)
        self._rules_due = 0.0

    def run(self) -> None:
        """Work until STOP comes."""
        self.haproxy.prepare()
        self.services.start()
        self.slices.start()
        notify("READY=1")
        while (reasons := collect(self.changes, self.settings)) is not None:
            if self.services.synced and self.slices.synced:
                self.serve(summary(reasons))
            self.write_status()

    def serve(self, reason: str) -> None:
        """One pass: decide, judge, put in force."""
        settings, self.status["errors"] = self.settings, []
        found = publications(
            self.services.snapshot(), self.slices.snapshot(), settings.reserved_ports, self.haproxy.taken()
        )
        if time.monotonic() >= self._rules_due:
            # Whatever else on the machine flushes rules takes ours along.
            self.nftables.applied, self._rules_due = None, time.monotonic() + settings.resync
        shown = [one for one in found if one.state != "served"]
        shown += self._put_in_force(self.nftables, [p for p in found if p.state == "served" and p.protocol == "UDP"])
        tcp = [p for p in found if p.state == "served" and p.protocol == "TCP"]
        shown += self._put_in_force(self.haproxy, tcp, reason)
        self.status["services"] = [_row(one) for one in sorted(shown, key=lambda p: (p.namespace, p.name, p.port))]

    def _put_in_force(
        self, server: Haproxy | Nftables, wanted: list[Publication], reason: str = ""
    ) -> list[Publication]:
        try:
            good, bad = server.judge(wanted)
            if server.install(good) and reason:
                self._note_reload(reason)
            return good + bad
        except (Failure, OSError) as error:
            print(f"error: {error}", flush=True)
            self.status["errors"].append(str(error))
            return [one if server.serves(one) else replace(one, state="invalid", message=str(error)) for one in wanted]

    def _note_reload(self, reason: str) -> None:
        print(f"reload: {reason}", flush=True)
        self.status["reloads"] += 1
        self.status["last_reload"] = {"at": now(), "reason": reason}

    def write_status(self) -> None:
        """Say what is; `since` is when the API was last lost or found."""
        api = self.status["api"]
        connected = self.services.connected and self.slices.connected
        if connected != api["connected"] or not api["since"]:
            api.update(connected=connected, since=now())
            print(
                "the API is connected" if connected else "the API is away: the last good configuration stays",
                flush=True,
            )
        api["error"] = self.services.error or self.slices.error
        self.status.update(updated=now(), node=self.settings.node, applied=self.haproxy.applied)
        write_file(self.path, json.dumps(self.status, indent=1) + "\n")

    def _last_status(self) -> JSON:
        """What the process before us knew: it still holds until the API has been heard."""
        fresh: JSON = {"services": [], "reloads": 0, "last_reload": None, "applied": "", "errors": []}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(ValueError):
            known: JSON = json.loads(read_file(self.path))
            fresh.update({name: known[name] for name in fresh if name in known})
        return {**fresh, "api": {"connected": False, "since": "", "error": ""}}


def _row(one: Publication) -> JSON:
    row = asdict(one)
    row["endpoints"] = len(row.pop("targets"))
    return row


def notify(text: str) -> None:
    """Tell systemd, where it started us; once, for HAProxy's check would speak up there too."""
    if place := os.environ.pop("NOTIFY_SOCKET", ""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(text.encode(), "\0" + place[1:] if place.startswith("@") else place)


def main() -> int:
    """Run until SIGTERM; what is served then stays served."""
    gateway = Gateway(read_settings(sys.argv[1]))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gateway.changes.put(STOP))
    gateway.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
