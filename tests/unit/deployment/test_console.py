"""The façade in odd states: sentences, never tracebacks, and nobody's run is pulled from under it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main
from core.cluster.pki import Pki
from core.console import Console
from core.engine.errors import Refusal, Trouble
from core.engine.lock import acquire
from core.live.operations import JournalQuery
from core.store.store import Store
from tests.unit.deployment.conftest import DOCUMENT


def deployed(store: Store, document: str = DOCUMENT) -> Console:
    entry = store.deployments.begin("lab", "deploy", document, "me")
    store.deployments.end(entry.id, "succeeded")
    return Console(store)


async def test_a_document_of_another_version_does_not_hide_the_other_environments(store: Store) -> None:
    console = deployed(store, DOCUMENT.replace("1.36", "1.2"))
    store.environments.ensure("other")
    found = await console.environments()
    assert [entry.environment for entry in found] == ["lab", "other"]
    assert "not one for this version" in found[0].trouble
    with pytest.raises(Trouble, match="not one for this version"):
        await console.status("lab")


async def test_a_kubeconfig_of_what_is_not_deployed_far_enough_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="not known yet"):
        await deployed(store).kubeconfig("lab", "alpha")


async def test_an_environment_is_not_abandoned_under_a_live_run(store: Store) -> None:
    console = deployed(store)
    lock = acquire(store, "lab")
    with pytest.raises(Refusal, match="a run by"):
        await console.abandon("lab")
    lock.release()
    assert "forgotten" in await console.abandon("lab")
    assert store.environments.get("lab") is None


async def test_abandoned_means_without_keys(store: Store) -> None:
    keys = store.home / "keys" / "lab"
    Pki(keys / "clusters" / "alpha").make_authority("ca", "kubernetes-ca")
    await deployed(store).abandon("lab")
    assert not keys.exists()


async def test_a_plan_makes_no_key(store: Store) -> None:
    console = Console(store)
    await console.apply(DOCUMENT, "lab.yaml")
    files = {path for path in store.home.rglob("*") if path.is_file()}
    # Without root the provider says what is missing; it must have left nothing behind, either.
    with suppress(Trouble):
        await console.planned("lab")
    assert {path for path in store.home.rglob("*") if path.is_file()} == files


def test_a_file_that_is_no_text_is_a_wrong_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path / "home"))
    (tmp_path / "lab.yaml").write_bytes(b"environment: \xff\n")
    ended = CliRunner().invoke(main, ["apply", str(tmp_path / "lab.yaml")])
    assert ended.exit_code == 3
    assert "no UTF-8" in ended.output


async def test_what_was_done_to_environments_is_in_the_journal_after_they_are_gone(store: Store) -> None:
    console = deployed(store)
    lock = acquire(store, "lab")
    with pytest.raises(Refusal, match="a run by"):
        await console.abandon("lab")
    lock.release()
    await console.abandon("lab")
    done, refused = await console.live.journal(JournalQuery(environment="lab"))
    assert (done.action, done.result, done.command) == ("abandon", "succeeded", "gondolier abandon lab")
    assert refused.result == "failed"
    assert "a run by" in refused.error


async def test_nothing_is_done_to_a_read_only_environment(store: Store) -> None:
    console = deployed(store)
    await console.live.set_read_only("lab", True)
    for work in (console.deploy("lab"), console.act("lab", "web", "scale-pod-up"), console.abandon("lab")):
        with pytest.raises(Refusal, match="read-only"):
            await work
    await console.live.set_read_only("lab", False)
    assert "forgotten" in await console.abandon("lab")


async def test_deployed_clusters_are_known_and_refused_until_they_can_be_reached(store: Store) -> None:
    console = deployed(store)
    assert [str(ref) for ref in await console.live.clusters()] == ["lab/alpha"]
    with pytest.raises(Trouble):
        await console.live.namespaces((await console.live.clusters())[0])
    with pytest.raises(Trouble, match="has no address yet"):
        await console.live.ssh((await console.live.clusters())[0], "kube-1")
    await console.live.close()
