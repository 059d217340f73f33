"""Documents that are right: what they become, and that they survive being written and read."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from core.model.cluster import KubernetesCluster
from core.model.document import dump, parse
from core.model.environment import Environment
from core.model.plain import to_yaml
from core.model.provider import Inventory, Nspawn
from core.model.scope import Protocol, Scope
from tests.unit.model.samples import EXAMPLE, HOST_KEY, example
from tests.unit.model.strategies import Data, environments


def test_the_issues_example_is_read_with_the_originals_defaults() -> None:
    environment = example()
    (cluster,), (pod,) = environment.clusters(), environment.pods("alpha")
    (application,) = pod.applications
    (port,) = application.ports

    assert environment.name == "lab"
    assert environment.provider == Nspawn(subnet="10.77.0.0/24")
    assert (cluster.workers.count, cluster.workers.max, cluster.gateways.count, cluster.gateways.max) == (2, 5, 1, 2)
    assert (cluster.pod_cidr, cluster.service_cidr, cluster.dns_domain) == (
        "192.168.0.0/16",
        "10.32.0.0/24",
        "cluster.local",
    )
    assert (port.port, port.scope, port.protocol) == (80, Scope.PUBLIC, Protocol.TCP)
    assert pod.effective_workload == "Deployment"


def test_flannel_brings_its_own_pod_range() -> None:
    environment = parse(EXAMPLE.replace("network: calico", "network: flannel"))

    assert environment.clusters()[0].pod_cidr == "10.200.0.0/16"


def test_a_count_above_the_usual_maximum_raises_a_maximum_that_is_not_given() -> None:
    environment = parse(EXAMPLE.replace("workers: {count: 2, max: 5}", "workers: {count: 7}"))

    assert environment.clusters()[0].workers.max == 7


def test_a_port_is_internal_unless_it_says_otherwise() -> None:
    environment = parse(EXAMPLE.replace("{port: 80, scope: public}", "{port: 80}"))

    assert environment.pods()[0].applications[0].ports[0].scope is Scope.INTERNAL


def test_a_pod_without_replicas_is_a_bare_pod() -> None:
    environment = parse(EXAMPLE.replace("replicas: 2", "replicas: 0"))

    assert environment.pods()[0].effective_workload == "Pod"


def test_texts_that_other_readers_take_for_something_else_stay_texts() -> None:
    odd = 'env: {A: no, B: 22:22, C: 2026-01-01, D: 1_000, E: "0755", F: a=b=c, G: 0755}'
    environment = parse(EXAMPLE.replace('image: "nginx:1.29"', f'image: "nginx:1.29", {odd}'))

    assert environment.pods()[0].applications[0].env == {
        "A": "no",
        "B": "22:22",
        "C": "2026-01-01",
        "D": "1_000",
        "E": "0755",
        "F": "a=b=c",
        "G": "0755",
    }


def test_an_inventory_machine_keeps_its_pinned_key_without_the_comment_being_taken_for_it() -> None:
    environment = parse(
        "environment: lab\nprovider:\n  kind: inventory\n  machines:\n"
        f"    - {{address: 10.0.0.5, key_file: ~/.ssh/id_ed25519, host_key: {HOST_KEY} root@five}}\n"
    )
    assert isinstance(environment.provider, Inventory)
    (machine,) = environment.provider.machines

    assert machine.host_key.startswith(HOST_KEY)
    assert (machine.port, machine.user, machine.label, machine.roles) == (22, "root", "10.0.0.5", ())


def test_an_anchor_may_be_used_again() -> None:
    environment = parse(
        "environment: lab\nprovider: {kind: simulated}\ncomponents:\n"
        '  - {kind: KubernetesCluster, name: a, version: "1.36", instance: &big {flavor: big}}\n'
        "  - {kind: DockerStandaloneHost, name: b, instance: *big}\n"
    )

    assert environment.hosts()[0].instance.flavor == "big"


def test_an_environment_may_be_empty() -> None:
    assert parse("environment: lab\nprovider: {kind: simulated}\n").components == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(environments())
def test_what_is_dumped_parses_to_an_equal_environment(data: Data) -> None:
    environment = Environment.model_validate(data)

    written = dump(environment)

    assert parse(written) == environment
    assert dump(parse(written)) == written


def test_a_dump_says_the_counts_that_scaling_changes_and_leaves_other_defaults_out() -> None:
    cluster = KubernetesCluster(name="alpha", version="1.36")
    written = dump(Environment(environment="lab", provider=Nspawn(), components=(cluster,)))

    assert "workers: {count: 2, max: 3}" in written
    assert "dns" not in written


def test_a_reference_to_a_secret_is_kept_and_never_followed() -> None:
    registry = "registry: {credentials: {server: gcr.io, username: me, password: {file: /does/not/exist}}}"
    environment = parse(EXAMPLE.replace("network: calico", registry))

    assert "password: {file: /does/not/exist}" in dump(environment)


def test_the_model_imports_nothing_heavy() -> None:
    names = "asyncssh, openstack, kubernetes_asyncio, aiodocker, textual, sqlite3, hypothesis"
    program = (
        "import sys, core.model.document, core.model.counts, core.model.allocation, core.model.endpoint\n"
        f"print(sorted(set('{names}'.split(', ')) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("text", ["\x85", "a\x85b", "\u2028", " \u2029"])
def test_texts_with_rare_line_breaks_come_back_as_they_were(text: str) -> None:
    assert yaml.safe_load(to_yaml({"command": [text]})) == {"command": [text]}
