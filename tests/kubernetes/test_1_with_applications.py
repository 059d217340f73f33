"""Applications of the catalogue on the real cluster, spoken to by their own clients through the real gateway.

At the end the README's document is deployed again, for the tests that come after.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.applications import ECHO, SIDE, catalogued, declared, every_manifest, pod, site
from tests.kubernetes.lab import Lab, document
from tests.kubernetes.test_1_deployed import eventually, fetch

DATA = (
    pod("cache", catalogued("redis", "redis")),
    pod("sql", catalogued("postgresql", "postgresql")),
    pod("tables", catalogued("mariadb", "mariadb")),
)
OTHERS = (pod("apache", catalogued("httpd", "httpd")), pod("names", ECHO))


def test_every_entrys_manifests_are_accepted_by_the_api_server(deployed: Lab, kubeconfig: Path, tmp_path: Path) -> None:
    manifests = every_manifest(tmp_path / "secrets")
    file = tmp_path / "manifests.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--field-manager=test", "-o", "name")
    said = deployed.kubectl(kubeconfig, *words, "-f", str(file)).splitlines()
    assert len(said) == len(manifests)
    assert sum(line.startswith("deployment.apps/") for line in said) >= 22


def test_they_are_all_deployed_at_once(deployed: Lab) -> None:
    started = time.monotonic()
    _apply(deployed, declared(deployed, *DATA, *OTHERS, pod("pair", site(), SIDE, replicas=2)))
    deployed.run("catalogue", "add", "lab", "guestbook", "--name", "book", "--cluster", "alpha")
    said = _deploy(deployed)
    print(f"eleven applications in nine pods: {time.monotonic() - started:.1f} s")
    assert f"Redis redis: redis://{_place(deployed, 'cache')[0]}:6379" in said
    # Nine pods that start on two processors may make etcd wait for a moment.
    eventually(lambda: deployed.plan("lab") == [], "a plan that finds nothing")


def _apply(lab: Lab, text: str) -> None:
    file = lab.home / "lab.yaml"
    file.write_text(text)
    lab.run("apply", str(file))


def _deploy(lab: Lab) -> str:
    _endpoints.cache_clear()
    return lab.run("deploy", "lab")


@cache
def _endpoints(lab: Lab) -> list[dict[str, Any]]:
    """The endpoints since the last deployment."""
    found: list[dict[str, Any]] = lab.json("endpoints", "lab")
    return found


def _place(lab: Lab, component: str, application: str = "") -> tuple[str, int]:
    """Where the world reaches a component's application."""
    rows = (row for row in _endpoints(lab) if row["component"] == component and row["scope"] == "public")
    found = next(row for row in rows if application in ("", row["application"]))
    return found["address"], found["port"]


def _credential(lab: Lab, component: str, application: str, variable: str) -> str:
    return (lab.home / "keys/lab/secrets" / component / application / variable).read_text()


def _client(*words: str, **environ: str) -> str:
    """Run a database's own client; its password comes by the environment, as people's should."""
    done = subprocess.run(words, env=os.environ | environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def _redis(lab: Lab, *words: str, password: str | None = None) -> str:
    address, port = _place(lab, "cache")
    secret = _credential(lab, "cache", "redis", "REDIS_PASSWORD") if password is None else password
    return _client("redis-cli", "-h", address, "-p", str(port), *words, REDISCLI_AUTH=secret)


def _psql(lab: Lab, query: str) -> str:
    address, port = _place(lab, "sql")
    secret = _credential(lab, "sql", "postgresql", "POSTGRES_PASSWORD")
    words = ("psql", "-h", address, "-p", str(port), "-U", "postgres", "-At", "-c", query)
    return _client(*words, PGPASSWORD=secret)


def _mariadb(lab: Lab, query: str) -> str:
    address, port = _place(lab, "tables")
    secret = _credential(lab, "tables", "mariadb", "MARIADB_ROOT_PASSWORD")
    return _client("mariadb", "-h", address, "-P", str(port), "-u", "root", "-N", "-e", query, MYSQL_PWD=secret)


def test_databases_answer_their_own_clients_with_the_generated_credentials(deployed: Lab) -> None:
    assert _redis(deployed, "set", "word", "kept") == "OK"
    assert "WRONGPASS" in _redis(deployed, "get", "word", password="guessed") or "NOAUTH" in _redis(
        deployed, "get", "word", password="guessed"
    )
    _psql(deployed, "create table words (word text); insert into words values ('kept')")
    _mariadb(deployed, "create database lab; create table lab.words (word text); insert into lab.words values ('kept')")
    assert _psql(deployed, "select word from words") == _mariadb(deployed, "select word from lab.words") == "kept"


def test_data_survives_when_pods_are_replaced(deployed: Lab, kubeconfig: Path) -> None:
    names = ("cache", "sql", "tables")
    deployed.kubectl(
        kubeconfig, "delete", "pods", "-l", f"id in ({','.join(names)})", "--wait=true", "--grace-period=5"
    )
    for name in names:
        deployed.kubectl(kubeconfig, "rollout", "status", f"deployment/{name}", "--timeout=120s")
    eventually(lambda: _answers(deployed), "the databases behind the gateway")
    assert _redis(deployed, "get", "word") == "kept"
    assert _psql(deployed, "select word from words") == "kept"
    assert _mariadb(deployed, "select word from lab.words") == "kept"


def _answers(lab: Lab) -> bool:
    try:
        for component in ("cache", "sql", "tables"):
            with socket.create_connection(_place(lab, component), timeout=5) as link:
                link.settimeout(2)
                # MariaDB greets; the others wait. A gateway without a back end hangs up at once.
                if component == "tables" and not link.recv(1):
                    return False
        return "PONG" in _redis(lab, "ping") and _psql(lab, "select 1") == "1"
    except (OSError, AssertionError):
        return False


def test_apache_answers_on_the_next_free_port(deployed: Lab) -> None:
    address, port = _place(deployed, "apache")
    assert port >= 1025
    assert "It works!" in _client("curl", "-sS", "--max-time", "10", f"http://{address}:{port}/")


def test_at_17_visitors_leave_lines_in_the_guestbook(deployed: Lab) -> None:
    ready = {name: deployed.component("lab", f"book-{name}")["ready_replicas"] for name in _GUESTBOOK}
    assert ready == _GUESTBOOK
    address, port = _place(deployed, "book-frontend")
    url, line = f"http://{address}:{port}/", "A line <of> a visitor"
    with urllib.request.urlopen(url, data=urllib.parse.urlencode({"line": line}).encode(), timeout=10) as answer:
        assert answer.status == 200
    eventually(lambda: "A line &lt;of&gt; a visitor" in fetch(url), "the line in the replicas", 15)


_GUESTBOOK = {"redis-master": 1, "redis-slave": 2, "frontend": 3}


def test_datagrams_come_through_the_gateway_and_back(deployed: Lab) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(_place(deployed, "names"))
        client.send(b"are you there")
        assert client.recv(64) == b"are you there"


def test_no_generated_credential_is_in_the_database_the_report_or_a_manifest(deployed: Lab, kubeconfig: Path) -> None:
    secret = _credential(deployed, "sql", "postgresql", "POSTGRES_PASSWORD")
    assert len(secret) == 24
    stored = b"".join(path.read_bytes() for path in deployed.home.glob("gondolier.db*"))
    assert secret.encode() not in stored
    assert secret not in deployed.run("history", "lab", "1")
    assert secret not in deployed.kubectl(kubeconfig, "get", "deployments,configmaps,services", "-o", "yaml")


def test_at_12_and_13_a_changed_variable_rolls_and_an_application_leaves_with_its_own_service(
    deployed: Lab, kubeconfig: Path
) -> None:
    before, services = _uids(deployed, kubeconfig, "pair"), _services(deployed, kubeconfig)
    place = _place(deployed, "pair", "site")
    _apply(deployed, declared(deployed, *DATA, *OTHERS, pod("pair", site(env={"COLOUR": "blue"}), replicas=2)))
    _deploy(deployed)
    assert not before & _uids(deployed, kubeconfig, "pair")
    after = _services(deployed, kubeconfig)
    assert after["pair-site"] == services["pair-site"]
    assert "pair-side" in services and "pair-side" not in after
    assert not any(name.startswith("book-") for name in after)
    assert _place(deployed, "pair", "site") == place
    assert "pair-" in fetch(f"http://{place[0]}:{place[1]}/")
    assert _redis(deployed, "get", "word") == "kept"


def test_at_14_when_the_last_application_goes_nothing_of_it_is_left_but_data(deployed: Lab, kubeconfig: Path) -> None:
    address, port = _place(deployed, "pair", "site")
    _apply(deployed, document(deployed.registry))
    _deploy(deployed)
    assert {row["component"] for row in _endpoints(deployed)} == {"web"}
    assert set(_services(deployed, kubeconfig)) == {"kubernetes", "web-site"}
    assert deployed.kubectl(kubeconfig, "get", "deployments,secrets,configmaps", "-l", "id", "-o", "name").split() == [
        "deployment.apps/web"
    ]
    with pytest.raises(OSError):
        socket.create_connection((address, port), timeout=5).close()
    claims = deployed.kubectl(kubeconfig, "get", "pvc", "-o", "name").split()
    assert {"persistentvolumeclaim/sql-postgresql", "persistentvolumeclaim/cache-redis"} <= set(claims)
    assert deployed.plan("lab") == []


def _uids(lab: Lab, kubeconfig: Path, name: str) -> set[str]:
    """The uids of a pod's replicas, those on their way out apart."""
    said = lab.kubectl(kubeconfig, "get", "pods", "-l", f"id={name}", "-o", "json")
    found = (each["metadata"] for each in json.loads(said)["items"])
    return {each["uid"] for each in found if "deletionTimestamp" not in each}


def _services(lab: Lab, kubeconfig: Path) -> dict[str, Any]:
    said = lab.kubectl(kubeconfig, "get", "services", "-o", "json")
    return {each["metadata"]["name"]: (each["metadata"]["uid"], each["spec"]) for each in json.loads(said)["items"]}
