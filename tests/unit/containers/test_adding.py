"""Entries of the catalogue come into documents, with what they need."""

from __future__ import annotations

from typing import Any

import pytest

from core.containers.catalogue import entries, filled_in, library, mistakes_of
from core.deployment.adding import entry_of, only_cluster, typed, with_entry
from core.engine.errors import Refusal
from core.model.composition import Order
from core.model.connections import required_units
from core.model.document import DocumentError, parse
from core.model.environment import Environment
from core.model.secret import SecretReference

ORIGINAL = (
    "container crate elasticsearch glassfish grafana guestbook httpd httpd-site influxdb jboss jenkins mariadb mongodb"
    " mysql nginx nginx-site orion postgresql redis tomcat"
)
CHOSEN: dict[str, dict[str, Any]] = {
    "container": {"image": "nginx:1.29"},
    "httpd-site": {"url": "https://git.example.org/site.git"},
    "nginx-site": {"url": "https://git.example.org/site.git"},
}
TEXT = """\
environment: lab  # mine
provider: {kind: nspawn}
components:
  # the cluster
  - {kind: KubernetesCluster, name: alpha, version: "1.36"}
  - kind: DockerStandaloneHost
    name: box
"""


def added(entry: str, name: str = "", text: str = TEXT, **order: Any) -> tuple[str, Environment]:
    where: dict[str, Any] = {"cluster": "alpha"} if "host" not in order else {}
    parameters = CHOSEN.get(entry, {}) | order.pop("parameters", {})
    wanted = Order(entry_of(entry), name or entry, parameters=parameters, **where, **order)
    found = with_entry(text, parse(text), wanted)
    return found, parse(found, further=mistakes_of)


def test_the_originals_twenty_are_there_and_nothing_is_wrong_with_any() -> None:
    assert library().troubles == []
    assert sorted(one.id for one in entries()) == sorted(ORIGINAL.split())


@pytest.mark.parametrize("entry", sorted(library().entries))
def test_every_image_is_pinned_by_tag(entry: str) -> None:
    image = library().entries[entry].image
    assert not image or ":" in image.rpartition("/")[2]


@pytest.mark.parametrize("entry", ORIGINAL.split())
def test_every_entry_makes_a_sound_document(entry: str) -> None:
    _, environment = added(entry)
    for pod in filled_in(environment).pods():
        assert pod.applications[0].image
        assert pod.applications[0].ports or entry == "container"


@pytest.mark.parametrize("entry", [each for each in ORIGINAL.split() if each != "guestbook"])
def test_every_entry_of_one_application_goes_on_a_docker_host(entry: str) -> None:
    _, environment = added(entry, host="box")
    (host,) = filled_in(environment).hosts()
    assert entry in [one.name for one in host.applications]


def test_no_entry_writes_a_credential_out() -> None:
    for entry in library().entries.values():
        for name, value in entry.application.get("env", {}).items():
            secret = any(word in name for word in ("PASS", "TOKEN"))
            assert not secret or not isinstance(value, str) or value == "${password}", f"{entry.id}: {name}"


def test_what_an_entry_needs_comes_with_it_and_before_it() -> None:
    _, environment = added("grafana")
    assert [pod.name for pod in environment.pods()] == ["grafana-influxdb", "grafana"]
    assert required_units(filled_in(environment))["grafana", ""] == {("grafana-influxdb", "")}


def test_what_is_there_already_is_taken() -> None:
    text, _ = added("influxdb", "metrics")
    _, environment = added("grafana", text=text, parameters={"influxdb": "metrics/metrics"})
    assert [pod.name for pod in environment.pods()] == ["metrics", "grafana"]


def test_guestbook_is_three_pods_and_may_be_there_twice() -> None:
    text, environment = added("guestbook", "one")
    assert {pod.name: pod.replicas for pod in environment.pods()} == {
        "one-redis-master": 1,
        "one-redis-slave": 2,
        "one-frontend": 3,
    }
    _, environment = added("guestbook", "two", text)
    assert len(environment.pods()) == 6


def test_the_documents_own_words_stay() -> None:
    text, _ = added("nginx")
    assert text.startswith(TEXT)


def test_a_document_written_in_another_way_is_written_anew() -> None:
    text = "{environment: lab, provider: {kind: nspawn}, components: []}"
    host = '{kind: KubernetesCluster, name: alpha, version: "1.36"}'
    _, environment = added("nginx", text=text.replace("[]", f"[{host}]"))
    assert [part.name for part in environment.components] == ["alpha", "nginx"]


def test_what_cannot_be_added_is_said() -> None:
    with pytest.raises(Refusal, match="guestbook is 3 pods, which need a cluster"):
        added("guestbook", host="box")
    with pytest.raises(Refusal, match="there is no Docker host bax"):
        added("nginx", host="bax")
    with pytest.raises(Refusal, match="the catalogue has no entry nope"):
        entry_of("nope")
    with pytest.raises(DocumentError, match="url"):
        added("httpd-site", parameters={"url": "not a url"})
    text, _ = added("nginx")
    with pytest.raises(DocumentError, match="each component name once"):
        added("nginx", text=text)
    with pytest.raises(Refusal, match="it has no cluster"):
        only_cluster(parse("{environment: lab, provider: {kind: nspawn}}"))


def test_parameters_are_typed_as_the_entry_wants_them() -> None:
    redis = entry_of("redis")
    assert typed(redis, "password", "env:REDIS") == {"env": "REDIS"}
    assert SecretReference.model_validate(typed(redis, "password", "file:/etc/redis"))
    assert typed(redis, "storage", "2Gi") == "2Gi"
    with pytest.raises(Refusal, match="redis has no parameter storrage"):
        typed(redis, "storrage", "2Gi")


def test_entries_are_found_by_category_tag_and_words() -> None:
    assert {one.id for one in entries(category="web")} == {"guestbook", "httpd", "httpd-site", "nginx", "nginx-site"}
    assert {one.id for one in entries(tag="fiware")} == {"orion"}
    assert {one.id for one in entries(text="SQL machine data")} == {"crate"}
