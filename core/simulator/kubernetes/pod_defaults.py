"""What the API fills in of pods and pod templates.

Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go, and the admission plug-ins ServiceAccount,
DefaultTolerationSeconds and Priority for pods themselves.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

_POD_SPEC = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_EVICTING_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_TOLERATED_SECONDS = 300
_MODE = 0o644

PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def fill_template(template: Object) -> None:
    """A pod template, as workloads have it."""
    template.setdefault("metadata", {}).pop("creationTimestamp", None)
    fill_spec(template.setdefault("spec", {}))


def fill_pod(pod: Object) -> None:
    """A pod of its own."""
    spec = pod.setdefault("spec", {})
    fill_spec(spec)
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    spec |= {"serviceAccountName": account, "serviceAccount": account}
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("priority", PRIORITIES.get(spec.get("priorityClassName", ""), 0))
    _tolerate(spec)
    _request_limits(spec)
    status = pod.setdefault("status", {})
    status.setdefault("phase", "Pending")
    status.setdefault("qosClass", quality(spec))


def fill_spec(spec: Object) -> None:
    """A pod's spec, its containers and volumes."""
    for key, value in _POD_SPEC.items():
        spec.setdefault(key, value)
    spec.setdefault("securityContext", {})
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        if isinstance(container, dict):
            _fill_container(container)
    for volume in spec.get("volumes") or ():
        if isinstance(volume, dict):
            _fill_volume(volume)


def quality(spec: Object) -> str:
    """The quality of service class, from the containers' requests and limits."""
    resources = [container.get("resources") or {} for container in spec.get("containers") or ()]
    requests, limits = ([each.get(part) or {} for each in resources] for part in ("requests", "limits"))
    if not any(requests) and not any(limits):
        return "BestEffort"
    full = all(
        limit.keys() >= {"cpu", "memory"} and request == limit for request, limit in zip(requests, limits, strict=True)
    )
    return "Guaranteed" if full else "Burstable"


def _request_limits(spec: Object) -> None:
    """What is limited and not requested is requested as well."""
    for container in spec.get("containers") or ():
        resources = container["resources"]
        if resources.get("limits"):
            resources["requests"] = resources["limits"] | (resources.get("requests") or {})


def _tolerate(spec: Object) -> None:
    tolerations = spec.setdefault("tolerations", [])
    for taint in _EVICTING_TAINTS:
        if not any(
            each.get("key", taint) == taint and each.get("effect") in (None, "NoExecute") for each in tolerations
        ):
            extra = {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATED_SECONDS}
            tolerations.append(extra)


def _fill_container(container: Object) -> None:
    image = str(container.get("image") or "").rpartition("/")[2]
    tag = image.partition("@")[0].partition(":")[2]
    latest = "@" not in image and tag in ("", "latest")
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("resources", {})
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for variable in container.get("env") or ():
        if reference := (variable.get("valueFrom") or {}).get("fieldRef"):
            reference.setdefault("apiVersion", "v1")
    for name in _PROBES:
        if name in container:
            _fill_probe(container[name])


def _fill_probe(probe: Object) -> None:
    for key, value in _PROBE.items():
        probe.setdefault(key, value)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("scheme", "HTTP")
        probe["httpGet"].setdefault("path", "/")


def _fill_volume(volume: Object) -> None:
    if len(volume) == 1:
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if source in volume:
            volume[source].setdefault("defaultMode", _MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
