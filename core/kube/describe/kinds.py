"""What each kind has to say beside its metadata; a kind that is not here tells its fields as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from core.kube.describe import pods
from core.kube.describe.words import Object, at, conditions, fields, listed, section, table, word
from core.kube.objects import to_yaml
from core.kube.rollout import status_text
from core.kube.rows import NodeRow, Selector, ServicePort
from core.kube.tables.network import port_text
from core.kube.tables.nodes import roles
from core.kube.tables.workloads import selector_text
from core.kube.words import node_words

Describer = Callable[[Object], list[str]]


def _node(thing: Object) -> list[str]:
    row = msgspec.convert(thing, NodeRow)
    info = row.status.node_info
    addresses = "\n".join(f"{one.address} ({one.type})" for one in row.status.addresses)
    taints = "\n".join(f"{one.key}{'=' + one.value if one.value else ''}:{one.effect}" for one in row.spec.taints)
    pairs = [
        ("Status", node_words(row)),
        ("Roles", ", ".join(roles(row))),
        ("Addresses", addresses),
        ("Taints", taints),
        ("Pod network", row.spec.pod_cidr),
        ("Kubelet", info.kubelet_version),
        ("Runtime", info.container_runtime_version),
        ("Kernel", info.kernel_version),
        ("System", info.os_image),
    ]
    amounts = at(thing, "status", "capacity") or {}
    allocatable = at(thing, "status", "allocatable") or {}
    rows = [[name, word(amount), word(allocatable.get(name))] for name, amount in amounts.items()]
    sizes = section("Resources", table(["Name", "Capacity", "Allocatable"], rows)) if rows else []
    return [*fields(pairs), *sizes, *conditions(thing.get("status", {}))]


def _workload(thing: Object) -> list[str]:
    spec, status = thing["spec"], thing.get("status", {})
    counts = ", ".join(f"{value} {_COUNTS[name]}" for name, value in status.items() if name in _COUNTS)
    strategy = at(spec, "strategy", "type") or at(spec, "updateStrategy", "type")
    pairs = [
        ("Selector", _selector(spec.get("selector"))),
        ("Replicas", f"{spec.get('replicas', 1)} wanted{', ' + counts if counts else ''}"),
        ("Strategy", word(strategy)),
    ]
    if thing["kind"] in ("Deployment", "StatefulSet"):
        pairs.append(("Rollout", status_text(thing["kind"], dict(thing))))
    return [*fields(pairs), *section("Pods", pods.template(spec["template"]["spec"])), *conditions(status)]


_COUNTS = {
    "updatedReplicas": "updated",
    "readyReplicas": "ready",
    "availableReplicas": "available",
    "unavailableReplicas": "unavailable",
}


def _daemon_set(thing: Object) -> list[str]:
    status = thing.get("status", {})
    counts = f"{status.get('numberReady', 0)} of {status.get('desiredNumberScheduled', 0)} nodes ready"
    pairs = [
        ("Selector", _selector(thing["spec"].get("selector"))),
        ("Pods", counts),
        ("Rollout", status_text("DaemonSet", dict(thing))),
    ]
    return [*fields(pairs), *section("Pods", pods.template(thing["spec"]["template"]["spec"])), *conditions(status)]


def _job(thing: Object) -> list[str]:
    spec, status = thing["spec"], thing.get("status", {})
    counts = ", ".join(f"{status.get(name, 0)} {name}" for name in ("active", "succeeded", "failed"))
    pairs = [
        ("Completions", word(spec.get("completions"))),
        ("Parallelism", word(spec.get("parallelism"))),
        ("Pods", counts),
        ("Began", word(status.get("startTime"))),
        ("Completed", word(status.get("completionTime"))),
    ]
    return [*fields(pairs), *section("Pods", pods.template(spec["template"]["spec"])), *conditions(status)]


def _cron_job(thing: Object) -> list[str]:
    spec, status = thing["spec"], thing.get("status", {})
    active = ", ".join(str(one.get("name")) for one in status.get("active") or ())
    pairs = [
        ("Schedule", f"{spec.get('schedule')} {spec.get('timeZone', '')}".strip()),
        ("Suspended", word(spec.get("suspend", False))),
        ("Concurrency", word(spec.get("concurrencyPolicy"))),
        ("Active", active),
        ("Last begun", word(status.get("lastScheduleTime"))),
    ]
    return [*fields(pairs), *section("Pods", pods.template(spec["jobTemplate"]["spec"]["template"]["spec"]))]


def _service(thing: Object) -> list[str]:
    spec = thing["spec"]
    ports = [msgspec.convert(port, ServicePort) for port in spec.get("ports") or ()]
    outside = [at(one, "ip") or at(one, "hostname") for one in at(thing, "status", "loadBalancer", "ingress") or ()]
    pairs = [
        ("Type", word(spec.get("type"))),
        ("Cluster IP", word(spec.get("clusterIP"))),
        ("External", ", ".join([*(spec.get("externalIPs") or ()), *(str(one) for one in outside)])),
        ("Selector", listed(spec.get("selector"))),
        ("Ports", "\n".join(f"{port_text(port)} → {port.target_port or port.port}" for port in ports)),
        ("Affinity", word(spec.get("sessionAffinity"))),
    ]
    return fields(pairs)


def _ingress(thing: Object) -> list[str]:
    rows = []
    for rule in thing["spec"].get("rules") or ():
        for path in at(rule, "http", "paths") or ():
            service = at(path, "backend", "service") or {}
            port = at(service, "port", "number") or at(service, "port", "name")
            rows.append([rule.get("host", "*"), path.get("path", "/"), f"{service.get('name')}:{port}"])
    secrets = ", ".join(str(one.get("secretName")) for one in thing["spec"].get("tls") or ())
    head = fields([("Class", word(thing["spec"].get("ingressClassName"))), ("Certificates", secrets)])
    return [*head, *(section("Rules", table(["Host", "Path", "Backend"], rows)) if rows else [])]


def _claim(thing: Object) -> list[str]:
    spec, status = thing["spec"], thing.get("status", {})
    pairs = [
        ("Status", word(status.get("phase"))),
        ("Volume", word(spec.get("volumeName"))),
        ("Class", word(spec.get("storageClassName"))),
        ("Wanted", word(at(spec, "resources", "requests", "storage"))),
        ("Capacity", word(at(status, "capacity", "storage"))),
        ("Access", ", ".join(spec.get("accessModes") or ())),
    ]
    return [*fields(pairs), *conditions(status)]


def _config_map(thing: Object) -> list[str]:
    entries = {**(thing.get("data") or {}), **(thing.get("binaryData") or {})}
    lines = [line for key, value in entries.items() for line in fields([(key, str(value))])]
    return section("Data", lines)


def _secret(thing: Object) -> list[str]:
    """Sizes, never values."""
    sizes = [f"{key}: {_bytes(value)} bytes" for key, value in (thing.get("data") or {}).items()]
    return [*fields([("Type", word(thing.get("type")))]), *section("Data", sizes)]


def _bytes(value: str) -> int:
    """How much a base64 text stands for."""
    return len(value) * 3 // 4 - value[-2:].count("=")


def _namespace(thing: Object) -> list[str]:
    return [*fields([("Status", word(at(thing, "status", "phase")))]), *conditions(thing.get("status", {}))]


def _event(thing: Object) -> list[str]:
    about = thing.get("involvedObject", {})
    pairs = [
        ("Object", f"{about.get('kind')} {about.get('namespace', '')}/{about.get('name')}"),
        ("Type", word(thing.get("type"))),
        ("Reason", word(thing.get("reason"))),
        ("Message", word(thing.get("message"))),
        ("Count", word(thing.get("count"))),
    ]
    return fields(pairs)


def anything(thing: Object) -> list[str]:
    """An object of a kind that nothing is known of: its conditions, and its fields as they are."""
    rest = {key: value for key, value in thing.items() if key not in ("apiVersion", "kind", "metadata")}
    status = thing.get("status")
    told = conditions(status) if isinstance(status, Mapping) else []
    return [*told, *to_yaml(rest).splitlines()] if rest else told


def _selector(selector: Any) -> str:
    if not selector:
        return ""
    if "matchLabels" in selector or "matchExpressions" in selector:
        return selector_text(msgspec.convert(selector, Selector))
    return listed(selector)


DESCRIBERS: Mapping[str, Describer] = {
    "Node": _node,
    "Pod": pods.pod,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "ReplicationController": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Ingress": _ingress,
    "PersistentVolumeClaim": _claim,
    "ConfigMap": _config_map,
    "Secret": _secret,
    "Namespace": _namespace,
    "Event": _event,
}
