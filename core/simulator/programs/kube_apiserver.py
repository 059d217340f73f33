"""kube-apiserver: serves the Kubernetes objects that its etcd keeps, with the certificates found on its machine."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator
from typing import Any

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.keys import Range
from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.hooks import Hooks, LogOptions, Streams
from core.simulator.kubernetes.server import ApiServer
from core.simulator.kubernetes.settings import ServerSettings
from core.simulator.machine.ports import Reader, Writer
from core.simulator.network.store import Access, Store, StoreErrors
from core.simulator.programs.base import Context, ProgramFailed, program

Object = dict[str, Any]

_PATIENCE = 4.0
_LOOK_AGAIN = 0.1
"""Seconds that a start waits for etcd, and after which it, and a fault that may be over, are looked at again."""

_FILES = (
    "client-ca-file",
    "tls-cert-file",
    "tls-private-key-file",
    "etcd-cafile",
    "etcd-certfile",
    "etcd-keyfile",
    "encryption-provider-config",
    "kubelet-client-certificate",
    "kubelet-client-key",
    "requestheader-client-ca-file",
    "service-account-key-file",
    "service-account-signing-key-file",
)
"""Options that name files without which it does not start."""

_KEYS = Range("/registry/health")
_VERSION = re.compile(rb"kube-apiserver (\d+\.\d+\.\d+) ")
_CHUNK = 64 * 1024


def kubelets_key(ensemble: Ensemble) -> str:
    """Under which key of a world's `shared` the `Hooks` of a cluster's kubelets are."""
    return f"kubelets:{ensemble.id:x}"


@program("kube-apiserver")
class KubeApiServer:
    """Ready when etcd has a quorum and takes its certificate; answers with errors for as long as it has none."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._server: ApiServer | None = None
        self._settings: ServerSettings | None = None
        self._ensemble: Ensemble | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._open = False

    async def start(self) -> None:
        """Wait for etcd and listen."""
        context = self._context
        context.needed(*(path for name in _FILES if (path := context.option(name))))
        self._settings = self._read_settings()
        self._ensemble = await self._reached()
        self._server = ApiServer(self._ensemble.objects, self._settings, _Kubelets(context, self._ensemble))
        if not self._away():
            await self._listen()
        self._keeper = context.machine.spawn(self._keep(), "kube-apiserver")
        context.machine.ports.listen(self._settings.port, self._relay)
        context.log(f"Serving securely on [::]:{self._settings.port}")

    async def stop(self) -> None:
        """Listen no longer."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._settings is not None:
            self._context.machine.ports.close(self._settings.port)
        if self._server is not None and self._open:
            self._open = False
            await self._server.stop()

    @property
    def serving(self) -> Ensemble | None:
        """Whose objects it serves, None while it cannot answer."""
        return self._ensemble if self._open and self._obstacle() is None else None

    # ── Setting up ────────────────────────────────────────────────────────────────────────────────────────────────

    def _read_settings(self) -> ServerSettings:
        context = self._context
        machine, option = context.machine, context.option
        bound = option("bind-address", "0.0.0.0")
        cidr = option("service-cluster-ip-range", "10.0.0.0/24")
        try:
            ipaddress.ip_network(cidr)
        except ValueError as error:
            raise ProgramFailed(f"--service-cluster-ip-range is not valid: {error}") from None
        return ServerSettings(
            address=machine.address if bound in ("0.0.0.0", "::") else bound,
            port=int(option("secure-port", "6443")),
            certificate=self._file("tls-cert-file"),
            key=self._file("tls-private-key-file"),
            client_ca=self._file("client-ca-file"),
            service_cidr=cidr,
            version=self._version(),
            advertised=option("advertise-address", machine.address),
            signing_key=self._file("service-account-signing-key-file"),
            issuer=option("service-account-issuer", "https://kubernetes.default.svc"),
            obstacle=self._obstacle,
            using=self._using,
        )

    def _file(self, name: str) -> bytes:
        return self._context.machine.files.read(self._context.option(name)) or b""

    def _version(self) -> str:
        """The version that the program on the machine says it has."""
        content = self._context.machine.files.read(self._context.argv[0]) or b""
        found = _VERSION.search(content)
        return found[1].decode() if found else ServerSettings.version

    async def _reached(self) -> Ensemble:
        """The etcd that keeps the objects, once it answers. Raises `ProgramFailed` where it does not in time."""
        clock = asyncio.get_running_loop().time
        end = clock() + _PATIENCE * self._context.world.pace
        told = ""
        while True:
            try:
                return self._ask_etcd()
            except StoreErrors as error:
                if str(error) != told:
                    self._context.log(f"etcd is not reached yet: {error}")
                told = str(error)
            if clock() > end:
                raise ProgramFailed(f"unable to create storage backend: {told}")
            await asyncio.sleep(_LOOK_AGAIN)

    def _ask_etcd(self) -> Ensemble:
        option = self._context.option
        access = Access(option("etcd-servers"), option("etcd-cafile"), option("etcd-certfile"), option("etcd-keyfile"))
        client = Store.open(self._context.world, self._context.machine, access).client
        return client.use(_KEYS, write=True)[0]

    async def _listen(self) -> None:
        assert self._server is not None and self._settings is not None
        try:
            await self._server.start()
        except ssl.SSLError as error:
            raise ProgramFailed(f"failed to load the serving certificate: {error}") from error
        except OSError as error:
            raise ProgramFailed(f"failed to listen on port {self._settings.port}: {error.strerror}") from error
        self._open = True

    # ── While it runs ─────────────────────────────────────────────────────────────────────────────────────────────

    def _obstacle(self) -> ApiError | None:
        """Why nothing can be answered now."""
        try:
            ensemble = self._ask_etcd()
        except StoreErrors as error:
            return ApiError(500, "InternalError", f"etcdserver: request timed out ({error})")
        if ensemble is not self._ensemble:
            return ApiError(500, "InternalError", "etcdserver: it is another cluster than before")
        return None

    def _using(self, address: str) -> contextlib.AbstractContextManager[None]:
        """What a gateway's agent asks is nobody's use of the world."""
        world = self._context.world
        return contextlib.nullcontext() if world.holds(address) else world.usage.connection()

    def _away(self) -> bool:
        return self._context.world.faults.active("api-away", self._context.machine) is not None

    async def _keep(self) -> None:
        """Stop listening while a fault keeps the API away; the process stays."""
        assert self._server is not None
        while True:
            if self._away() and self._open:
                self._open = False
                await self._server.stop()
            elif not self._away() and not self._open:
                try:
                    await self._listen()
                except ProgramFailed as error:
                    self._context.exited(1, error.text)
                    return
            await asyncio.sleep(_LOOK_AGAIN)

    async def _relay(self, reader: Reader, writer: Writer) -> None:
        """Carry a connection that is made on the machine, or through it, to where the server really listens."""
        assert self._settings is not None
        try:
            there, back = await asyncio.open_connection(self._settings.address, self._settings.port)
        except OSError:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_carry(reader, back))
            tasks.create_task(_carry(there, writer))


async def _carry(reader: Reader, writer: Writer) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(_CHUNK):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(ConnectionError):
        writer.close()


class _Kubelets:
    """The cluster's kubelets as the world has them when they are asked; without any, nobody answers."""

    def __init__(self, context: Context, ensemble: Ensemble) -> None:
        self._shared = context.world.shared
        self._key = kubelets_key(ensemble)

    def _of(self, pod: Object) -> Hooks:
        found: Hooks | None = self._shared.get(self._key)
        if found is None:
            node = pod["spec"].get("nodeName", "")
            raise ApiError(
                500, "InternalError", f"error dialing backend: dial tcp: the kubelet of {node} does not answer"
            )
        return found

    async def logs(self, pod: Object, container: str, options: LogOptions) -> AsyncIterator[bytes]:
        async for piece in self._of(pod).logs(pod, container, options):
            yield piece

    async def execute(self, pod: Object, container: str, command: list[str], streams: Streams) -> int:
        return await self._of(pod).execute(pod, container, command, streams)

    async def connect(self, pod: Object, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self._of(pod).connect(pod, port)
