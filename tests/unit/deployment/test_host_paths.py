"""Directories of machines that a document may mount: held against the settings when it is applied and deployed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.console import Console
from core.deployment.checking import refuse_host_paths
from core.engine.errors import Refusal
from core.model.document import DocumentError, parse
from core.store.store import Store

DOCUMENT = """\
environment: lab
provider: {kind: simulated}
components:
  - kind: DockerStandaloneHost
    name: box
    applications:
      - name: site
        image: nginx:1.29
        volumes:
          /data: {kind: host-path, path: PATH}
"""


async def test_a_path_outside_the_list_is_refused_with_the_list_and_nothing_is_kept(store: Store) -> None:
    console = Console(store)
    with pytest.raises(DocumentError) as caught:
        await console.apply(DOCUMENT.replace("PATH", "/etc"), "lab.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.found) == (10, '"/etc"')
    assert "/srv, /var/lib/gondolier-data" in problem.allowed
    assert store.drafts.list("lab") == []


async def test_a_path_that_the_settings_allow_is_kept(store: Store) -> None:
    Path(os.environ["GONDOLIER_CONFIG"]).write_text('host_paths = ["/data"]')
    assert "draft kept" in await Console(store).apply(DOCUMENT.replace("PATH", "/data/site"), "lab.yaml")


def test_settings_that_became_stricter_stop_the_next_deployment(store: Store) -> None:
    environment = parse(DOCUMENT.replace("PATH", "/srv/site"))
    refuse_host_paths(environment)
    Path(os.environ["GONDOLIER_CONFIG"]).write_text("host_paths = []")
    with pytest.raises(Refusal, match=r"not allowed: .*/srv/site"):
        refuse_host_paths(environment)
