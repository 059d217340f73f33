"""The commands `journal` and `read-only`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from core.store.store import Store
from tests.unit.deployment.conftest import DOCUMENT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path / "home"))
    with Store(tmp_path / "home") as store:
        store.environments.ensure("lab")
        entry = store.deployments.begin("lab", "deploy", DOCUMENT, "me")
        store.deployments.end(entry.id, "succeeded")
    return tmp_path / "home"


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_read_only_environment_refuses_and_that_is_listed(home: Path) -> None:
    assert _run("read-only", "lab", "on").output == "environment lab is read-only\n"
    refused = _run("deploy", "lab")
    assert refused.exit_code == 4
    assert "environment lab is read-only" in refused.output
    assert _run("read-only", "lab", "off").exit_code == 0
    said = json.loads(_run("journal", "lab", "--json").output)
    assert [(entry["action"], entry["text"]) for entry in said] == [
        ("read-only", "environment lab is writable"),
        ("read-only", "environment lab is read-only"),
    ]
    table = _run("journal", "--text", "writable").output.splitlines()
    assert table[0].split() == ["when", "who", "action", "on", "result", "said"]
    assert len(table) == 2
    assert _run("journal", "--failed", "--json").output.strip() == "[]"


def test_there_must_be_such_an_environment(home: Path) -> None:
    assert _run("read-only", "other", "on").exit_code == 5
