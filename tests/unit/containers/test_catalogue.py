"""Documents with applications of the catalogue: filled in, and every mistake named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.containers.catalogue import filled_in, library, mistakes_of
from core.containers.catalogue.library import Library
from core.model.document import DocumentError, dump, parse
from core.model.environment import Environment
from core.model.scope import Scope
from core.model.value import GeneratedValue, SecretValue

DOCUMENT = """\
environment: lab
provider: {{kind: nspawn}}
components:
  - {{kind: KubernetesCluster, name: alpha, version: "1.36"}}
  - kind: KubernetesPod
    name: data
    cluster: alpha
    replicas: 1
    applications:
      - {application}
"""


def document(application: str) -> Environment:
    return parse(DOCUMENT.format(application=application), "lab.yaml", further=mistakes_of)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration directory of the test's own."""
    monkeypatch.setenv("GONDOLIER_CONFIG", str(tmp_path / "config.toml"))
    library.cache_clear()
    yield tmp_path / "catalogue"
    library.cache_clear()


def filled(application: str) -> Any:
    (pod,) = filled_in(document(application)).pods()
    return pod.applications[0]


def test_an_entry_fills_in_what_the_document_leaves_out() -> None:
    found = filled("{name: db, catalogue: redis, parameters: {scope: cloud}}")
    assert found.image == library().entries["redis"].image
    assert found.ports[0].scope is Scope.CLOUD
    assert isinstance(found.env["REDIS_PASSWORD"], GeneratedValue)


def test_what_the_document_says_wins() -> None:
    said = 'image: "redis:7.4", env: {A: "1"}, volumes: {/data: {kind: temporary}}'
    found = filled(f"{{name: db, catalogue: redis, {said}}}")
    assert found.image == "redis:7.4"
    assert found.env.keys() == {"A", "REDIS_PASSWORD"}
    assert found.volumes["/data"].kind == "temporary"


def test_a_secret_may_be_ones_own() -> None:
    found = filled("{name: db, catalogue: redis, parameters: {password: {file: /etc/redis.secret}}}")
    assert found.env["REDIS_PASSWORD"] == SecretValue(file="/etc/redis.secret")


@pytest.mark.parametrize(
    ("application", "said"),
    [
        ("{name: db, catalogue: rediss}", 'catalogue: found "rediss"; .*did you mean `redis`?'),
        ("{name: db, catalogue: redis, parameters: {scop: cloud}}", "unknown parameter `scop`.*did you mean `scope`?"),
        ("{name: db, catalogue: redis, parameters: {scope: near}}", 'scope: found "near"; allowed: one of internal'),
        ("{name: db, catalogue: redis, parameters: {password: hunter2}}", r"password: found a value \(not shown\)"),
        ("{name: db}", "image: found nothing; allowed: an image reference, as nginx:1.29, or an entry in `catalogue`"),
        ("{name: db, image: redis, parameters: {a: 1}}", "no parameters, or an entry in `catalogue`"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(application: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document(application)
    (problem,) = caught.value.problems
    assert re.search(said.replace("?", r"\?"), str(problem))
    assert problem.field.startswith("components[1].applications[0].")
    assert str(problem).startswith("lab.yaml:10: ")
    assert "hunter2" not in str(problem)


def test_a_persons_own_entry_comes_beside_and_before_the_others(own: Path) -> None:
    own.mkdir()
    own.joinpath("mine.yaml").write_text(
        "{id: mine, title: Mine, category: Own, tags: [own], description: Mine, licence: MIT, image: 'mine:1',"
        " application: {ports: [{port: 80}]}}"
    )
    own.joinpath("broken.yaml").write_text("{id: broken, title: Broken")
    own.joinpath("wrong.yaml").write_text("{id: wrong, title: Wrong}")
    assert filled("{name: a, catalogue: mine}").image == "mine:1"
    assert {Path(trouble.split(":")[0]).name for trouble in library().troubles} == {"broken.yaml", "wrong.yaml"}


def test_what_is_no_entry_harms_no_other() -> None:
    found = Library()
    found.add("here", ["not", "an", "entry"])
    assert found.entries == {}
    assert len(found.troubles) == 1


def test_the_document_keeps_its_own_words() -> None:
    assert "catalogue: redis" in dump(document("{name: db, catalogue: redis}"))
