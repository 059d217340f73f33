"""An API server of its own for a test, with fresh authorities, and ways to reach it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.cluster.pki import Leaf, Pki
from core.kube.access import Cluster
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.server import ApiServer
from core.simulator.kubernetes.settings import ServerSettings
from tests.simulator.kubernetes.kubelets import FakeKubelets

ADDRESS = "127.0.0.1"
MASTERS = "system:masters"


@dataclass
class Served:
    """A server that runs, what it serves, and who signs its clients' certificates."""

    objects: Objects
    server: ApiServer
    kubelets: FakeKubelets
    pki: Pki

    @property
    def url(self) -> str:
        return f"https://{ADDRESS}:{self.server.port}"

    def kubeconfig(self, user: str = "admin", group: str = MASTERS) -> dict[str, Any]:
        """A kubeconfig for a user with a certificate of their own."""
        self.pki.issue(Leaf(f"user-{user.replace(':', '-')}", "ca", user, group))
        pair = self.pki.pair(f"user-{user.replace(':', '-')}")
        keys = {"client-certificate-data": _text(pair.certificate), "client-key-data": _text(pair.key)}
        return self.kubeconfig_of(keys)

    def kubeconfig_of(self, keys: dict[str, str]) -> dict[str, Any]:
        """A kubeconfig with these credentials."""
        cluster = {"server": self.url, "certificate-authority-data": _text(self.pki.authority("ca"))}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sim",
            "contexts": [{"name": "sim", "context": {"cluster": "sim", "user": "me"}}],
            "clusters": [{"name": "sim", "cluster": cluster}],
            "users": [{"name": "me", "user": keys}],
        }

    def cluster(self, user: str = "admin", group: str = MASTERS) -> Cluster:
        """The product's client, as a user."""
        return Cluster(self.kubeconfig(user, group), "sim", timeout=10)

    def write_kubeconfig(self, path: Path) -> Path:
        """An administrator's kubeconfig as a file."""
        path.write_text(yaml.safe_dump(self.kubeconfig()))
        path.chmod(0o600)
        return path


@asynccontextmanager
async def serving(
    directory: Path, objects: Objects | None = None, kubelets: FakeKubelets | None = None, **settings: Any
) -> AsyncIterator[Served]:
    """Serve objects on a free port of the loopback until the end of the block."""
    pki = Pki(directory)
    pki.make_authority("ca", "kubernetes-ca")
    pki.make_signing_pair("sa")
    pki.issue(Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=(ADDRESS, "localhost")))
    own, kept, kubelets = pki.pair("apiserver"), objects or Objects(), kubelets or FakeKubelets()
    wanted = {"signing_key": (directory / "sa.key").read_bytes(), **settings}
    server = ApiServer(
        kept, ServerSettings(ADDRESS, 0, own.certificate, own.key, pki.authority("ca"), **wanted), kubelets
    )
    await server.start()
    try:
        yield Served(kept, server, kubelets, pki)
    finally:
        await server.stop()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
