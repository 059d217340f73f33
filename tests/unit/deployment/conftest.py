"""An environment on this computer that has no machine yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.store import Store

DOCUMENT = """\
environment: lab
provider: {kind: nspawn}
components:
  - {kind: KubernetesCluster, name: alpha, version: "1.36"}
  - {kind: KubernetesPod, name: web, cluster: alpha, applications: [{name: site, image: "nginx:1.29"}]}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("GONDOLIER_CONFIG", str(tmp_path / "config.toml"))
    with Store(tmp_path / "home") as opened:
        opened.environments.ensure("lab")
        yield opened
