"""Documents with mistakes: line, field and sentence of each, all at once, and never a secret among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.document import DocumentError, Problem, dump, parse
from tests.unit.model.samples import EXAMPLE


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        parse(text, "lab.yaml")
    return caught.value.problems


def only(text: str) -> Problem:
    (problem,) = problems_of(text)
    return problem


SITE = '{name: site, image: "nginx:1.29", ports: [{port: 80, scope: public}]}'
NETWORK = "network: calico"

# What is replaced in the example, by what, and the one problem's line, field and pieces of found and allowed.
CHANGES: list[tuple[str, str, int, str, str, str]] = [
    ("environment: lab", "environment: Lab_1", 1, "environment", '"Lab_1"', "lower-case letters"),
    ("kind: nspawn", "kind: nspwn", 2, "provider.kind", '"nspwn"', "did you mean `nspawn`?"),
    ("{kind: nspawn}", "{}", 2, "provider.kind", "nothing", "nspawn, inventory, simulated, openstack"),
    ("{kind: nspawn}", "nspawn", 2, "provider", '"nspawn"', "a mapping whose kind is"),
    ("{kind: nspawn}", "{kind: nspawn, subnet: 10.77.0.5/24}", 2, "provider.subnet", "10.77.0.5/24", "10.77.0.0/24"),
    ("{kind: nspawn}", "{kind: nspawn, subnet: 8.8.8.0/24}", 2, "provider.subnet", "8.8.8.0/24", "private"),
    ("{kind: nspawn}", "{kind: nspawn, subnet: 10.77.0.0/26}", 2, "provider.subnet", "10.77.0.0/26", "/24"),
    ("{kind: nspawn}", "{kind: nspawn, image: root.tar}", 2, "provider.image", '"root.tar"', "an absolute path"),
    ("{kind: nspawn}", "{kind: nspawn, cpus: 0}", 2, "provider.cpus", "0", "0.1 to 1024"),
    ("{kind: nspawn}", "{kind: nspawn, memory: lots}", 2, "provider.memory", '"lots"', "as 2G"),
    ("{kind: nspawn}", "{kind: nspawn, bridge: a-name-that-is-long}", 2, "provider.bridge", "a-name", "15"),
    ("{kind: nspawn}", "{kind: inventory, machines: []}", 2, "provider.machines", "a list", "at least one item"),
    ("{kind: nspawn}", "{kind: openstack}", 2, "provider.cloud", "nothing", "clouds.yaml"),
    ("kind: KubernetesCluster", "kind: KubernetesClutser", 4, "components[0].kind", "Clutser", "`KubernetesCluster`?"),
    ("name: alpha", "name: alpha_1", 5, "components[0].name", '"alpha_1"', "lower-case letters, digits and dashes"),
    ('version: "1.36"', "version: 1.36", 6, "components[0].version", "1.36", 'in quotes: "1.36"'),
    ('version: "1.36"', 'version: "1.30"', 6, "components[0].version", '"1.30"', '"1.35", "1.36", "1.37"'),
    ('version: "1.36"', 'version: "1.36.2"', 6, "components[0].version", '"1.36.2"', "minor version only"),
    ('    version: "1.36"\n', "", 4, "components[0].version", "nothing", '"1.36"'),
    ("workers: {count: 2", "wokers: {count: 2", 7, "components[0].wokers", "unknown field", "did you mean `workers`?"),
    ("count: 2, max: 5", "count: 0, max: 5", 7, "components[0].workers.count", "0", "at least 1"),
    ("count: 2, max: 5", "count: two, max: 5", 7, "components[0].workers.count", '"two"', "whole number"),
    ("count: 2, max: 5", 'count: "2", max: 5', 7, "components[0].workers.count", '"2"', "whole number"),
    ("count: 2, max: 5", "count: true, max: 5", 7, "components[0].workers.count", "true", "whole number"),
    ("count: 2, max: 5", "count: 2.5, max: 5", 7, "components[0].workers.count", "2.5", "whole number"),
    ("count: 2, max: 5", "count: 9, max: 5", 7, "components[0].workers.count", "9", "at most 5, which is workers.max"),
    ("count: 1, max: 2", "count: 1, max: 0", 8, "components[0].gateways.max", "0", "from 1"),
    ("count: 1, max: 2", "count: 3, max: 2", 8, "components[0].gateways.count", "3", "gateways.max"),
    (NETWORK, "network: weave", 9, "components[0].network", '"weave"', "calico, flannel"),
    (NETWORK, "dns: yes", 9, "components[0].dns", '"yes"', "true or false"),
    (NETWORK, "dashboard: true", 9, "components[0].dashboard", "true", "retired upstream"),
    (NETWORK, "runtime: docker", 9, "components[0].runtime", '"docker"', "containerd"),
    (NETWORK, "etcd: {voters: 3}", 9, "components[0].etcd.voters", "3", "auto, all"),
    (NETWORK, "node_pattern: kube", 9, "components[0].node_pattern", '"kube"', "`#`"),
    (NETWORK, "node_pattern: kube_#", 9, "components[0].node_pattern", '"kube_#"', "dashes"),
    (NETWORK, f"node_pattern: {'k' * 62}#", 9, "components[0].node_pattern", "kkk", "63 characters"),
    (NETWORK, "gateway_pattern: kube-1#", 9, "components[0].gateway_pattern", "kube-11", "node_pattern"),
    (NETWORK, "pod_cidr: 10.32.0.0/16", 9, "components[0].pod_cidr", "overlaps the services'", "apart"),
    (NETWORK, "pod_cidr: 10.77.0.0/16", 9, "components[0].pod_cidr", "overlaps", "apart from provider.subnet"),
    (NETWORK, "pod_cidr: 10.99.0.0/24", 9, "components[0].pod_cidr", "room for 4", "each of the 8 machines"),
    (NETWORK, "pod_cidr: 10.99.0.0", 9, "components[0].pod_cidr", "10.99.0.0", "prefix length"),
    (NETWORK, "service_cidr: 10.32.0.0/29", 9, "components[0].service_cidr", "10.32.0.0/29", "8 addresses"),
    (NETWORK, "registry: {host: https://x.org}", 9, "components[0].registry.host", "x.org", "without `https://`"),
    (NETWORK, "registry: {mirror: mirror:5000}", 9, "components[0].registry.mirror", "mirror:5000", "`https://`"),
    ("cluster: alpha", "cluster: alhpa", 12, "components[1].cluster", '"alhpa"', "did you mean `alpha`?"),
    ("name: web", "name: alpha", 11, "components[1].name", '"alpha" again', "once"),
    ("name: web", f"name: {'w' * 64}", 11, "components[1].name", "www…", "63"),
    ("replicas: 2", "replicas: -1", 13, "components[1].replicas", "-1", "from 0"),
    ("replicas: 2", "workload: Pod", 13, "components[1].workload", "Pod with 2 replicas", "replicas: 0"),
    ("replicas: 2", "labels: {tier: 1}", 13, "components[1].labels.tier", "1", 'in quotes: "1"'),
    ("replicas: 2", "labels: {a/b/c: x}", 13, "components[1].labels", "`a/b/c`", "prefix"),
    ("replicas: 2", "labels: {gondolier.io/pod: x}", 13, "components[1].labels", "`gondolier.io/pod`", "set for you"),
    ("replicas: 2", "labels: {id: x}", 13, "components[1].labels", "`id`", "set for you"),
    ("replicas: 2", "labels: [tier]", 13, "components[1].labels", "a list", "a mapping"),
    ("port: 80", "port: 0", 15, "components[1].applications[0].ports[0].port", "0", "1 to 65535"),
    ("port: 80", "port: http", 15, "components[1].applications[0].ports[0].port", '"http"', "1 to 65535"),
    ("public", "private", 15, "components[1].applications[0].ports[0].scope", '"private"', "host, internal, cloud"),
    ("public", "public, protocol: tcp", 15, "components[1].applications[0].ports[0].protocol", '"tcp"', "TCP, UDP"),
    ("nginx:1.29", "Nginx:1.29", 15, "components[1].applications[0].image", "Nginx", "lower case"),
    ("nginx:1.29", "https://x.org/nginx", 15, "components[1].applications[0].image", "x.org", "without `https://`"),
    ('image: "nginx:1.29", ', "", 15, "components[1].applications[0].image", "nothing", "an image reference"),
    ("name: site", "name: my site", 15, "components[1].applications[0].name", '"my site"', "lower-case"),
    (SITE, f"{SITE}\n      - {SITE.replace('site', 'b')}", 16, "components[1].applications[1].ports[0].port",
     "port 80/TCP in pod web, where application site has it", "once in a pod"),
    (SITE, f"{SITE}\n      - {SITE.replace('80', '81')}", 16, "components[1].applications[1].name", '"site" again', ""),
    (SITE, "{name: a, image: a, command: run}", 15, "components[1].applications[0].command", '"run"', "list of texts"),
    (SITE, "{name: a, image: a, command: [sleep, 5]}", 15, "components[1].applications[0].command[1]", "5", '"5"'),
    (SITE, "{name: a, image: a, volumes: {/d: {kind: tmp}}}", 15, "components[1].applications[0].volumes./d.kind",
     '"tmp"', "temporary, host-path, claim"),
    (SITE, "{name: a, image: a, volumes: {d: {kind: temporary}}}", 15, "components[1].applications[0].volumes",
     "`d`", "absolute path"),
    (SITE, "{name: a, image: a, volumes: {/d: {kind: host-path, path: x/../y}}}", 15,
     "components[1].applications[0].volumes./d.path", "x/../y", "without `..`"),
    (SITE, "{name: a, image: a, probe: {kind: http}}", 15, "components[1].applications[0].probe.port",
     "nothing", "65535"),
    ("    replicas: 2\n", "    replicas: 2\n    replicas: 3\n", 14, "components[1].replicas", "line 13", "once"),
    ("replicas: 2", "replicas: !!python/name:os.system 2", 13, "components[1].replicas", "a tag", "without tags"),
    ("replicas: 2", "replicas: !env REPLICAS", 13, "components[1].replicas", "a tag", "without tags"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[3]}: {change[4]}")
def test_a_mistake_is_told_with_its_line_its_field_and_what_is_allowed(
    change: tuple[str, str, int, str, str, str],
) -> None:
    old, new, line, field, found, allowed = change
    assert old in EXAMPLE

    problem = only(EXAMPLE.replace(old, new, 1))

    assert (problem.file, problem.line, problem.field) == ("lab.yaml", line, field)
    assert found in problem.found
    assert allowed in problem.allowed


# Texts that cannot be read at all, and the one problem's line and pieces of found and allowed.
UNREADABLE: list[tuple[str, int, str, str]] = [
    ("", 1, "an empty document", "environment"),
    ("# only a comment\n", 1, "an empty document", "environment"),
    ("---\n", 2, "nothing", "a mapping"),
    ("just words", 1, '"just words"', "a mapping"),
    ("- a\n- b\n", 1, "a list", "a mapping"),
    ("environment: lab\n\tprovider: x\n", 2, "a tab", "blanks"),
    ("environment: lab\nprovider:\n\t kind: x\n", 3, "a tab", "blanks"),
    ("environment: lab\nprovider: {kind: nspawn\n", 3, "not closed", "closed by"),
    ('environment: "lab\n', 2, "quotes that are not closed", "both its ends"),
    ("environment: lab\n  provider: x\n", 2, "a `:` where no field can begin", "indented"),
    ("environment: lab\nprovider\n", 3, "no `field: value`", "colon"),
    ("environment: *nowhere\n", 1, "an alias", "anchor"),
    ("environment: @lab\n", 1, "no plain text begins with", "in quotes"),
    ("environment: - lab\n", 1, "no list can begin", "lines of their own"),
    ("environment: [,]\n", 1, "where a value belongs", "in quotes"),
    ("environment: a\n---\nenvironment: b\n", 2, "a second document", "one document"),
    ("environment: lab\nprovider: \x07\n", 2, "U+0007", "printed"),
    ("a: &a [*a]\n", 1, "leads into itself", "levels"),
    ("a: " + "[" * 50_000, 1, "nested more than 24 deep", "24 levels"),
    ("a: " + "{b: " * 5_000, 1, "nested more than 24 deep", "24 levels"),
    ("a: " + "x" * 300_000, 1, "300003 characters", "262144"),
    ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
     for old, new in zip("abcdefg", "bcdefgh", strict=True)), 1, "more than 20000 values", "20000"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "found", "allowed"), UNREADABLE)
def test_what_cannot_be_read_is_refused_with_a_sentence(text: str, line: int, found: str, allowed: str) -> None:
    problem = only(text)

    assert found in problem.found
    assert allowed in problem.allowed
    assert problem.line == line or "values" in found


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = (
        EXAMPLE.replace("kind: nspawn", "kind: cloud")
        .replace('"1.36"', "1.36")
        .replace("count: 1, max: 2", "count: 3, max: 2")
        .replace("cluster: alpha", "cluster: beta")
        .replace("nginx:1.29", "nginx 1.29")
        .replace("scope: public}", "scope: public}, {port: 80}, {port: 99999}")
    )

    assert [(problem.line, problem.field.rpartition(".")[2]) for problem in problems_of(text)] == [
        (2, "kind"),
        (6, "version"),
        (8, "count"),
        (12, "cluster"),
        (15, "image"),
        (15, "port"),
        (15, "port"),
    ]


def test_a_wrong_value_does_not_make_others_look_wrong() -> None:
    text = EXAMPLE.replace("count: 1, max: 2", "count: 4, max: many").replace("name: alpha", "name: Alpha")

    assert [problem.field for problem in problems_of(text)] == ["components[0].name", "components[0].gateways.max"]


def test_a_message_names_file_line_field_found_and_allowed() -> None:
    with pytest.raises(DocumentError) as caught:
        parse(EXAMPLE.replace("count: 2, max: 5", "count: 9, max: 5"), "lab.yaml")

    assert str(caught.value) == (
        "lab.yaml:7: components[0].workers.count: found 9; allowed: at most 5, which is workers.max"
    )


SECRET = "hunter2"
LEAKS = [
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {SECRET}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {{{SECRET}}}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {{{SECRET}: x}}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {{text: {SECRET}}}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {{file: {SECRET}}}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: [{SECRET}]}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: {{{SECRET}: 1, {SECRET}: 2}}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: !!int {SECRET}}}}}",
    f"registry: {{credentials: {{server: gcr.io, username: me, password: *{SECRET}}}}}",
    f"registry: {{credentials: {SECRET}}}",
    f"registry: {{mirror: 'https://me:{SECRET}@mirror.example.org'}}",
    f"registry: {{host: 'me:{SECRET}@mirror.example.org'}}",
    f"env: {SECRET}",
]


@pytest.mark.parametrize("written", LEAKS)
def test_a_secret_written_in_a_document_is_refused_and_never_repeated(written: str) -> None:
    problems = problems_of(EXAMPLE.replace(NETWORK, written))

    assert problems
    assert SECRET not in "\n".join(map(repr, problems))


@pytest.mark.parametrize("written", ["env: {PASSWORD: 4711}", 'env: {"PASSWORD=4711": x}', "env: [PASSWORD=4711]"])
def test_a_value_of_the_environment_is_never_repeated(written: str) -> None:
    problem = only(EXAMPLE.replace("name: site", f"name: site, {written}"))

    assert "4711" not in repr(problem)


def test_a_private_key_in_the_place_of_a_host_key_is_not_repeated() -> None:
    inventory = "{kind: inventory, machines: [{address: a, key_file: /k, host_key: BEGIN PRIVATE KEY abc}]}"
    problem = only(EXAMPLE.replace("{kind: nspawn}", inventory))

    assert problem.field == "provider.machines[0].host_key"
    assert "abc" not in repr(problem)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 12), st.text(max_size=8))
def test_whatever_is_written_there_are_problems_or_an_environment(start: int, length: int, written: str) -> None:
    text = EXAMPLE[:start] + written + EXAMPLE[start + length :]

    try:
        environment = parse(text)
    except DocumentError as error:
        assert error.problems
        assert all(one.line >= 1 and one.field and one.found and one.allowed for one in error.problems)
    else:
        assert parse(dump(environment)) == environment


def test_a_tag_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    problems_of(EXAMPLE.replace("replicas: 2", 'replicas: !!python/object/apply:builtins.print ["ran"]'))

    assert capsys.readouterr().out == ""
