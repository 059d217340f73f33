"""A deployment with secrets of every sort, and every place that it writes to or shows: none of them is in any."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
from collections.abc import AsyncGenerator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.containers.standalone.engine import engine
from core.kube import paths
from core.live.objects import ClusterRef, Kind, Target
from core.live.operations import JournalQuery
from core.machines.connection import Connection
from core.machines.outcome import Completed
from core.simulator.client import Client
from core.store.store import Store
from tests.simulator.applications.conftest import Applications
from tests.simulator.applications.documents import CLUSTER, Part, application, document, host, pod, port, to

FILE, VARIABLE, PULL, CHANGED = "file-hunter2-secret", "variable-hunter3-secret", "pull-hunter4-secret", "new-hunter5"
GENERATED = ("POD_KEY", "BOX_KEY")


def part(file: Path, generated: str, **fields: Any) -> Part:
    """An application with a secret of each sort."""
    env = {
        generated: {"kind": "generated", "length": 40},
        "FROM_FILE": {"kind": "secret", "file": str(file)},
        "FROM_VARIABLE": {"kind": "secret", "env": "LIBRARY_SECRET"},
    }
    return application("site", port(8080), env=env | fields)


def text(home: Path) -> str:
    file = home / "password"
    credentials = {"server": "registry.example.org", "username": "kid", "password": {"file": str(home / "pull")}}
    shared = {"kind": "shared", "component": "web", "application": "site", "variable": "POD_KEY"}
    return document(
        CLUSTER | {"registry": {"credentials": credentials}},
        pod("web", part(file, "POD_KEY"), replicas=2),
        host(part(file, "BOX_KEY", SHARED=shared, NEAR=to("web/site", 8080))),
    )


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every command that is run on a machine."""
    found: list[str] = []
    feed, stream = Connection.feed, Connection.stream

    async def kept(self: Connection, command: str, pieces: Iterable[bytes], **given: Any) -> Completed:
        found.append(command)
        return await feed(self, command, pieces, **given)

    async def streamed(self: Connection, command: str) -> AsyncGenerator[str, None]:
        found.append(command)
        async for line in stream(self, command):
            yield line

    monkeypatch.setattr(Connection, "feed", kept)
    monkeypatch.setattr(Connection, "stream", streamed)
    return found


@pytest.fixture
async def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Applications, None]:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "password").write_text(FILE)
    (tmp_path / "pull").write_text(PULL)
    monkeypatch.setenv("LIBRARY_SECRET", VARIABLE)
    try:
        with Store(home) as store:
            yield Applications(home, store)
    finally:
        await Client(home).stop()


async def shown(lab: Applications) -> dict[str, str]:
    """What every view of the environment shows."""
    console, cluster = lab.console, ClusterRef("lab", "alpha")
    history = [await console.history("lab", entry.number) for entry in await console.deployments("lab")]
    workload = Target(cluster, Kind("Deployment", "deployments", "apps/v1"), "web", "default")
    async with lab.cluster() as api:
        listed = await api.get(paths.collection("v1", "secrets", "default"))
    secrets = [
        Target(cluster, Kind("Secret", "secrets", "v1"), one["metadata"]["name"], "default")
        for one in (listed or {})["items"]
    ]
    assert secrets
    return {
        "plan": json.dumps(await lab.plan()),
        "report": "\n".join(lab.report.texts),
        "history": json.dumps(history),
        "status": repr(await console.status("lab")),
        "endpoints": repr(await console.endpoints("lab")),
        "journal": repr(await console.live.journal(JournalQuery())),
        "manifest": await console.live.yaml(workload, managed_fields=True),
        "description": await console.live.describe(workload),
        "secrets": "".join([await console.live.yaml(one, managed_fields=True) for one in secrets]),
        "usage": repr([dataclasses.asdict(one) for one in await console.usage("lab", "box")]),
    }


def kept(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the home directory but the keys, and the simulated machines, which stand for other computers."""
    for path in home.rglob("*"):
        inside = path.relative_to(home).parts[0]
        if path.is_file() and inside not in ("keys", "simulator"):
            yield str(path.relative_to(home)), path.read_bytes()


def forms(secret: str) -> list[bytes]:
    """A secret as it may be written: as it is, and where its beginning falls on base64's boundaries."""
    return [secret.encode(), base64.b64encode(secret.encode())[:-4]]


async def test_no_secret_is_anywhere_but_with_the_keys_and_where_it_is_needed(
    lab: Applications, commands: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    document_text = text(lab.home.parent)
    await lab.console.apply(document_text, "lab.yaml")
    before = json.dumps(await lab.plan())
    outcome = await lab.deploy()
    assert outcome.good, "\n".join([*lab.report.texts, outcome.message])

    keys = lab.home / "keys"
    made = [path.read_text() for name in GENERATED for path in keys.rglob(name)]
    assert len(made) == len(GENERATED)
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.rglob("*") if path.is_file())
    # They are where they are needed: in the Secret of the pod, in the environment of the container.
    env = (await lab.container("site"))["Config"]["Env"]
    assert {f"FROM_FILE={FILE}", f"FROM_VARIABLE={VARIABLE}", f"SHARED={made[0]}"} <= set(env)

    (lab.home.parent / "password").write_text(CHANGED)
    changed = json.dumps(await lab.plan())
    assert "new value of variable" in changed or "content hidden" in changed or '"secret": true' in changed
    views = await shown(lab) | {"first plan": before, "changed plan": changed}
    assert (await lab.deploy()).good
    views |= {f"{name} after the change": words for name, words in (await shown(lab)).items()}
    views |= {"commands": "\n".join(commands), "log": caplog.text, "document": document_text}
    assert commands and caplog.text

    everything = [*((name, words.encode()) for name, words in views.items()), *kept(lab.home)]
    for secret in (FILE, VARIABLE, PULL, CHANGED, *made):
        leaks = [name for name, content in everything for form in forms(secret) if form in content]
        assert leaks == [], f"a secret is in {leaks}"


async def test_the_labels_and_arguments_of_a_container_have_no_secret(lab: Applications) -> None:
    assert (await lab.deploy(document(host(part(lab.home.parent / "password", "BOX_KEY"))))).good
    declared, _, _ = lab.console.wanted("lab")
    async with lab.console.context(declared) as context:
        await context.observe()
        box = context.hosts["box"]
        async with engine(await box.connect(box.node)) as found:
            listed = repr(await found.containers("box"))
            inspected = dict(await found.named("site") or {})
    inspected["Config"] = {key: value for key, value in inspected["Config"].items() if key != "Env"}
    made = next((lab.home / "keys").rglob("BOX_KEY")).read_text()
    assert not any(secret in listed + json.dumps(inspected) for secret in (FILE, VARIABLE, made))
