"""Whatever is sent as a patch: an answer with reasons, never an internal error, never a half-changed object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.kube.kubeconfig import open_client
from core.simulator.kubernetes.patching.patch import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH
from core.simulator.kubernetes.rules.rules import check
from core.simulator.kubernetes.rules.shapes import readable
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served, serving
from tests.simulator.kubernetes.test_product_client import deployment

Object = dict[str, Any]

WORDS = (
    *("metadata", "spec", "status", "template", "containers", "name", "image", "ports", "containerPort", "labels"),
    *("annotations", "replicas", "selector", "matchLabels", "strategy", "rollingUpdate", "finalizers", "uid", "env"),
    *("ownerReferences", "value", "conditions", "type", "volumes", "resources", "limits", "cpu", "taints", "data"),
    *("resourceVersion", "managedFields", "namespace", "kind", "apiVersion", "deletionTimestamp", "generation"),
    *("readinessProbe", "httpGet", "clusterIP", "protocol", "$patch", "$retainKeys"),
    *("$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers"),
)
BEGINNINGS: tuple[tuple[str, ...], ...] = (
    (),
    ("metadata",),
    ("spec",),
    ("status",),
    ("spec", "template", "spec"),
    ("spec", "template", "metadata"),
    ("spec", "strategy"),
    ("spec", "selector"),
)
TARGETS = (
    "/apis/apps/v1/namespaces/default/deployments/web",
    "/apis/apps/v1/namespaces/default/deployments/web/status",
    "/apis/apps/v1/namespaces/default/deployments/web/scale",
    "/api/v1/namespaces/default/services/web",
    "/api/v1/namespaces/default/pods/p",
    "/api/v1/namespaces/default/pods/p/status",
    "/api/v1/namespaces/default",
    "/api/v1/namespaces/default/configmaps/c",
)


def _nest(beginning: Sequence[str], path: Sequence[str], value: object) -> object:
    for word in reversed([*beginning, *path]):
        value = {word: value}
    return value


words = st.sampled_from(WORDS)
leaves = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | words | st.sampled_from(["delete", "replace"])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)
pointers = st.builds(
    lambda beginning, rest: "".join(f"/{part}" for part in [*beginning, *rest]),
    st.sampled_from(BEGINNINGS),
    st.lists(words | st.sampled_from(["0", "-", "1"]), max_size=3),
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": pointers},
    optional={"value": values, "from": pointers},
)
nested = st.builds(_nest, st.sampled_from(BEGINNINGS), st.lists(words, max_size=2), values)
patches = st.one_of(
    st.tuples(st.just(JSON_PATCH), st.lists(operations, max_size=4) | values),
    st.tuples(st.sampled_from([MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH]), nested | values),
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture
async def session(directory: Path) -> AsyncIterator[tuple[Served, Any]]:
    async with serving(directory) as served:
        client = await open_client(served.kubeconfig(), "sim")
        yield served, client.rest_client.pool_manager
        await client.close()


def prepare(served: Served) -> None:
    """The objects that are patched, as new."""
    objects = served.objects
    for resource, name in (("deployments.apps", "web"), ("services", "web"), ("pods", "p"), ("configmaps", "c")):
        objects.remove(resource, "default", name)
    objects.create("deployments.apps", deployment("web"))
    objects.create("services", {"metadata": {"name": "web", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}})
    objects.create("configmaps", {"metadata": {"name": "c", "namespace": "default"}, "data": {"a": "b"}})
    run_pod(objects, "p")


async def test_no_patch_breaks_anything(session: tuple[Served, aiohttp.ClientSession]) -> None:
    served, http = session

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(TARGETS), patches)
    def collect(target: str, patch: tuple[str, object]) -> None:
        tried.append((target, *patch))

    tried: list[tuple[str, str, object]] = []
    collect()
    for target, media, body in tried:
        prepare(served)
        await tried_once(served, http, target, media, body)


async def tried_once(served: Served, http: aiohttp.ClientSession, target: str, media: str, body: object) -> None:
    """Send a patch; what it leaves is either the very object from before, or one that keeps all the rules."""
    before = snapshot(served)
    query = {"fieldManager": "fuzz", "force": "true"} if media == APPLY_PATCH else {}
    sent = msgspec.json.encode(body) if _fits(body) else b"[1e999]"
    headers = {"Content-Type": media}
    async with http.patch(f"{served.url}{target}", data=sent, headers=headers, params=query) as response:
        answered, told = response.status, await response.json()
    assert answered < 500, (target, media, body, told)
    if answered >= 400:
        assert told["kind"] == "Status" and told["message"], told
        assert snapshot(served) == before, (target, media, body)
    for resource, obj in stored(served):
        kind = served.objects.kind(resource)
        check(kind, readable(kind, obj))
    async with http.get(f"{served.url}{target.removesuffix('/status').removesuffix('/scale')}", headers=TABLE) as shown:
        assert shown.status in (200, 404), (target, media, body)


TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def _fits(body: object) -> bool:
    try:
        msgspec.json.encode(body)
    except OverflowError:
        return False
    return True


def stored(served: Served) -> list[tuple[str, Object]]:
    """Everything in the default namespace that is patched here."""
    resources = ("deployments.apps", "services", "pods", "configmaps")
    return [(resource, obj) for resource in resources for obj in served.objects.list(resource, "default")]


def snapshot(served: Served) -> list[tuple[str, Object]]:
    return stored(served)
