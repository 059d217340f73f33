"""What is wrong with an object, in the API's words: a function a kind.

Source: k8s.io/kubernetes/pkg/apis/*/validation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.simulator.kubernetes.errors import invalid
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.rules.names import Cause, mark_faults, name_faults
from core.simulator.kubernetes.rules.pod_rules import choice_faults, pod_faults, port_faults
from core.simulator.kubernetes.selectors import selects

Object = dict[str, Any]

IMMUTABLE = "field is immutable"
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_STRATEGIES = ("Recreate", "RollingUpdate")
_UPDATE_STRATEGIES = ("OnDelete", "RollingUpdate")
_POD_MAY_CHANGE = ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "schedulingGates")
_POD_TEXT = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def check(kind: Kind, obj: Object, before: Object | None = None) -> None:
    """Look through an object that has its kind's shape and its defaults; `before` is what it replaces.

    Raises:
        ApiError: 422 with all that is wrong.
    """
    metadata = obj["metadata"]
    found = [*(name_faults(kind, metadata) if before is None else ()), *mark_faults(metadata)]
    if (rules := _RULES.get(kind.resource)) is not None:
        found += rules(obj)
    if before is not None and (changes := _CHANGES.get(kind.resource)) is not None:
        found += changes(obj, before)
    if found:
        raise invalid(kind.name, kind.group, metadata.get("name", ""), found)


def _pod(pod: Object) -> list[Cause]:
    return pod_faults(pod["spec"])


def _workload(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    selector, labels = spec.get("selector"), spec["template"]["metadata"].get("labels") or {}
    found: list[Cause] = []
    if not selector or not (selector.get("matchLabels") or selector.get("matchExpressions")):
        found.append(("spec.selector", "Required value"))
    elif not selects(selector, labels):
        found.append(_unselected(labels))
    return found + _template_faults(obj)


def _unselected(labels: Object) -> Cause:
    text = _text(labels) if labels else "null"
    return ("spec.template.metadata.labels", f"Invalid value: {text}: `selector` does not match template `labels`")


def _template_faults(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    template = spec["template"]
    found = [*mark_faults(template["metadata"], "spec.template.metadata")]
    found += pod_faults(template["spec"], "spec.template.spec")
    found += choice_faults(template["spec"], "restartPolicy", ("Always",), "spec.template.spec")
    if spec.get("replicas", 0) < 0:
        text = f"Invalid value: {spec['replicas']}: must be greater than or equal to 0"
        found.append(("spec.replicas", text))
    return found


def _deployment(obj: Object) -> list[Cause]:
    strategy = obj["spec"]["strategy"]
    found = _workload(obj) + choice_faults(strategy, "type", _STRATEGIES, "spec.strategy")
    if strategy["type"] == "Recreate" and strategy.get("rollingUpdate"):
        text = "Forbidden: may not be specified when strategy `type` is 'Recreate'"
        found.append(("spec.strategy.rollingUpdate", text))
    return found


def _updated(obj: Object) -> list[Cause]:
    strategy = obj["spec"]["updateStrategy"]
    return _workload(obj) + choice_faults(strategy, "type", _UPDATE_STRATEGIES, "spec.updateStrategy")


def _replication(obj: Object) -> list[Cause]:
    selector, labels = obj["spec"].get("selector") or {}, obj["spec"]["template"]["metadata"].get("labels") or {}
    if not selector:
        return [("spec.selector", "Required value"), *_template_faults(obj)]
    unlike = [_unselected(labels)] if any(labels.get(key) != value for key, value in selector.items()) else []
    return [*unlike, *_template_faults(obj)]


def _job(obj: Object) -> list[Cause]:
    template = obj["spec"]["template"]["spec"]
    path = "spec.template.spec"
    return pod_faults(template, path) + choice_faults(template, "restartPolicy", ("OnFailure", "Never"), path)


def _cron_job(obj: Object) -> list[Cause]:
    template = obj["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    path = "spec.jobTemplate.spec.template.spec"
    found = pod_faults(template, path) + choice_faults(template, "restartPolicy", ("OnFailure", "Never"), path)
    return found if obj["spec"].get("schedule") else [*found, ("spec.schedule", "Required value")]


def _service(service: Object) -> list[Cause]:
    spec = service["spec"]
    ports = spec.get("ports") or []
    found = choice_faults(spec, "type", _TYPES, "spec")
    if not ports and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        found.append(("spec.ports", "Required value"))
    if spec["type"] == "ExternalName" and not spec.get("externalName"):
        found.append(("spec.externalName", "Required value"))
    names: set[str] = set()
    for index, port in enumerate(ports):
        found += _service_port(port, f"spec.ports[{index}]", names, len(ports) > 1)
    pairs = [(port.get("port"), port.get("protocol")) for port in ports]
    for index, pair in enumerate(pairs):
        if pair in pairs[:index]:
            text = _text({"port": pair[0], "protocol": pair[1]})
            found.append((f"spec.ports[{index}]", f"Duplicate value: {text}"))
    return found


def _service_port(port: Object, path: str, names: set[str], several: bool) -> list[Cause]:
    name = port.get("name", "")
    found = port_faults(port.get("port"), f"{path}.port")
    found += port_faults(port.get("targetPort"), f"{path}.targetPort")
    found += choice_faults(port, "protocol", _PROTOCOLS, path)
    if several and not name:
        found.append((f"{path}.name", "Required value"))
    elif name and name in names:
        found.append((f"{path}.name", f'Duplicate value: "{name}"'))
    names.add(name)
    return found


def _budget(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    if "minAvailable" in spec and "maxUnavailable" in spec:
        return [("spec", f"Invalid value: {_text(spec)}: minAvailable and maxUnavailable cannot be both set")]
    return []


def _definition(obj: Object) -> list[Cause]:
    spec, name = obj["spec"], obj["metadata"].get("name", "")
    wanted = f"{spec['names']['plural']}.{spec['group']}"
    found: list[Cause] = []
    if name != wanted:
        text = f'Invalid value: "{name}": must be spec.names.plural+"."+spec.group'
        found.append(("metadata.name", text))
    if not spec["group"] or "." not in spec["group"]:
        found.append(("spec.group", f'Invalid value: "{spec["group"]}": should be a domain with at least one dot'))
    if sum(1 for version in spec["versions"] if version.get("storage")) != 1:
        found.append(("spec.versions", "Invalid value: must have exactly one version marked as storage version"))
    return found + choice_faults(spec, "scope", ("Cluster", "Namespaced"), "spec")


def _fixed(*fields: str) -> Callable[[Object, Object], list[Cause]]:
    """Fields of the spec that stay as they were made."""

    def changes(obj: Object, before: Object) -> list[Cause]:
        new, old = obj.get("spec", {}), before.get("spec", {})
        return [
            (f"spec.{field}", f"Invalid value: {_text(new.get(field))}: {IMMUTABLE}")
            for field in fields
            if new.get(field) != old.get(field)
        ]

    return changes


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _pod_changes(pod: Object, before: Object) -> list[Cause]:
    same = _pod_core(pod["spec"]) == _pod_core(before["spec"])
    return [] if same else [("spec", _POD_TEXT)]


def _pod_core(spec: Object) -> Object:
    core = {key: value for key, value in spec.items() if key not in _POD_MAY_CHANGE}
    for part in ("containers", "initContainers"):
        if part in core:
            core[part] = [{key: value for key, value in each.items() if key != "image"} for each in core[part]]
    return core


def _sealed(obj: Object, before: Object) -> list[Cause]:
    if not before.get("immutable"):
        return []
    changed = [key for key in ("data", "binaryData") if obj.get(key) != before.get(key)]
    found = [(key, "Forbidden: field is immutable when `immutable` is set") for key in changed]
    return (
        found
        if obj.get("immutable")
        else [*found, ("immutable", "Forbidden: field is immutable when `immutable` is set")]
    )


def _secret_changes(obj: Object, before: Object) -> list[Cause]:
    typed = (
        [("type", f'Invalid value: "{obj.get("type")}": {IMMUTABLE}')] if obj.get("type") != before.get("type") else []
    )
    return [*typed, *_sealed(obj, before)]


def _binding_changes(obj: Object, before: Object) -> list[Cause]:
    if obj["roleRef"] == before["roleRef"]:
        return []
    return [("roleRef", f"Invalid value: {_text(obj['roleRef'])}: cannot change roleRef")]


_RULES: dict[str, Callable[[Object], list[Cause]]] = {
    "cronjobs.batch": _cron_job,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
    "daemonsets.apps": _updated,
    "deployments.apps": _deployment,
    "jobs.batch": _job,
    "poddisruptionbudgets.policy": _budget,
    "pods": _pod,
    "replicasets.apps": _workload,
    "replicationcontrollers": _replication,
    "services": _service,
    "statefulsets.apps": _updated,
}
_CHANGES: dict[str, Callable[[Object, Object], list[Cause]]] = {
    "clusterrolebindings.rbac.authorization.k8s.io": _binding_changes,
    "configmaps": _sealed,
    "daemonsets.apps": _fixed("selector"),
    "deployments.apps": _fixed("selector"),
    "jobs.batch": _fixed("selector", "template", "completions"),
    "persistentvolumeclaims": _fixed("accessModes", "storageClassName", "volumeMode"),
    "pods": _pod_changes,
    "replicasets.apps": _fixed("selector"),
    "rolebindings.rbac.authorization.k8s.io": _binding_changes,
    "secrets": _secret_changes,
    "statefulsets.apps": _fixed("selector", "serviceName", "podManagementPolicy"),
}
