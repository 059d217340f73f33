"""Documents and drafts as a front end keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.deployment.documents import Documents
from core.engine.errors import Refusal, Trouble
from core.store import Store


@pytest.fixture
def documents(store: Store) -> Documents:
    return Documents(store)


async def drafted(documents: Documents, name: str = "lab") -> str:
    text = await documents.sample(name)
    await documents.save(text)
    return text


def deploy(store: Store, name: str) -> None:
    """Record a deployment of the draft, as a run does."""
    draft = store.drafts.list(name)[0]
    run = store.deployments.begin(name, "deploy", draft.document, "ada", draft=draft)
    store.deployments.end(run.id, "succeeded")


async def test_the_sample_is_a_document(documents: Documents) -> None:
    assert await documents.problems(await documents.sample("lab")) == ()


async def test_a_draft_is_kept_and_dropped_with_an_environment_that_was_never_deployed(documents: Documents) -> None:
    text = await drafted(documents)
    state = await documents.state("lab")
    assert (state.draft, state.deployed, state.text, state.stale) == (text, None, text, False)
    await documents.discard("lab")
    with pytest.raises(Refusal, match="no environment called lab"):
        await documents.state("lab")


async def test_a_draft_is_stale_once_something_else_was_deployed(documents: Documents, store: Store) -> None:
    text = await drafted(documents)
    deploy(store, "lab")
    await documents.save(text.replace("count: 2", "count: 3"), base=0)
    state = await documents.state("lab")
    assert state.stale
    assert (state.base, state.version) == (0, 1)
    await documents.discard("lab")
    assert (await documents.state("lab")).text == text


async def test_a_text_with_mistakes_is_not_kept_and_each_mistake_has_its_line(documents: Documents) -> None:
    text = (await documents.sample("lab")).replace("count: 2", "count: 9")
    problems = await documents.problems(text)
    assert [(problem.line, problem.field) for problem in problems] == [(7, "components[0].workers.count")]
    with pytest.raises(Refusal, match="at most 5"):
        await documents.save(text)
    assert (await documents.state("lab")).draft is None


async def test_a_clone_has_the_same_document_under_its_own_name(documents: Documents) -> None:
    await drafted(documents)
    await documents.clone("lab", "shop")
    assert (await documents.state("shop")).text == await documents.sample("shop")
    with pytest.raises(Refusal, match="called shop already"):
        await documents.clone("lab", "shop")


async def test_only_what_was_never_deployed_is_renamed(documents: Documents, store: Store) -> None:
    await drafted(documents)
    await documents.rename("lab", "shop")
    assert (await documents.state("shop")).draft == await documents.sample("shop")
    deploy(store, "shop")
    with pytest.raises(Refusal, match="its machines carry its name"):
        await documents.rename("shop", "other")


async def test_a_document_goes_to_a_file_and_comes_from_one(documents: Documents, tmp_path: Path) -> None:
    text = await drafted(documents)
    path = await documents.export("lab", tmp_path / "lab.yaml")
    assert await documents.read(path) == text
    with pytest.raises(Trouble, match="exists"):
        await documents.export("lab", path)
    with pytest.raises(Trouble, match="cannot be read"):
        await documents.read(tmp_path / "none.yaml")
