from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

from core.cluster.agent import gondolier_gateway
from core.cluster.agent.gondolier_gateway import read_settings
from core.cluster.gateway import AGENT, CONFIGURATION, RESERVED_PORTS, gateway_rbac, gateway_state
from core.machines.state import Desired

STATE = gateway_state(
    node="gateway-1",
    server="https://10.0.0.1:6443",
    authority=b"CA",
    certificate=b"CERT",
    key=b"KEY",
    reserved=(8080, "5353/UDP"),
)


def content(state: Desired, path: str) -> bytes:
    return next(file.content for file in state.files if file.path == path)


def test_the_agent_understands_the_configuration_that_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "gateway.json"
    path.write_bytes(content(STATE, CONFIGURATION))
    settings = read_settings(str(path))
    assert (settings.node, settings.server) == ("gateway-1", "https://10.0.0.1:6443")
    assert {"22", "6443/TCP", "10250/TCP", "8080", "5353/UDP"} <= {*settings.reserved_ports}
    assert content(STATE, settings.ca) == b"CA"
    assert content(STATE, settings.cert) == b"CERT"
    assert content(STATE, settings.key) == b"KEY"


def test_the_key_is_secret_and_for_root_alone() -> None:
    secrets = [file for file in STATE.files if file.secret]
    assert [(file.content, file.mode) for file in secrets] == [(b"KEY", 0o600)]
    assert b"KEY" not in content(STATE, CONFIGURATION)


def test_haproxys_configuration_is_left_to_the_agent() -> None:
    assert "/etc/haproxy/haproxy.cfg" not in {file.path for file in STATE.files}


def test_units_read_files_that_are_there() -> None:
    paths = {file.path for file in STATE.files}
    assert {unit.name for unit in STATE.units} == {"gondolier-gateway.service", "haproxy.service"}
    assert all(path in paths for unit in STATE.units for path in unit.reads)


def test_a_new_certificate_restarts_nothing() -> None:
    other = gateway_state(
        node="gateway-1", server="https://10.0.0.1:6443", authority=b"CA", certificate=b"NEW", key=b"NEW"
    )
    changed = {file.path for file in other.files if file.content == b"NEW"}
    assert not any(changed & {*unit.reads} for unit in other.units)


def test_the_agent_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(content(STATE, AGENT))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert content(STATE, AGENT) == Path(gondolier_gateway.__file__).read_bytes()


def test_gateways_may_read_services_and_endpoint_slices_and_nothing_else() -> None:
    role, binding = gateway_rbac()
    assert [(rule["resources"], rule["verbs"]) for rule in role["rules"]] == [
        (["services"], ["list", "watch"]),
        (["endpointslices"], ["list", "watch"]),
    ]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert json.dumps(binding["subjects"]).count("gondolier:gateways") == 1


def test_reserved_ports_are_written_as_the_agent_compares_them() -> None:
    for port in RESERVED_PORTS:
        number, _, protocol = port.partition("/")
        assert number.isdigit()
        assert protocol in ("", "TCP", "UDP")
