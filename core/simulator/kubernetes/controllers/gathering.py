"""From a place to the objects that its controller's pure function wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from core.simulator.kubernetes.controllers import (
    claims,
    cronjob,
    daemonset,
    deployment,
    disruption,
    endpoints,
    endpointslice,
    garbage,
    job,
    orphans,
    replicas,
    statefulset,
)
from core.simulator.kubernetes.controllers.adoption import adoption
from core.simulator.kubernetes.controllers.changes import Change
from core.simulator.kubernetes.controllers.view import Place, View
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.scheduler.nodes import node_row
from core.simulator.kubernetes.shape import Object, replicas_of, uid_of


def of_deployment(view: View, place: Place) -> Iterator[Change]:
    """A Deployment with its ReplicaSets."""
    if found := view.get(*place):
        yield from adoption(view, place[0], found, found["spec"]["selector"], deployment.SETS)
        yield from deployment.reconcile(found, view.owned(uid_of(found), deployment.SETS), view.now)


def of_replicas(view: View, place: Place) -> Iterator[Change]:
    """A ReplicaSet or ReplicationController with its pods."""
    if found := view.get(*place):
        selector = found["spec"].get("selector")
        as_labels = {"matchLabels": selector} if place[0] == "replicationcontrollers" else selector
        yield from adoption(view, place[0], found, as_labels, "pods")
        yield from replicas.reconcile(place[0], found, view.owned_pods(uid_of(found)), view.now)


def of_stateful_set(view: View, place: Place) -> Iterator[Change]:
    """A StatefulSet with its pods, claims and revisions."""
    if found := view.get(*place):
        names = [name for _, name in view.keys(statefulset.CLAIMS, place[1][0])]
        revisions = view.owned(uid_of(found), statefulset.REVISIONS)
        yield from statefulset.reconcile(found, view.owned_pods(uid_of(found)), names, revisions)


def of_daemon_set(view: View, place: Place) -> Iterator[Change]:
    """A DaemonSet with its pods and all nodes."""
    if found := view.get(*place):
        nodes = [node_row(raw) for raw in view.raws("nodes")]
        yield from daemonset.reconcile(found, nodes, view.owned_pods(uid_of(found)), view.now)


def of_job(view: View, place: Place) -> Iterator[Change]:
    """A Job with its pods."""
    if found := view.get(*place):
        yield from job.reconcile(found, view.owned_pods(uid_of(found)), view.now)


def of_cron_job(view: View, place: Place) -> Iterator[Change]:
    """A CronJob with its Jobs."""
    if found := view.get(*place):
        yield from cronjob.reconcile(found, view.owned(uid_of(found), job.RESOURCE), view.now)


def of_endpoint_slices(view: View, place: Place) -> Iterator[Change]:
    """A Service with its slices and the pods behind it."""
    if service := view.get(*place):
        slices = view.owned(uid_of(service), endpointslice.RESOURCE)
        yield from endpointslice.reconcile(service, slices, _behind(view, service, place), view.now)


def of_endpoints(view: View, place: Place) -> Iterator[Change]:
    """A Service with its Endpoints and the pods behind it."""
    if service := view.get(*place):
        known = view.get("endpoints", place[1])
        yield from endpoints.reconcile(service, known, _behind(view, service, place))


def of_budget(view: View, place: Place) -> Iterator[Change]:
    """A PodDisruptionBudget with the pods that it protects."""
    if budget := view.get(*place):
        pods = view.selected_pods(place[1][0], budget["spec"].get("selector"))
        yield from disruption.reconcile(budget, pods, _expected(view, budget["spec"], pods), view.now)


def of_claim(view: View, place: Place) -> Iterator[Change]:
    """A claim with its volume."""
    if claim := view.get(*place):
        name = claim["spec"].get("volumeName") or f"pvc-{uid_of(claim)}"
        yield from claims.reconcile(claim, volume=view.row(claims.VOLUMES, ("", name)) is not None)


def of_orphans(view: View, place: Place) -> Iterable[Change]:
    """The pods of a node that is gone."""
    if view.row(*place) is None:
        yield from orphans.reconcile(view.pods_on(place[1][1]))


def of_garbage(view: View, place: Place) -> Iterator[Change]:
    """An object with its owners and its dependents."""
    if found := view.get(*place):
        yield from garbage.collected(place[0], found, _owners(view, place))
        dependents = ((resource, view.get(resource, key)) for resource, key in view.dependents(uid_of(found)))
        yield from garbage.released(place[0], found, [(kind, one) for kind, one in dependents if one is not None])


def _behind(view: View, service: Object, place: Place) -> list[PodRow]:
    selector = service["spec"].get("selector")
    return view.selected_pods(place[1][0], {"matchLabels": selector}) if selector else []


def _owners(view: View, place: Place) -> list[Object | None]:
    row = view.row(*place)
    owners: list[Object | None] = []
    for owner in row.metadata.owner_references if row is not None else ():
        where = view.place_of(owner, place[1][0])
        found = view.get(*where) if where is not None else {"metadata": {"uid": owner.uid}}
        owners.append(found if found is not None and uid_of(found) == owner.uid else None)
    return owners


def _expected(view: View, spec: Object, pods: Sequence[PodRow]) -> int:
    """How many pods the controllers of these want in all; with a plain `minAvailable` those that are there count."""
    if "maxUnavailable" not in spec and isinstance(spec.get("minAvailable", 1), int):
        return len(pods)
    found = {place for pod in pods if pod.owner and (place := _scaled(view, pod))}
    return sum(replicas_of(thing) for place in found if (thing := view.get(*place)) is not None)


def _scaled(view: View, pod: PodRow) -> Place | None:
    """What says how many pods like this one there shall be: its controller, or that one's."""
    place: Place | None = view.place_of(pod.owner, pod.metadata.namespace) if pod.owner else None
    row = view.row(*place) if place is not None else None
    above = next((owner for owner in row.metadata.owner_references if owner.controller), None) if row else None
    return view.place_of(above, pod.metadata.namespace) if above else place
