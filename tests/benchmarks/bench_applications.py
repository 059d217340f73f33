"""What applications cost: ports and endpoints of many, and the whole catalogue on simulated machines.

Run as `python -m tests.benchmarks.bench_applications`; needs nothing but the package.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from core.containers.catalogue import library
from core.model.allocation import PortKey, allocate, published_ports
from core.model.composition import Order, addition
from core.model.container import Application, ApplicationPort
from core.model.declaration import Declaration
from core.model.endpoint import GatewayAddress, PublishedPort, endpoints
from tests.benchmarks.calibration import calibrate
from tests.simulator.home import Home, home_at

APPLICATIONS, GATEWAYS = 1000, 10
REQUIRED: dict[str, dict[str, str]] = {
    "container": {"image": "nginx:1.29"},
    "httpd-site": {"url": "https://git.example.org/site.git"},
    "nginx-site": {"url": "https://git.example.org/site.git"},
}


def main() -> int:
    """Print the figures."""
    print(calibrate())
    _pure()
    with tempfile.TemporaryDirectory() as folder, home_at(Path(folder)) as home:
        _catalogue(home)
    return 0


def _pure() -> None:
    """All want the same two numbers, which is the worst that can be asked of the allocation."""
    declaration = Declaration.model_validate_json(_thousand())
    gateways = [GatewayAddress(f"10.0.0.{number}", f"203.0.113.{number}") for number in range(1, GATEWAYS + 1)]
    took = median(_computed(declaration, gateways) for _ in range(5))
    print(f"{f'ports and endpoints of {APPLICATIONS} applications, {GATEWAYS} gateways':<56} {took * 1000:6.0f} ms")


def _thousand() -> str:
    ports = [{"port": 80, "scope": "public"}]
    pods = [
        {
            "kind": "KubernetesPod",
            "name": f"pod-{number}",
            "cluster": "alpha",
            "applications": [{"name": "site", "image": "nginx:1.29", "ports": ports}],
        }
        for number in range(APPLICATIONS)
    ]
    return json.dumps({"environment": "lab", "provider": {"kind": "simulated"}, "components": [_cluster(), *pods]})


def _cluster() -> dict[str, object]:
    workers = {"count": 2, "max": 2}
    return {"kind": "KubernetesCluster", "name": "alpha", "version": "1.36", "workers": workers}


def _computed(declaration: Declaration, gateways: list[GatewayAddress]) -> float:
    started = time.perf_counter()
    ports = allocate(published_ports(declaration, "alpha"), {})
    found = sum(
        len(endpoints(pod, application.name, _published(pod, application, ports), "10.32.0.9", gateways))
        for pod, application in _applications(declaration)
    )
    took = time.perf_counter() - started
    if found != APPLICATIONS * (2 + 2 * GATEWAYS):
        raise RuntimeError(f"{found} endpoints")
    return took


def _applications(declaration: Declaration) -> Iterator[tuple[str, Application]]:
    return ((pod.name, application) for pod in declaration.pods("alpha") for application in pod.applications)


def _published(pod: str, application: Application, ports: dict[PortKey, int]) -> list[PublishedPort]:
    def allocated(port: ApplicationPort) -> int:
        return ports[PortKey(pod, application.name, port.port, port.protocol)]

    return [PublishedPort(port, allocated(port)) for port in application.ports]


def _catalogue(home: Home) -> None:
    """Every listed entry with what it needs, on a cluster that is there already."""
    home.apply(_document())
    home.run("deploy", "lab")
    parts = [part for entry in library().entries.values() if entry.listed for part in _parts(entry.id)]
    home.apply(_document(*parts))
    count = sum(len(part["applications"]) for part in parts)
    _say(f"the catalogue's 20 entries deployed, {count} applications", _timed(home, "deploy", "lab"), 20)
    _say("a deploy of the same that changes nothing", min(_timed(home, "deploy", "lab") for _ in range(3)), 2)
    busy = _processor_seconds()
    home.run("deploy", "lab")
    print(f"{'its own processor time':<56} {_processor_seconds() - busy:6.1f} s")


def _document(*parts: object) -> str:
    return json.dumps(
        {"environment": "lab", "provider": {"kind": "simulated"}, "components": [_cluster(), *parts]}, indent=1
    )


def _parts(entry: str) -> tuple[dict[str, list[object]], ...]:
    entries = library().entries
    return addition(
        Order(entries[entry], entry, cluster="alpha", parameters=REQUIRED.get(entry, {})), entries
    ).components


def _timed(home: Home, *arguments: str) -> float:
    started = time.perf_counter()
    home.run(*arguments)
    return time.perf_counter() - started


def _processor_seconds() -> float:
    """What the commands that have ended took of a processor; the simulator is a daemon and not among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _say(what: str, seconds: float, most: float) -> None:
    print(f"{what:<56} {seconds:6.1f} s   at most {most:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
