"""Reading and writing raw objects, and what errors say."""

from __future__ import annotations

import base64
import datetime
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.engine.errors import Refusal, Trouble, Unreachable
from core.kube.access import Cluster
from core.kube.problems import Busy, Conflict, Forbidden
from core.kube.rows import PodRow
from tests.unit.kube.conftest import kubeconfig
from tests.unit.kube.fake_api import FakeApi, Fault
from tests.unit.kube.samples import PODS, pod


async def test_an_absent_object_is_none(cluster: Cluster) -> None:
    assert await cluster.get(f"{PODS}/web") is None
    assert await cluster.read(f"{PODS}/web", PodRow) is None


async def test_a_present_object_becomes_a_typed_row(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web", pod("web"))
    row = await cluster.read(f"{PODS}/web", PodRow)
    assert row is not None
    assert (row.metadata.name, row.spec.node_name) == ("web", "kube-2")
    assert row.status.container_statuses[0].container_id == "containerd://web-0"


async def test_a_list_goes_through_all_pages(api: FakeApi, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kube.access.PAGE", 3)
    for number in range(8):
        api.put(f"{PODS}/web-{number}", pod(f"web-{number}"))
    rows = await cluster.list(PODS, PodRow, labels="id=web")
    assert [row.metadata.name for row in rows] == [f"web-{number}" for number in range(8)]
    assert len(api.asked("GET", "limit=3")) == 3


async def test_selectors_leave_out_what_does_not_fit(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web", pod("web"))
    api.put(f"{PODS}/other", pod("other") | {"spec": {"nodeName": "kube-3"}})
    rows = await cluster.list("/api/v1/pods", PodRow, fields="spec.nodeName=kube-3")
    assert [row.metadata.name for row in rows] == ["other"]


async def test_apply_creates_and_then_changes(api: FakeApi, cluster: Cluster) -> None:
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"}, "spec": {}}
    await cluster.apply(manifest)
    await cluster.apply(manifest | {"spec": {"nodeName": "kube-9"}})
    assert api.objects[f"{PODS}/web"]["spec"] == {"nodeName": "kube-9"}
    assert all("fieldManager=gondolier" in path and "force=true" in path for path in api.asked("PATCH", "web"))


async def test_a_dry_run_changes_nothing(api: FakeApi, cluster: Cluster) -> None:
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {}}
    await cluster.apply(manifest, dry_run=True)
    assert api.objects == {}


async def test_applying_an_unknown_kind_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Refusal, match="no kind Gadget in v1"):
        await cluster.apply({"apiVersion": "v1", "kind": "Gadget", "metadata": {"name": "g"}})


async def test_creating_twice_is_a_conflict(cluster: Cluster) -> None:
    await cluster.create(PODS, pod("web"))
    with pytest.raises(Conflict, match="already exists"):
        await cluster.create(PODS, pod("web"))


async def test_deleting_by_uid_spares_a_newer_object(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web", pod("web"))
    with pytest.raises(Conflict):
        await cluster.delete(f"{PODS}/web", uid="another")
    assert f"{PODS}/web" in api.objects
    assert await cluster.delete(f"{PODS}/web", uid=api.objects[f"{PODS}/web"]["metadata"]["uid"])
    assert not await cluster.delete(f"{PODS}/web")


async def test_forbidden_says_which_verb_on_what_in_the_servers_words(api: FakeApi, cluster: Cluster) -> None:
    said = {"kind": "Status", "message": 'pods is forbidden: User "bob" cannot create resource "pods"', "code": 403}
    api.faults.append(Fault("POST", "/pods", 403, said))
    with pytest.raises(Forbidden) as caught:
        await cluster.create(PODS, pod("web"))
    assert f"create {PODS}" in str(caught.value)
    assert 'User "bob" cannot create' in str(caught.value)


async def test_a_busy_server_says_when_to_come_back(api: FakeApi, cluster: Cluster) -> None:
    api.faults.append(Fault("GET", "/pods", 429, {"message": "too many"}, {"Retry-After": "7"}))
    with pytest.raises(Busy) as caught:
        await cluster.get(PODS)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("status", "expected"), [(400, Refusal), (422, Refusal), (401, Trouble), (503, Busy)])
async def test_every_failure_has_its_kind(api: FakeApi, cluster: Cluster, status: int, expected: type[Trouble]) -> None:
    api.faults.append(Fault("GET", "/pods", status, {"message": "no such luck"}))
    with pytest.raises(expected, match="no such luck") as caught:
        await cluster.get(PODS)
    assert type(caught.value) is expected


async def test_a_server_that_is_away_is_unreachable_and_no_secret_is_told() -> None:
    async with Cluster(kubeconfig("http://127.0.0.1:1"), "alpha") as away:
        with pytest.raises(Unreachable, match="alpha") as caught:
            await away.get(PODS)
    assert "s3cret" not in str(caught.value)


async def test_an_unusable_kubeconfig_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("contexts: []\n")
    with pytest.raises(Trouble, match="kubeconfig cannot be used"):
        await Cluster(file, "alpha").get(PODS)


def _certificate(
    subject: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.datetime.now(datetime.UTC)
    import ipaddress

    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer[0].subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def _pem(pair: tuple[x509.Certificate, ec.EllipticCurvePrivateKey]) -> tuple[bytes, bytes]:
    return pair[0].public_bytes(serialization.Encoding.PEM), pair[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


async def _tls_server(api: FakeApi, directory: Path, authority: bytes, server: tuple[bytes, bytes]) -> web.AppRunner:
    for name, content in zip(("ca", "cert", "key"), (authority, *server), strict=True):
        (directory / name).write_bytes(content)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(directory / "ca"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(directory / "cert", directory / "key")
    runner = web.AppRunner(api.app(), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner


def _tls_config(port: int, authority: bytes, client: tuple[bytes, bytes]) -> dict[str, object]:
    def data(content: bytes) -> str:
        return base64.b64encode(content).decode()

    config = kubeconfig(f"https://127.0.0.1:{port}")
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": data(authority)}
    user = {"client-certificate-data": data(client[0]), "client-key-data": data(client[1])}
    return config | {
        "clusters": [{"name": "alpha", "cluster": cluster}],
        "users": [{"name": "admin", "user": user}],
    }


async def test_client_certificates_are_used_and_a_foreign_server_is_a_hard_stop(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    authority, stranger = _certificate("ca"), _certificate("stranger")
    server, client = _certificate("api", authority), _certificate("admin", authority)
    runner = await _tls_server(api, tmp_path, _pem(authority)[0], _pem(server))
    port = runner.addresses[0][1]
    try:
        async with Cluster(_tls_config(port, _pem(authority)[0], _pem(client)), "alpha") as ours:
            assert await ours.get(f"{PODS}/web") is None
        async with Cluster(_tls_config(port, _pem(stranger)[0], _pem(client)), "alpha") as foreign:
            with pytest.raises(Trouble, match="not trusted") as caught:
                await foreign.get(f"{PODS}/web")
            assert not isinstance(caught.value, Unreachable)
    finally:
        await runner.cleanup()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["ca", "cert", "key"], "keys were left on disk"


def test_no_kubernetes_or_http_library_is_imported_with_our_modules() -> None:
    modules = "access, drain, events, exec, log_follow, logs, rows, scale, waiting, watch, words"
    code = (
        f"from core.kube import {modules}; from core.containers import pod, actions; import sys;"
        "print([name for name in ('kubernetes_asyncio', 'aiohttp', 'asyncssh') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
