"""Rows of nodes, namespaces, events and what says who may do what.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.tables.column import (
    AGE,
    CREATED,
    NAME,
    NONE,
    UNKNOWN,
    Cell,
    at,
    condition,
    joined,
    metadata,
    since,
)

Object = dict[str, Any]

_ROLE = "node-role.kubernetes.io/"
_OLD_ROLE = "kubernetes.io/role"


def _node_status(node: Object) -> str:
    ready = condition(node, "Ready")
    words = ["Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"]
    if node.get("spec", {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(node: Object) -> str:
    given = node["metadata"].get("labels") or {}
    found = {key.removeprefix(_ROLE) for key in given if key.startswith(_ROLE) and key != _ROLE}
    found |= {given[_OLD_ROLE]} if given.get(_OLD_ROLE) else set()
    return joined(sorted(found))


def _address(kind: str) -> Cell:
    def of(node: Object) -> str:
        addresses = node.get("status", {}).get("addresses") or ()
        return next((each["address"] for each in addresses if each["type"] == kind), NONE)

    return Cell({"InternalIP": "Internal-IP"}.get(kind, "External-IP"), of, priority=1)


def _node_info(name: str, key: str, priority: int = 1) -> Cell:
    return Cell(name, at(f"status.nodeInfo.{key}", UNKNOWN), priority=priority)


NODE = (
    NAME,
    Cell("Status", _node_status),
    Cell("Roles", _roles),
    AGE,
    _node_info("Version", "kubeletVersion", 0),
    _address("InternalIP"),
    _address("ExternalIP"),
    _node_info("OS-Image", "osImage"),
    _node_info("Kernel-Version", "kernelVersion"),
    _node_info("Container-Runtime", "containerRuntimeVersion"),
)
NAMESPACE = (NAME, Cell("Status", at("status.phase")), AGE)


def _first_seen(event: Object) -> str:
    return since(event.get("firstTimestamp") or event.get("eventTime"))


def _last_seen(event: Object) -> str:
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event.get("lastTimestamp")
    return since(last) if last else _first_seen(event)


def _about(event: Object) -> str:
    involved = event.get("involvedObject") or {}
    kind, name = str(involved.get("kind", "")).lower(), involved.get("name", "")
    return f"{kind}/{name}" if name else kind


def _source(event: Object) -> str:
    source = event.get("source") or {}
    found = [source.get("component") or event.get("reportingComponent"), source.get("host")]
    return ", ".join(each for each in found if each)


EVENT = (
    Cell("Last Seen", _last_seen),
    Cell("Type", at("type")),
    Cell("Reason", at("reason")),
    Cell("Object", _about),
    Cell("Subobject", at("involvedObject.fieldPath"), priority=1),
    Cell("Source", _source, priority=1),
    Cell("Message", lambda obj: str(obj.get("message", "")).strip()),
    Cell("First Seen", _first_seen, priority=1),
    Cell("Count", lambda obj: str((obj.get("series") or obj).get("count", 1)), priority=1),
    Cell("Name", metadata("name"), priority=1),
)


def _subjects(kind: str) -> Cell:
    def of(binding: Object) -> str:
        found = [each for each in binding.get("subjects") or () if each.get("kind") == kind]
        return ", ".join(
            f"{each['namespace']}/{each['name']}" if "namespace" in each else each["name"] for each in found
        )

    return Cell(f"{kind}s", of, priority=1)


def _role(binding: Object) -> str:
    role = binding.get("roleRef") or {}
    return f"{role.get('kind')}/{role.get('name')}"


ROLE = (NAME, CREATED)
BINDING = (NAME, Cell("Role", _role), AGE, _subjects("User"), _subjects("Group"), _subjects("ServiceAccount"))


def _request(request: Object) -> str:
    listed = request.get("status", {}).get("conditions") or ()
    words = [each["type"] for each in listed if each["type"] in ("Approved", "Denied", "Failed")] or ["Pending"]
    return ",".join([*words, *(["Issued"] if request.get("status", {}).get("certificate") else [])])


SIGNING_REQUEST = (
    NAME,
    AGE,
    Cell("SignerName", at("spec.signerName")),
    Cell("Requestor", at("spec.username")),
    Cell("RequestedDuration", at("spec.expirationSeconds", NONE)),
    Cell("Condition", _request),
)


def _service_of(service: Object) -> str:
    found = service.get("spec", {}).get("service")
    return f"{found['namespace']}/{found['name']}" if found else "Local"


def _available(service: Object) -> str:
    found = condition(service, "Available")
    if found is None:
        return "Unknown"
    return "True" if found.get("status") == "True" else f"{found.get('status')} ({found.get('reason')})"


API_SERVICE = (NAME, Cell("Service", _service_of), Cell("Available", _available), AGE)
LEASE = (NAME, Cell("Holder", at("spec.holderIdentity")), AGE)
PRIORITY_CLASS = (
    NAME,
    Cell("Value", at("value", 0), "integer"),
    Cell("Global-Default", at("globalDefault", False), "boolean"),
    AGE,
    Cell("PreemptionPolicy", at("preemptionPolicy")),
)
RUNTIME_CLASS = (NAME, Cell("Handler", at("handler")), AGE)
DEFINITION = (NAME, CREATED)
WEBHOOKS = (NAME, Cell("Webhooks", lambda obj: len(obj.get("webhooks") or ()), "integer"), AGE)
BUDGET = (
    NAME,
    Cell("Min Available", lambda obj: str(at("spec.minAvailable", "N/A")(obj))),
    Cell("Max Unavailable", lambda obj: str(at("spec.maxUnavailable", "N/A")(obj))),
    Cell("Allowed Disruptions", at("status.disruptionsAllowed", 0), "integer"),
    AGE,
)
