"""The API server: TLS, who asks, what they may, and which room answers."""

from __future__ import annotations

import logging
import ssl
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from core.simulator.kubernetes.access.rules import Attempt, Authorizer
from core.simulator.kubernetes.access.users import AUTHENTICATED, Tokens, User, from_certificate
from core.simulator.kubernetes.addresses import ServiceAddresses
from core.simulator.kubernetes.bootstrap import announce, bootstrap, withdraw
from core.simulator.kubernetes.errors import ApiError, bad_request, no_such_path, not_allowed, unauthorized
from core.simulator.kubernetes.hooks import Hooks
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.settings import ServerSettings
from core.simulator.kubernetes.web import (
    deleting,
    discovery,
    health,
    logs,
    metrics,
    openapi,
    pods,
    reading,
    reviews,
    scaling,
    streams,
    watching,
    writing,
)
from core.simulator.kubernetes.web.answers import answer, failure
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import LARGEST_BODY
from core.simulator.kubernetes.web.target import Target, target_of

_log = logging.getLogger(__name__)

Room = Callable[[Backend, web.Request, Kind, Target], Awaitable[web.StreamResponse]]

_VERBS: dict[str, Room] = {
    "get": reading.get,
    "list": reading.list_objects,
    "watch": watching.watch,
    "create": writing.create,
    "update": writing.replace,
    "patch": writing.patch,
    "delete": deleting.delete,
    "deletecollection": deleting.delete_all,
}
_PARTS: dict[tuple[str, str], Room] = {
    ("pods", "attach"): streams.attach,
    ("pods", "binding"): pods.bind,
    ("pods", "eviction"): pods.evict,
    ("pods", "exec"): streams.execute,
    ("pods", "log"): logs.log,
    ("pods", "portforward"): streams.forward_ports,
    ("serviceaccounts", "token"): reviews.request_token,
}
_STATUS_VERBS = ("get", "update", "patch")
_STOP_SECONDS = 0.2


class ApiServer:
    """Serves a cluster's objects over TLS from `start` to `stop`; several may serve the same objects.

    `port` is where it listens once started, also where the settings leave the choice to the system (0).

    Raises (`start`): OSError, the address is taken; ssl.SSLError, certificate, key or authority cannot be read.
    """

    def __init__(self, objects: Objects, settings: ServerSettings, hooks: Hooks) -> None:
        self._objects = objects
        self._settings = settings
        self._hooks = hooks
        self.port = settings.port
        self._runner: web.AppRunner | None = None
        self._backend: Backend | None = None

    async def start(self) -> None:
        """Listen; what every cluster has is there afterwards."""
        context = _tls(self._settings)
        addresses = ServiceAddresses(self._objects, self._settings.service_cidr)
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.address, self._settings.port, ssl_context=context).start()
        except BaseException:
            await runner.cleanup()
            raise
        self.port = int(runner.addresses[0][1])
        bootstrap(self._objects, addresses.first)
        self._backend = self._make_backend(addresses)
        self._runner = runner
        announce(self._objects, self._advertised, self.port)

    async def stop(self) -> None:
        """Listen no longer; all watches and streams end."""
        runner, self._runner = self._runner, None
        if runner is None or self._backend is None:
            return
        self._backend.close()
        await runner.cleanup()
        if self._settings.obstacle() is None:
            withdraw(self._objects, self._advertised, self.port)

    @property
    def _advertised(self) -> str:
        return self._settings.advertised or self._settings.address

    def _make_backend(self, addresses: ServiceAddresses) -> Backend:
        tokens = Tokens(self._objects, self._settings.signing_key, self._settings.issuer)
        return Backend(self._objects, self._settings, self._hooks, Authorizer(self._objects), tokens, addresses)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        backend = self._backend
        if backend is None:
            return failure(ApiError(503, "ServiceUnavailable", "the server is starting"))
        try:
            with self._settings.using(request.remote or ""):
                return await self._answer(backend, request)
        except ApiError as error:
            return failure(error)
        except (RecursionError, OverflowError) as error:
            return failure(bad_request(f"the request is too deep, or has a number that is too large: {error}"))
        except ConnectionError:
            # The client went while it was being answered.
            raise
        except Exception as error:
            _log.exception("%s %s", request.method, request.path)
            return failure(ApiError(500, "InternalError", f"Internal error occurred: {type(error).__name__}: {error}"))

    async def _answer(self, backend: Backend, request: web.Request) -> web.StreamResponse:
        user = _user(backend, request)
        target = target_of(request.method, request.path, request.query)
        if target is None:
            backend.authorizer.demand(user, Attempt(request.method.lower(), path=request.path))
            return _plain_path(backend, request)
        backend.authorizer.demand(user, target.attempt)
        if (error := backend.settings.obstacle()) is not None:
            raise error
        if (target.group, target.plural) in reviews.REVIEWS:
            return await reviews.review(backend, request, user, target)
        return await _room(backend, target)(backend, request, _kind(backend, target), target)


def _kind(backend: Backend, target: Target) -> Kind:
    kind = backend.objects.kinds.serving(target.group, target.version, target.plural)
    if kind is None or (not kind.namespaced and target.namespace):
        raise no_such_path()
    if kind.namespaced and not target.namespace and target.name:
        raise no_such_path()
    return kind


def _room(backend: Backend, target: Target) -> Room:
    kind = _kind(backend, target)
    if target.group == metrics.GROUP:
        return metrics.usage
    if not target.part:
        return _VERBS[target.verb]
    if target.part == writing.STATUS and kind.status:
        if target.verb not in _STATUS_VERBS:
            raise not_allowed()
        return _VERBS[target.verb]
    if target.part == "scale":
        return scaling.scale
    room = _PARTS.get((target.resource, target.part))
    if room is None:
        raise no_such_path()
    return room


def _plain_path(backend: Backend, request: web.Request) -> web.StreamResponse:
    """Answer for a path that is no resource's."""
    if request.method not in ("GET", "HEAD"):
        raise not_allowed()
    match [part for part in request.path.split("/") if part]:
        case [("healthz" | "livez" | "readyz"), *_] as path:
            return health.health(backend, request, "/".join(path))
        case ["version"]:
            return answer(health.version(backend))
        case ["api"]:
            return answer(discovery.core_versions(backend))
        case ["apis"]:
            return answer(discovery.groups(backend))
        case ["apis", group]:
            return answer(discovery.group(backend, group))
        case ["api", version]:
            return answer(discovery.resources(backend, "", version))
        case ["apis", group, version]:
            return answer(discovery.resources(backend, group, version))
        case ["openapi", "v2"]:
            return openapi.document(backend, request)
        case ["openapi", "v3", *rest]:
            return openapi.third(backend, "/".join(rest))
    raise no_such_path()


def _user(backend: Backend, request: web.Request) -> User:
    """Who asks, or whom they ask to be taken for. ApiError 401 for nobody that is known, 403 for posing as another."""
    transport = request.transport
    user = from_certificate(transport.get_extra_info("peercert") if transport is not None else None)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if token and kind.lower() == "bearer":
        user = backend.tokens.user(token.strip())
    if user is None:
        raise unauthorized()
    posed = request.headers.get("Impersonate-User", "")
    if not posed:
        return user
    backend.authorizer.demand(user, Attempt("impersonate", resource="users", name=posed))
    groups = request.headers.getall("Impersonate-Group", [])
    for group in groups:
        backend.authorizer.demand(user, Attempt("impersonate", resource="groups", name=group))
    return User(posed, (*groups, AUTHENTICATED))


def _tls(settings: ServerSettings) -> ssl.SSLContext:
    """TLS as the real server has it: whoever has a certificate of the authority shows it, others come as nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(cadata=settings.client_ca.decode())
    context.verify_mode = ssl.CERT_OPTIONAL
    # Python reads certificates from files only; mkstemp makes them readable for nobody else.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        Path(file.name).write_bytes(settings.certificate.rstrip() + b"\n" + settings.key)
        context.load_cert_chain(file.name)
    return context
