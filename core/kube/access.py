"""Access to a live cluster: raw JSON in and out over one kept connection pool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from core.engine.errors import Refusal, Trouble, Unreachable
from core.kube import paths
from core.kube.forms import JSON, Form, Typed, decode
from core.kube.kubeconfig import Kubeconfig, open_client
from core.kube.problems import Silent, problem

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientTimeout, ClientWebSocketResponse
    from kubernetes_asyncio.client import ApiClient

FIELD_MANAGER = "gondolier"
PAGE = 500
SLICE = 100
"""Rows that are decoded without a pause: a few milliseconds."""

Object = dict[str, Any]
Query = Sequence[tuple[str, str]]
T = TypeVar("T")

_APPLY = "application/apply-patch+yaml"
_JSON_PATCH = "application/json-patch+json"
_MERGE = "application/merge-patch+json"
_CONNECT_SECONDS = 5.0


class Cluster:
    """One cluster's API, opened with the first request and closed by `close`.

    `kubeconfig` is a file or its content; `name` is what errors call the cluster. Paths are those of the Kubernetes
    API, from "/api" or "/apis" on (`core.kube.paths`). A request takes at most `timeout` seconds.

    Raises (every method):
        Unreachable: no answer. Busy: the server asks to come back (429, 5xx). Forbidden: 403. Conflict: 409.
        Refusal: the request itself is not accepted (400, 422). Trouble: any other answer that is no success.
    """

    def __init__(
        self, kubeconfig: Kubeconfig, name: str = "cluster", *, context: str | None = None, timeout: float = 30.0
    ) -> None:
        self.name = name
        self._kubeconfig = kubeconfig
        self._context = context
        self._timeout = timeout
        self._client: ApiClient | None = None
        self._opening = asyncio.Lock()
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    async def __aenter__(self) -> Cluster:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; the next request opens them again."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def get(self, path: str, query: Query = ()) -> Object | None:
        """The object at this path, None where there is none."""
        body = await self.fetch(path, query)
        return None if body is None else decode(body, Object)

    async def read(self, path: str, row: type[T]) -> T | None:
        """The object at this path as a typed row, None where there is none."""
        body = await self.fetch(path)
        return None if body is None else decode(body, row)

    async def fetch(self, path: str, query: Query = ()) -> bytes | None:
        """The answer's bytes, None for 404."""
        return await self._send("GET", path, query, absent_ok=True)

    async def list(self, path: str, row: type[T], *, labels: str = "", fields: str = "") -> Sequence[T]:
        """All rows of a collection that both selectors let through."""
        pages = self.pages(path, Typed(row), labels, fields)
        rows: Sequence[T] = [found async for page in pages for found in page[0]]
        return rows

    async def pages(
        self, path: str, form: Form[T], labels: str = "", fields: str = ""
    ) -> AsyncIterator[tuple[Sequence[T], str]]:
        """The rows of a collection, some at a time, with the list's resource version; at least one batch.

        A page is decoded in slices, between which other work goes on.
        """
        more: str | None = None
        while more != "":
            asked = [*selectors(labels, fields), *form.query, ("limit", str(PAGE))]
            asked += [("continue", more)] if more else []
            body = await self._send("GET", path, asked, accept=form.accept)
            items, place = form.page(body or b"{}")
            for start in range(0, max(1, len(items)), SLICE):
                yield form.rows(items[start : start + SLICE]), place.resource_version
                await asyncio.sleep(0)
            more = place.continue_

    async def create(self, path: str, body: Object) -> Object:
        """Create an object in a collection, or call a subresource; Conflict where it exists."""
        return await self._write("POST", path, body, query=[("fieldManager", FIELD_MANAGER)])

    async def apply(self, manifest: Object, *, dry_run: bool = False) -> Object:
        """Server-side apply: what the manifest says holds afterwards, whoever else had set it.

        The owner of fields is "gondolier"; fields that a former apply set and this one lacks are removed.
        """
        query = [("fieldManager", FIELD_MANAGER), ("force", "true")]
        query += [("dryRun", "All")] if dry_run else []
        return await self._write("PATCH", await self.path_of(manifest), manifest, query=query, content=_APPLY)

    async def patch(self, path: str, body: Object) -> Object:
        """Merge these fields into an object or a subresource (RFC 7386: null removes a field)."""
        return await self._write("PATCH", path, body, query=[("fieldManager", FIELD_MANAGER)], content=_MERGE)

    async def patch_json(self, path: str, changes: Sequence[Object]) -> Object:
        """Change an object by single operations, all or none (RFC 6902)."""
        return await self._write("PATCH", path, changes, query=[("fieldManager", FIELD_MANAGER)], content=_JSON_PATCH)

    async def replace(self, path: str, body: Object) -> Object:
        """Put an object back as it is here; Conflict where its resourceVersion is not the newest."""
        return await self._write("PUT", path, body, query=[("fieldManager", FIELD_MANAGER)])

    async def delete(
        self, path: str, *, uid: str = "", grace: int | None = None, propagation: str = "Background"
    ) -> bool:
        """Delete an object; False where it was gone. With `uid` only this very object, Conflict for a newer one."""
        options: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        return await self._send("DELETE", path, body=options, absent_ok=True) is not None

    async def evict(self, namespace: str, pod: str, *, uid: str = "", grace: int | None = None) -> bool:
        """Ask for a pod's eviction; False where it was gone.

        Raises:
            Blocked: a PodDisruptionBudget does not allow it now.
        """
        options: Object = {"preconditions": {"uid": uid}} if uid else {}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": namespace},
            "deleteOptions": options,
        }
        path = paths.pod(namespace, pod, "eviction")
        return await self._send("POST", path, body=eviction, absent_ok=True) is not None

    async def path_of(self, manifest: Object) -> str:
        """Where the API keeps the object that a manifest describes.

        Raises:
            Refusal: the server has no such kind.
        """
        version, kind = manifest["apiVersion"], manifest["kind"]
        if version not in self._kinds:
            self._kinds[version] = await self._discover(version)
        if kind not in self._kinds[version]:
            del self._kinds[version]
            raise Refusal(f"the API server has no kind {kind} in {version}", where=self.name)
        resource, namespaced = self._kinds[version][kind]
        metadata = manifest["metadata"]
        namespace = metadata.get("namespace", "default") if namespaced else None
        return paths.item(version, resource, namespace, metadata["name"])

    @asynccontextmanager
    async def stream(
        self, path: str, query: Query, *, silence: float | None = None, accept: str = JSON
    ) -> AsyncIterator[ClientResponse]:
        """An answer that is read as it comes; `silence` is how long it may send nothing, in seconds."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=silence)
        async with self._answer("GET", path, query, timeout=timeout, accept=accept) as response:
            yield response

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[ClientWebSocketResponse]:
        """A WebSocket to a subresource (exec, attach, port-forward) in one of the given subprotocols."""
        import aiohttp

        client = await self._opened()
        headers = await _headers(client)
        try:
            async with client.rest_client.pool_manager.ws_connect(
                f"{client.configuration.host}{path}",
                params=list(query),
                headers=headers,
                protocols=protocols,
                **_way(client),
            ) as socket:
                yield socket
        except aiohttp.WSServerHandshakeError as error:
            raise problem(error.status, b"", {}, method="GET", path=path, where=self.name) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from None

    async def _write(
        self, method: str, path: str, body: Object | Sequence[Object], *, query: Query, content: str = ""
    ) -> Object:
        answer = await self._send(method, path, query, body=body, content=content or JSON)
        return decode(answer or b"{}", Object)

    async def _send(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: Object | Sequence[Object] | None = None,
        content: str = JSON,
        accept: str = JSON,
        absent_ok: bool = False,
    ) -> bytes | None:
        answer = self._answer(method, path, query, body=body, content=content, accept=accept, absent_ok=absent_ok)
        try:
            async with answer as response:
                return None if response.status == 404 else await response.read()
        except TimeoutError as error:
            raise self._unreachable(error) from None

    @asynccontextmanager
    async def _answer(
        self,
        method: str,
        path: str,
        query: Query,
        *,
        body: Object | Sequence[Object] | None = None,
        content: str = JSON,
        accept: str = JSON,
        absent_ok: bool = False,
        timeout: ClientTimeout | None = None,
    ) -> AsyncIterator[ClientResponse]:
        """An answer that is a success, or a 404 where `absent_ok`; every failure of the way becomes Unreachable."""
        import aiohttp

        client = await self._opened()
        headers = await _headers(client) | {"Content-Type": content, "Accept": accept}
        data = None if body is None else msgspec.json.encode(body)
        limit = timeout or aiohttp.ClientTimeout(total=self._timeout, sock_connect=_CONNECT_SECONDS)
        url = f"{client.configuration.host}{path}"
        try:
            async with client.rest_client.pool_manager.request(
                method, url, params=list(query), headers=headers, data=data, timeout=limit, **_way(client)
            ) as response:
                if response.status >= 400 and not (absent_ok and response.status == 404):
                    text = await response.read()
                    raise problem(response.status, text, response.headers, method=method, path=path, where=self.name)
                yield response
        except aiohttp.ClientConnectorCertificateError as error:
            raise Trouble(
                f"the API server's certificate is not trusted: {error.certificate_error}",
                where=self.name,
                fix="the kubeconfig belongs to another cluster, or someone is in between",
            ) from None
        except aiohttp.SocketTimeoutError:
            raise Silent(f"{path}: nothing came for too long", where=self.name) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from None

    async def _discover(self, version: str) -> dict[str, tuple[str, bool]]:
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        found = await self.get(root) or {}
        return {
            entry["kind"]: (entry["name"], entry["namespaced"])
            for entry in found.get("resources", ())
            if "/" not in entry["name"]
        }

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await open_client(self._kubeconfig, self.name, self._context)
            return self._client

    def _unreachable(self, error: BaseException) -> Unreachable:
        text = str(error) or type(error).__name__
        return Unreachable(f"the API server does not answer: {text}", where=self.name)


def selectors(labels: str, fields: str) -> list[tuple[str, str]]:
    """The query of a label and a field selector; an empty one is left out."""
    wanted = (("labelSelector", labels), ("fieldSelector", fields))
    return [(name, value) for name, value in wanted if value]


async def _headers(client: Any) -> dict[str, str]:
    headers: Mapping[str, str] = client.default_headers
    merged = dict(headers)
    await client.update_params_for_auth(merged, [], ["BearerToken"])
    return merged


def _way(client: Any) -> dict[str, Any]:
    """How the kubeconfig wants the server reached: through a proxy, under another name in its certificate."""
    rest = client.rest_client
    way = {"proxy": rest.proxy, "proxy_headers": rest.proxy_headers, "server_hostname": rest.server_hostname}
    return {key: value for key, value in way.items() if value}
