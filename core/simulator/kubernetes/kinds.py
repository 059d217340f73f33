"""The kinds that the API serves: a table.

Source of names, short names, categories and subresources: what `kubectl api-resources` says of Kubernetes 1.36.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a custom resource's table; `priority` above 0 shows it with `-o wide` only."""

    name: str
    type: str
    path: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in the version in which it is kept.

    `status`: the status is a subresource, that a write to the object leaves alone. `scaled`: there is a scale
    subresource. `counted`: `metadata.generation` counts changes of what is wanted. `columns` are custom resources' own.
    """

    group: str
    version: str
    plural: str
    name: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    categories: tuple[str, ...] = ()
    status: bool = False
    scaled: bool = False
    counted: bool = False
    singular: str = ""
    custom: bool = False
    columns: tuple[Column, ...] = ()

    @property
    def resource(self) -> str:
        """The name by which everything here asks for it: "pods", "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """Group and version as objects carry them: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def one(self) -> str:
        """The singular name."""
        return self.singular or self.name.lower()


_ALL = ("all",)
_RBAC = "rbac.authorization.k8s.io"
_HOOKS = "admissionregistration.k8s.io"

KINDS: tuple[Kind, ...] = (
    Kind("", "v1", "configmaps", "ConfigMap", ("cm",)),
    Kind("", "v1", "endpoints", "Endpoints", ("ep",), singular="endpoints"),
    Kind("", "v1", "events", "Event", ("ev",)),
    Kind("", "v1", "limitranges", "LimitRange", ("limits",)),
    Kind("", "v1", "namespaces", "Namespace", ("ns",), namespaced=False, status=True),
    Kind("", "v1", "nodes", "Node", ("no",), namespaced=False, status=True),
    Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", ("pvc",), status=True),
    Kind("", "v1", "persistentvolumes", "PersistentVolume", ("pv",), namespaced=False, status=True),
    Kind("", "v1", "pods", "Pod", ("po",), categories=_ALL, status=True, counted=True),
    Kind("", "v1", "podtemplates", "PodTemplate"),
    Kind(
        "",
        "v1",
        "replicationcontrollers",
        "ReplicationController",
        ("rc",),
        categories=_ALL,
        status=True,
        scaled=True,
        counted=True,
    ),
    Kind("", "v1", "resourcequotas", "ResourceQuota", ("quota",), status=True),
    Kind("", "v1", "secrets", "Secret"),
    Kind("", "v1", "serviceaccounts", "ServiceAccount", ("sa",)),
    Kind("", "v1", "services", "Service", ("svc",), categories=_ALL, status=True),
    Kind(
        _HOOKS,
        "v1",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        namespaced=False,
        categories=("api-extensions",),
        counted=True,
    ),
    Kind(
        _HOOKS,
        "v1",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        namespaced=False,
        categories=("api-extensions",),
        counted=True,
    ),
    Kind(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        ("crd", "crds"),
        namespaced=False,
        categories=("api-extensions",),
        status=True,
        counted=True,
    ),
    Kind(
        "apiregistration.k8s.io",
        "v1",
        "apiservices",
        "APIService",
        namespaced=False,
        categories=("api-extensions",),
        status=True,
    ),
    Kind("apps", "v1", "controllerrevisions", "ControllerRevision"),
    Kind("apps", "v1", "daemonsets", "DaemonSet", ("ds",), categories=_ALL, status=True, counted=True),
    Kind(
        "apps", "v1", "deployments", "Deployment", ("deploy",), categories=_ALL, status=True, scaled=True, counted=True
    ),
    Kind("apps", "v1", "replicasets", "ReplicaSet", ("rs",), categories=_ALL, status=True, scaled=True, counted=True),
    Kind(
        "apps", "v1", "statefulsets", "StatefulSet", ("sts",), categories=_ALL, status=True, scaled=True, counted=True
    ),
    Kind(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        ("hpa",),
        categories=_ALL,
        status=True,
    ),
    Kind("batch", "v1", "cronjobs", "CronJob", ("cj",), categories=_ALL, status=True, counted=True),
    Kind("batch", "v1", "jobs", "Job", categories=_ALL, status=True, counted=True),
    Kind(
        "certificates.k8s.io",
        "v1",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        ("csr",),
        namespaced=False,
        status=True,
    ),
    Kind("coordination.k8s.io", "v1", "leases", "Lease"),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", counted=True),
    Kind("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", namespaced=False),
    Kind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics"),
    Kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False, counted=True),
    Kind("networking.k8s.io", "v1", "ingresses", "Ingress", ("ing",), status=True, counted=True),
    Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", ("netpol",), counted=True),
    Kind("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", namespaced=False),
    Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", ("pdb",), status=True, counted=True),
    Kind(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    Kind(_RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False),
    Kind(_RBAC, "v1", "rolebindings", "RoleBinding"),
    Kind(_RBAC, "v1", "roles", "Role"),
    Kind("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", ("pc",), namespaced=False, counted=True),
    Kind("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced=False),
    Kind("storage.k8s.io", "v1", "csinodes", "CSINode", namespaced=False),
    Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", ("sc",), namespaced=False),
    Kind("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", namespaced=False, status=True),
)

BY_RESOURCE = {kind.resource: kind for kind in KINDS}
