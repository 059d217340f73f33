"""A real API server with its etcd and controllers on the loopback: no machines, no root, no pods that run."""

from __future__ import annotations

import asyncio
import base64
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from core.cluster.pki import Leaf, Pki
from core.engine.errors import Trouble
from core.kube.access import Cluster
from tests.mirror.build import programs_of

ADDRESS = "127.0.0.1"
_PATIENCE = 120.0

CONTROLLERS = "*,-nodelifecycle,-serviceaccount-token-controller"


def obstacle() -> str:
    """Why there is no real API server here, "" where there is one."""
    try:
        missing = [name for name in ("etcd", "kubernetes") if not programs_of(name).exists()]
    except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
        return f"the binaries are not there: {error}"
    return f"`python -m tests.mirror.build` has not built {', '.join(missing)}" if missing else ""


@contextmanager
def running(directory: Path) -> Iterator[dict[str, Any]]:
    """An administrator's kubeconfig for a cluster that runs until the end of the block."""
    pki, ports = _keys(directory), _free(3)
    config = _kubeconfig(pki, ports[2])
    (directory / "kubeconfig").write_text(yaml.safe_dump(config))
    with ExitStack() as stack:
        etcd = _etcd(directory, ports)
        for words in (etcd, _api_server(directory, ports), *_others(directory)):
            stack.enter_context(_process(directory, words))
            if "kube-apiserver" in words[0]:
                asyncio.run(_answers(config))
        yield config


def _keys(directory: Path) -> Pki:
    pki = Pki(directory)
    pki.make_authority("ca", "kubernetes-ca")
    pki.make_signing_pair("sa")
    pki.issue(Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=(ADDRESS, "localhost")))
    pki.issue(Leaf("admin", "ca", "admin", "system:masters"))
    pki.issue(Leaf("guest", "ca", "guest", "guests"))
    return pki


def guest(directory: Path, config: dict[str, Any]) -> dict[str, Any]:
    """The kubeconfig of a user without rights."""
    return config | {"users": [{"name": "me", "user": _user(Pki(directory), "guest")}]}


def _kubeconfig(pki: Pki, port: int) -> dict[str, Any]:
    cluster = {"server": f"https://{ADDRESS}:{port}", "certificate-authority-data": _text(pki.authority("ca"))}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "real",
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": "me"}}],
        "clusters": [{"name": "real", "cluster": cluster}],
        "users": [{"name": "me", "user": _user(pki, "admin")}],
    }


def _user(pki: Pki, name: str) -> dict[str, str]:
    pair = pki.pair(name)
    return {"client-certificate-data": _text(pair.certificate), "client-key-data": _text(pair.key)}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _etcd(directory: Path, ports: list[int]) -> list[str]:
    client, peer = (f"http://{ADDRESS}:{port}" for port in ports[:2])
    return [
        str(programs_of("etcd") / "etcd"),
        f"--data-dir={directory / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]


def _api_server(directory: Path, ports: list[int]) -> list[str]:
    return [
        str(programs_of("kubernetes") / "kube-apiserver"),
        f"--etcd-servers=http://{ADDRESS}:{ports[0]}",
        f"--bind-address={ADDRESS}",
        f"--secure-port={ports[2]}",
        f"--client-ca-file={directory / 'ca.crt'}",
        f"--tls-cert-file={directory / 'apiserver.crt'}",
        f"--tls-private-key-file={directory / 'apiserver.key'}",
        f"--service-account-key-file={directory / 'sa.pub'}",
        f"--service-account-signing-key-file={directory / 'sa.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.32.0.0/24",
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
    ]


def _others(directory: Path) -> list[list[str]]:
    programs, config = programs_of("kubernetes"), directory / "kubeconfig"
    return [
        [
            str(programs / "kube-controller-manager"),
            f"--kubeconfig={config}",
            f"--controllers={CONTROLLERS}",
            "--leader-elect=false",
            "--secure-port=0",
        ]
    ]


@contextmanager
def _process(directory: Path, words: list[str]) -> Iterator[None]:
    with (directory / f"{Path(words[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(["nice", *words], stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def _free(count: int) -> list[int]:
    found = [socket.create_server((ADDRESS, 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in found]
    for one in found:
        one.close()
    return ports


async def _answers(config: dict[str, Any]) -> None:
    """Return when the server says that it is ready."""
    ending, last = time.monotonic() + _PATIENCE, "it was not asked"
    async with Cluster(config, "real", timeout=2) as cluster:
        while time.monotonic() < ending:
            try:
                if await cluster.fetch("/readyz") == b"ok":
                    return
            except Trouble as trouble:
                last = str(trouble)
            await asyncio.sleep(0.3)
    raise AssertionError(f"the API server is not ready after {_PATIENCE:.0f} s: {last}")
