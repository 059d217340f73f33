"""An environment of simulated Docker hosts: one fails and the others do not, what is refused, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.console.records import NotFound
from core.containers.standalone.readiness import ReadyStep
from core.containers.standalone.site import HostSite
from core.model.container import Application
from core.model.document import DocumentError
from core.simulator.client import Client
from tests.simulator.applications.conftest import Applications
from tests.simulator.applications.documents import CLUSTER, Part, application, document, host, pod, port, to

ONE = application("one", port(8080))
DOCUMENT = document(host(ONE))


def other(*applications: Part) -> Part:
    return host(*applications) | {"name": "bax"}


async def test_at_23_where_one_fails_the_others_finish_and_a_retry_goes_on_from_there(lab: Applications) -> None:
    two, three = application("two", port(8081)), application("three", port(8082))
    absent = application("bad", port(8083), image="example.org/no-such-image:1")
    outcome = await lab.deploy(document(host(ONE, absent, two), other(three)))
    assert not outcome.good
    assert "pulling example.org/no-such-image:1" in outcome.message
    assert (await lab.console.status("lab")).status == "deploy failure"
    for component, name in (("box", "one"), ("box", "two"), ("bax", "three")):
        assert await lab.places(component, name), f"{name} has finished"
    assert {each["component"] for each in await lab.plan()} == {"box"}

    kept = {name: (await lab.container(name))["Id"] for name in ("one", "two")}
    await lab.deployed_as(document(host(ONE, application("bad", port(8083)), two), other(three)))
    assert (await lab.console.status("lab")).status == "ready"
    assert {name: (await lab.container(name))["Id"] for name in ("one", "two")} == kept


async def test_one_that_never_answers_says_what_it_wrote_but_no_secret(
    lab: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.containers.standalone.steps.ReadyStep", _impatient)
    said = {"kind": "secret", "env": "LAB_WORD"}
    monkeypatch.setenv("LAB_WORD", "open-sesame")
    words = ["sh", "-c", "echo open-sesame is not my password; exit 1"]
    bad = application("bad", image="busybox:1.36", command=words, env={"WORD": said})
    outcome = await lab.deploy(document(host(ONE, bad)))
    assert not outcome.good
    assert "application bad is not ready" in outcome.message
    assert "bad: ••• is not my password" in outcome.message
    assert "open-sesame" not in "\n".join(lab.report.texts)
    await lab.deployed_as(document(host(ONE)))


def _impatient(site: HostSite, declared: Application, _: float) -> ReadyStep:
    return ReadyStep(site, declared, 1.0)


CONNECTED = {"A": to("two", 8081)}
MISTAKES: dict[str, tuple[list[Part], str]] = {
    "a bad image reference": ([host(ONE | {"image": "Nginx:1"})], "lower case"),
    "an unknown scope": ([host(application("one", port(8080, "world")))], "one of host, internal, cloud, public"),
    "a circle": (
        [host(ONE | {"env": CONNECTED}, application("two", port(8081), env={"B": to("one", 8080)}))],
        "a circle of connections",
    ),
    "an unknown entry": ([host({"name": "db", "catalogue": "redsi"})], "did you mean `redis`?"),
    "a missing parameter": ([host({"name": "site", "catalogue": "nginx-site"})], "Repository"),
    "an unknown parameter": (
        [host({"name": "db", "catalogue": "redis", "parameters": {"storrage": "1Gi"}})],
        "did you mean `storage`?",
    ),
    "a secret that is written out": (
        [host({"name": "db", "catalogue": "redis", "parameters": {"password": "hunter2"}})],
        "a value (not shown)",
    ),
    "a host path that is not permitted": (
        [host(ONE | {"volumes": {"/data": {"kind": "host-path", "path": "/etc"}}})],
        "a path below one of `host_paths` in the settings file: /srv",
    ),
    "the dashboard (AT-22)": ([CLUSTER | {"dashboard": True}], "the Kubernetes dashboard was retired upstream"),
    "the same port twice in a pod (AT-9)": (
        [CLUSTER, pod("web", application("one", port(80)), application("two", port(80)))],
        "port 80/TCP in pod web, where application one has it already",
    ),
    "a name that is too long for a label": ([CLUSTER, pod("w" * 64)], "at most 63"),
    "a label that Kubernetes does not take": ([CLUSTER, pod("web", labels={"tier": "x" * 64})], "at most 63"),
    "a label of ours": ([CLUSTER, pod("web", labels={"id": "mine"})], "set for you"),
    "a port that the other one does not have": (
        [host(ONE, application("two", port(8081), env={"A": to("one", 9)}))],
        "8080/TCP",
    ),
    "a port that is not visible from there": (
        [
            CLUSTER,
            pod("web", application("site", port(80, "internal"))),
            host(ONE | {"env": {"A": to("web/site", 80)}}),
        ],
        "a port of scope cloud or wider",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
async def test_a_mistake_is_a_sentence_and_nothing_is_begun(lab: Applications, what: str) -> None:
    parts, sentence = MISTAKES[what]
    with pytest.raises(DocumentError) as caught:
        await lab.console.apply(document(*parts), "lab.yaml")
    text = "\n".join(str(problem) for problem in caught.value.problems)
    assert sentence in text
    assert "hunter2" not in text
    assert lab.console.wanted("lab")[2] is None, "no draft was kept"


async def test_a_secret_that_is_not_there_stops_only_what_wants_it(lab: Applications) -> None:
    secret = {"kind": "secret", "file": "/no/such/file"}
    outcome = await lab.deploy(document(host(ONE, application("two", port(8081), env={"S": secret}))))
    assert not outcome.good
    assert "/no/such/file" in outcome.message
    assert await lab.places("box", "one")
    await lab.deployed_as(document(host(ONE)))


async def test_at_25_abandoning_forgets_and_destroying_takes_everything_away(lab: Applications, home: Path) -> None:
    alone = Applications(home, lab.console.store, "alone")
    assert (await alone.deploy(document(host(), environment="alone"))).good
    assert "its machines stay as they are: box" in await alone.console.abandon("alone")
    assert await machines(lab.client) == {"lab": 1, "alone": 1}
    with pytest.raises(NotFound, match="there is no environment alone"):
        await alone.console.status("alone")

    outcome = await lab.console.destroy_here("lab", lab.report)
    assert outcome.good, outcome.message
    assert await machines(lab.client) == {"alone": 1}
    assert [each.environment for each in await lab.console.environments()] == []
    assert not list((home / "keys").glob("*"))


async def machines(client: Client) -> dict[str, int]:
    """How many machines each environment has."""
    census = await client.census()
    assert census is not None
    return dict(census.machines)
