"""Namespaces: what each gets when it is made, and that it is empty before it goes.

Rules: kubernetes/pkg/controller/namespace/deletion, serviceaccount, and certificates/rootcacertpublisher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Change, Create, Delete
from core.simulator.kubernetes.shape import Key, Object, headed, leaving

ACCOUNT = "default"
ROOT_CA = "kube-root-ca.crt"

_ABOUT = {"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver."}


def furnished(namespace: Object, *, account: bool, authority: bool, certificate: str) -> Iterator[Change]:
    """`account` and `authority` say whether the default service account and the cluster's CA are there."""
    name = namespace["metadata"]["name"]
    if leaving(namespace):
        return
    if not account:
        yield Create("serviceaccounts", headed("serviceaccounts", {"name": ACCOUNT, "namespace": name}))
    if not authority:
        metadata = {"name": ROOT_CA, "namespace": name, "annotations": _ABOUT}
        yield Create("configmaps", headed("configmaps", metadata, data={"ca.crt": certificate}))


def emptied(namespace: Object, staying: Sequence[tuple[str, Key]], *, left: bool) -> Iterator[Change]:
    """A namespace on its way out: what stays is told to go, and when nothing is left it goes itself."""
    if not leaving(namespace):
        return
    yield from (Delete(resource, key) for resource, key in staying)
    if not left:
        yield Delete("namespaces", ("", namespace["metadata"]["name"]), now=True)
