"""The shapes of all kinds: what of an object cannot even be read is told here, before anything looks at it."""

from __future__ import annotations

from typing import Any

import msgspec

from core.simulator.kubernetes.errors import bad_request
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.rules.access_shapes import Binding, Role, SigningRequest
from core.simulator.kubernetes.rules.cluster_shapes import (
    ConfigMap,
    Custom,
    Definition,
    EventShape,
    Hooks,
    Namespace,
    Node,
    Plain,
    Secret,
    Storage,
)
from core.simulator.kubernetes.rules.network_shapes import Endpoints, EndpointSlice, Ingress, Policy, Service
from core.simulator.kubernetes.rules.pod_shapes import Pod, Shape
from core.simulator.kubernetes.rules.workload_shapes import Budget, CronJob, Job, Replication, Workload

_SHAPES: dict[str, type[Shape]] = {
    "certificatesigningrequests.certificates.k8s.io": SigningRequest,
    "clusterrolebindings.rbac.authorization.k8s.io": Binding,
    "clusterroles.rbac.authorization.k8s.io": Role,
    "configmaps": ConfigMap,
    "cronjobs.batch": CronJob,
    "customresourcedefinitions.apiextensions.k8s.io": Definition,
    "daemonsets.apps": Workload,
    "deployments.apps": Workload,
    "endpoints": Endpoints,
    "endpointslices.discovery.k8s.io": EndpointSlice,
    "events": EventShape,
    "ingresses.networking.k8s.io": Ingress,
    "jobs.batch": Job,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": Hooks,
    "namespaces": Namespace,
    "networkpolicies.networking.k8s.io": Policy,
    "nodes": Node,
    "persistentvolumeclaims": Storage,
    "persistentvolumes": Storage,
    "poddisruptionbudgets.policy": Budget,
    "pods": Pod,
    "replicasets.apps": Workload,
    "replicationcontrollers": Replication,
    "rolebindings.rbac.authorization.k8s.io": Binding,
    "roles.rbac.authorization.k8s.io": Role,
    "secrets": Secret,
    "services": Service,
    "statefulsets.apps": Workload,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": Hooks,
}


def readable(kind: Kind, obj: Any) -> dict[str, Any]:
    """An object without nulls, that has the shape of its kind.

    Raises:
        ApiError: 400, some part of it is of another type.
    """
    found = without_nulls(obj)
    try:
        msgspec.convert(found, Custom if kind.custom else _SHAPES.get(kind.resource, Plain))
    except msgspec.ValidationError as error:
        text = f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}: {error}'
        raise bad_request(text) from None
    result: dict[str, Any] = found
    return result


def without_nulls(value: Any) -> Any:
    """A value without what is null in it, as the API keeps it."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value if each is not None] if isinstance(value, list) else value
