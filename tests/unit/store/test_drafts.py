"""Drafts and the environments they are for: the first to deploy wins."""

from __future__ import annotations

import pytest

from core.store import Store
from core.store.errors import Refusal


def test_an_environment_without_draft_is_new_and_with_one_pending(store: Store) -> None:
    assert store.environments.create("lab").status == "new"
    store.drafts.save("lab", "one", "ann")
    record = store.environments.require("lab")
    assert (record.status, record.draft, record.document, record.version) == ("pending", True, None, 0)


def test_saving_makes_the_environment(store: Store) -> None:
    draft = store.drafts.save("lab", "one", "ann")
    assert (draft.environment, draft.base, draft.author, draft.document) == ("lab", 0, "ann", "one")


def test_saving_again_replaces_only_the_authors_own_draft(store: Store) -> None:
    store.drafts.save("lab", "bob's", "bob")
    old = store.drafts.save("lab", "one", "ann")
    new = store.drafts.save("lab", "two", "ann")
    assert {draft.document for draft in store.drafts.list("lab")} == {"bob's", "two"}
    assert store.drafts.of("lab", "ann") == new
    with pytest.raises(Refusal, match="replaced, deployed or discarded"):
        store.drafts.require(old.id)


def test_a_draft_equal_to_what_is_deployed_leaves_the_environment_ready(store: Store) -> None:
    store.environments.create("lab")
    store.deployments.end(store.deployments.begin("lab", "deploy", "one", "ann").id, "succeeded")
    store.drafts.save("lab", "one", "ann")
    assert store.environments.require("lab").status == "ready"
    store.drafts.save("lab", "two", "ann")
    assert store.environments.require("lab").status == "pending"


def test_the_first_to_deploy_wins_and_the_stale_draft_is_refused_with_both_versions(store: Store) -> None:
    first, second = store.drafts.save("lab", "one", "ann"), store.drafts.save("lab", "two", "bob")
    store.deployments.end(store.deployments.begin("lab", "deploy", "one", "ann", draft=first).id, "succeeded")
    with pytest.raises(Refusal, match=r"lab: .*from version 0, .*at version 1"):
        store.deployments.begin("lab", "deploy", "two", "bob", draft=second)
    record = store.environments.require("lab")
    assert (record.document, record.version, record.status) == ("one", 1, "pending")
    assert len(store.deployments.list("lab")) == 1


def test_a_draft_is_deployed_once(store: Store) -> None:
    draft = store.drafts.save("lab", "one", "ann")
    store.deployments.end(store.deployments.begin("lab", "deploy", "one", "ann", draft=draft).id, "succeeded")
    assert store.drafts.list("lab") == []


def test_a_document_made_from_an_older_version_is_refused_without_a_draft_too(store: Store) -> None:
    store.environments.create("lab")
    store.deployments.end(store.deployments.begin("lab", "deploy", "one", "ann").id, "succeeded")
    with pytest.raises(Refusal, match="from version 0"):
        store.deployments.begin("lab", "scale-workers-up", "two", "bob", base=0)


def test_a_name_is_used_once_and_an_unknown_one_is_refused(store: Store) -> None:
    store.environments.create("lab")
    with pytest.raises(Refusal, match="called lab already"):
        store.environments.create("lab")
    with pytest.raises(Refusal, match="no environment called other"):
        store.environments.require("other")


def test_a_discarded_draft_is_gone_and_discarding_again_is_no_trouble(store: Store) -> None:
    draft = store.drafts.save("lab", "one", "ann")
    store.drafts.discard(draft.id)
    store.drafts.discard(draft.id)
    assert store.environments.require("lab").status == "new"
