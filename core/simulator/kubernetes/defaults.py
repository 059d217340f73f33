"""What the API fills in of objects that leave it out: a function a kind.

Source: k8s.io/kubernetes/pkg/apis/*/v*/defaults.go.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.pod_defaults import fill_pod, fill_template

Object = dict[str, Any]


def complete(kind: Kind, obj: Object) -> Object:
    """A copy of an object with everything in it that the API fills in; safe to be done again."""
    fresh: Object = msgspec.json.decode(msgspec.json.encode(obj))
    fill = _FILLERS.get(kind.resource)
    if fill is not None:
        fill(fresh)
    return fresh


def _fill(target: Object, **values: object) -> None:
    for key, value in values.items():
        target.setdefault(key, value)


def _template(obj: Object) -> Object:
    spec = obj.setdefault("spec", {})
    fill_template(spec.setdefault("template", {}))
    spec.setdefault("replicas", 1)
    return dict(spec["template"]["metadata"].get("labels") or {})


def _deployment(obj: Object) -> None:
    _template(obj)
    spec = obj["spec"]
    strategy = spec.setdefault("strategy", {})
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(strategy.setdefault("rollingUpdate", {}), maxSurge="25%", maxUnavailable="25%")
    _fill(spec, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    obj.setdefault("status", {})


def _replica_set(obj: Object) -> None:
    _template(obj)
    obj.setdefault("status", {"replicas": 0})


def _replication_controller(obj: Object) -> None:
    labels = _template(obj)
    if not obj["spec"].get("selector"):
        obj["spec"]["selector"] = labels
    _label(obj, labels)
    obj.setdefault("status", {"replicas": 0})


def _label(obj: Object, labels: Object) -> None:
    """What has no labels has those of its template."""
    metadata = obj.setdefault("metadata", {})
    if labels and not metadata.get("labels"):
        metadata["labels"] = labels


def _stateful_set(obj: Object) -> None:
    _template(obj)
    spec = obj["spec"]
    _fill(spec, podManagementPolicy="OrderedReady", revisionHistoryLimit=10, serviceName="")
    _fill(spec.setdefault("updateStrategy", {}), type="RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _fill(spec["updateStrategy"].setdefault("rollingUpdate", {}), partition=0)
    _fill(spec.setdefault("persistentVolumeClaimRetentionPolicy", {}), whenDeleted="Retain", whenScaled="Retain")
    obj.setdefault("status", {"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    fill_template(spec.setdefault("template", {}))
    _fill(spec, revisionHistoryLimit=10)
    _fill(spec.setdefault("updateStrategy", {}), type="RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _fill(spec["updateStrategy"].setdefault("rollingUpdate", {}), maxSurge=0, maxUnavailable=1)
    counts = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    obj.setdefault("status", dict.fromkeys(counts, 0))


def _job_spec(spec: Object) -> None:
    fill_template(spec.setdefault("template", {}))
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    _fill(spec, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    _fill(spec, podReplacementPolicy="TerminatingOrFailed", manualSelector=False)


def _job(obj: Object) -> None:
    """A job's selector is made of its own uid, unless it brings one."""
    spec, metadata = obj.setdefault("spec", {}), obj["metadata"]
    _job_spec(spec)
    if "uid" in metadata and "selector" not in spec:
        own = {"batch.kubernetes.io/controller-uid": metadata["uid"], "batch.kubernetes.io/job-name": metadata["name"]}
        old = {"controller-uid": metadata["uid"], "job-name": metadata["name"]}
        template = spec["template"]["metadata"]
        template["labels"] = (template.get("labels") or {}) | own | old
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
        _label(obj, dict(template["labels"]))
    obj.setdefault("status", {})


def _cron_job(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    _fill(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    spec.setdefault("jobTemplate", {}).setdefault("metadata", {})
    fill_template(spec["jobTemplate"].setdefault("spec", {}).setdefault("template", {}))
    obj.setdefault("status", {})


def _service(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    _fill(spec, type="ClusterIP", sessionAffinity="None")
    for port in spec.get("ports") or ():
        _fill(port, protocol="TCP", targetPort=port.get("port"))
    if spec["type"] != "ExternalName":
        _fill(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _fill(spec, allocateLoadBalancerNodePorts=True)
    obj.setdefault("status", {"loadBalancer": {}})


def _namespace(obj: Object) -> None:
    metadata = obj.setdefault("metadata", {})
    if "name" in metadata:
        metadata["labels"] = (metadata.get("labels") or {}) | {"kubernetes.io/metadata.name": metadata["name"]}
    _fill(obj.setdefault("spec", {}), finalizers=["kubernetes"])
    _fill(obj.setdefault("status", {}), phase="Active")


def _secret(obj: Object) -> None:
    """What is given as text is kept encoded, as everything else."""
    texts = obj.pop("stringData", None) or {}
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in texts.items()}
    if encoded:
        obj["data"] = (obj.get("data") or {}) | encoded
    obj.setdefault("type", "Opaque")


def _claim(obj: Object) -> None:
    _fill(obj.setdefault("spec", {}), volumeMode="Filesystem")
    _fill(obj.setdefault("status", {}), phase="Pending")


def _volume(obj: Object) -> None:
    _fill(obj.setdefault("spec", {}), volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    _fill(obj.setdefault("status", {}), phase="Available")


def _storage_class(obj: Object) -> None:
    _fill(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


_BUSY = {"type": "Utilization", "averageUtilization": 80}


def _autoscaler(obj: Object) -> None:
    metrics = [{"type": "Resource", "resource": {"name": "cpu", "target": _BUSY}}]
    _fill(obj.setdefault("spec", {}), minReplicas=1, metrics=metrics)
    _fill(obj.setdefault("status", {}), desiredReplicas=0)


def _policy(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    spec.setdefault("podSelector", {})
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            _fill(port, protocol="TCP")


def _budget(obj: Object) -> None:
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    obj.setdefault("status", dict.fromkeys(counts, 0))


def _binding(obj: Object) -> None:
    group = "rbac.authorization.k8s.io"
    obj.setdefault("roleRef", {}).setdefault("apiGroup", group)
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", group)


def _slice(obj: Object) -> None:
    for port in obj.get("ports") or ():
        _fill(port, protocol="TCP", name="")
    for endpoint in obj.setdefault("endpoints", []):
        _fill(endpoint, conditions={})


def _node(obj: Object) -> None:
    _fill(obj, spec={}, status={})


def _ingress(obj: Object) -> None:
    obj.setdefault("status", {"loadBalancer": {}})


def _event(obj: Object) -> None:
    _fill(obj, reportingComponent="", reportingInstance="", source={})


def _priority_class(obj: Object) -> None:
    _fill(obj, preemptionPolicy="PreemptLowerPriority")


def _definition(obj: Object) -> None:
    """Names that are not taken are accepted at once."""
    spec = obj.setdefault("spec", {})
    names = spec.setdefault("names", {})
    name = str(names.get("kind", ""))
    _fill(names, singular=name.lower(), listKind=f"{name}List")
    spec.setdefault("conversion", {"strategy": "None"})
    conditions = [
        {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
        {"type": "Established", "status": "True", "reason": "InitialNamesAccepted"}
        | {"message": "the initial names have been accepted"},
    ]
    stored = [each["name"] for each in spec.get("versions") or () if each.get("storage")]
    obj.setdefault("status", {"conditions": conditions, "acceptedNames": names, "storedVersions": stored})


_FILLERS: dict[str, Callable[[Object], None]] = {
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "cronjobs.batch": _cron_job,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
    "daemonsets.apps": _daemon_set,
    "deployments.apps": _deployment,
    "endpointslices.discovery.k8s.io": _slice,
    "events": _event,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "ingresses.networking.k8s.io": _ingress,
    "jobs.batch": _job,
    "namespaces": _namespace,
    "networkpolicies.networking.k8s.io": _policy,
    "nodes": _node,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
    "poddisruptionbudgets.policy": _budget,
    "pods": fill_pod,
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "replicasets.apps": _replica_set,
    "replicationcontrollers": _replication_controller,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "secrets": _secret,
    "services": _service,
    "statefulsets.apps": _stateful_set,
    "storageclasses.storage.k8s.io": _storage_class,
}
