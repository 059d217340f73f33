"""Where actions are asked: lines of the tree and rows of tables, and what is changed before to make one impossible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from core.actions import LIVE_ACTIONS, Subject
from core.kube.kinds import SECRET
from core.kube.rows import AnyRow, Metadata
from core.kube.tables.server import server_shape
from core.live.tables import LiveRow, SourceState, TableQuery
from core.status import ComponentStatus
from tests.tui.data import ALPHA, alpha, web
from tests.tui.fake_console import FakeConsole
from tests.tui.fake_live import FakeListing
from tests.tui.live_data import deployment, listing, listings, live_row, node, pod, pods
from tui.view_models.tree import Key

Change = Callable[[FakeConsole], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the tree, or a row of a table of live objects; of `several` the first two are marked."""

    line: Key
    resource: str = ""
    name: str = ""
    namespace: str = "default"
    several: bool = False

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{ALPHA} {self.namespace}/{self.name}"


def row(resource: str, name: str = "", *, namespace: str = "default", several: bool = False) -> Place:
    """A row of a table."""
    return Place(CLUSTER.line, resource, name, namespace, several)


LAB = Place(("lab",))
CLUSTER = Place(("lab", "alpha"))
WORKERS = Place(("lab", "alpha", "workers"))
GATEWAYS = Place(("lab", "alpha", "gateways"))
POD = Place(("lab", "alpha", "web"))
HOST = Place(("lab", "docker"))
WEB = row("deployments", "web")
REPLICA = row("pods", "web-6c9f7d4b5-x2kqp")
NODE = row("nodes", "kube-2", namespace="")
CRONJOB = row("cronjobs", "nightly")
SECRETS = row("secrets", "keys")

PLACES: Mapping[Subject, Place] = {
    "environment": LAB,
    "cluster": CLUSTER,
    "workers": WORKERS,
    "gateways": GATEWAYS,
    "pod": POD,
    "host": HOST,
    "container": Place((*HOST.line, "cache-1")),
    "object": WEB,
    "node": NODE,
    "instance": REPLICA,
    "workload": WEB,
    "rollout": WEB,
    "scalable": WEB,
    "cronjob": CRONJOB,
    "service": row("services", "web"),
    "secret": SECRETS,
}
"""A place of each subject."""


def furnish(fake: FakeConsole) -> None:
    """A Docker host, and rows of each sort: those that can be asked everything, and those that lack something."""
    lab = fake.statuses["lab"]
    fake.statuses["lab"] = replace(lab, components=(*lab.components, _host()))
    nightly, agent, service = (
        _plain(*one) for one in (("CronJob", "nightly"), ("DaemonSet", "agent"), ("Service", "web"))
    )
    lacking = [pod("alone", owner=""), pod("ended", phase="Succeeded"), pod("waiting", phase="Pending", node="")]
    fake.live.listings = {
        **listings(),
        "pods": listing("Pod", [*pods(), *lacking]),
        "nodes": listing("Node", [node("kube-2"), node("kube-3", unschedulable=True)]),
        "deployments": listing(
            "Deployment", [deployment("held", paused=True), deployment("owned", owner="Site"), deployment("web")]
        ),
        "daemonsets": listing("DaemonSet", [agent]),
        "cronjobs": listing("CronJob", [nightly]),
        "services": listing("Service", [service]),
        "secrets": _secrets(),
    }


def _host() -> ComponentStatus:
    instances = (replace(web().instances[0], name="cache-1", node="docker", containers=()),)
    return replace(web(1), name="docker", kind="DockerStandaloneHost", cluster="", workload="", instances=instances)


def _plain(kind: str, name: str) -> LiveRow:
    return live_row(kind, {"metadata": {"name": name, "namespace": "default", "uid": f"p-{name}"}})


def _secrets() -> FakeListing:
    found = LiveRow(SECRETS.key, ALPHA, SECRET, AnyRow(Metadata(name="keys", namespace="default")))
    query = TableQuery((ALPHA,), SECRET.resource)
    return FakeListing(query, server_shape(SECRET, ()), {found.key: found}, [SourceState(ALPHA, "", synced=True)])


# What is changed before


def nothing(fake: FakeConsole) -> None:
    """Everything stays as it is furnished."""


def running(fake: FakeConsole) -> None:
    """A run of lab goes on."""
    fake.statuses["lab"] = replace(fake.statuses["lab"], status="deploying")


def never_deployed(fake: FakeConsole) -> None:
    """Lab is declared, and nothing else."""
    fake.statuses["lab"] = replace(fake.statuses["lab"], status="new", deployed=False)


def drafted(fake: FakeConsole) -> None:
    """Somebody changed lab's document and did not deploy it."""
    fake.statuses["lab"] = replace(fake.statuses["lab"], draft=True)
    fake.documents.draft("environment: lab\n")


def largest(fake: FakeConsole) -> None:
    """As many workers and gateways as there may be."""
    _put(fake, alpha(workers=5, gateways=2))


def smallest(fake: FakeConsole) -> None:
    """One worker, one gateway, one replica."""
    _put(fake, alpha(workers=1, gateways=1))
    _put(fake, web(1))


def bare(fake: FakeConsole) -> None:
    """Web is a pod without a controller."""
    _put(fake, replace(web(1), replicas=0, workload="Pod"))


def empty(fake: FakeConsole) -> None:
    """The Docker host has no applications."""
    _put(fake, replace(_host(), replicas=0, instances=()))


def closed(fake: FakeConsole) -> None:
    """Lab is read-only."""
    fake.live.read_only_list = {"lab"}


def forbidden(fake: FakeConsole) -> None:
    """The cluster gives no right to anything."""
    needs = {need for action in LIVE_ACTIONS for need in action.needs}
    rows: Iterable[LiveRow] = (one for table in fake.live.listings.values() for one in table.rows.values())
    fake.live.answers = {(ALPHA, need.of(one.target)): "you may not do this" for one in rows for need in needs}


def _put(fake: FakeConsole, component: ComponentStatus) -> None:
    lab = fake.statuses["lab"]
    parts = (component if one.name == component.name else one for one in lab.components)
    fake.statuses["lab"] = replace(lab, components=tuple(parts))
