"""Where objects live in the Kubernetes API."""

from __future__ import annotations

from urllib.parse import quote


def collection(api_version: str, resource: str, namespace: str | None = None) -> str:
    """The path of a kind's collection: ("apps/v1", "deployments", "default") → /apis/apps/v1/namespaces/…"""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{inside}/{resource}"


def item(api_version: str, resource: str, namespace: str | None, name: str, part: str = "") -> str:
    """The path of one object, or of a part of it ("scale", "eviction", "log", "exec")."""
    path = f"{collection(api_version, resource, namespace)}/{quote(name, safe='')}"
    return f"{path}/{part}" if part else path


def pods(namespace: str | None = None) -> str:
    """The collection of pods, of all namespaces where none is given."""
    return collection("v1", "pods", namespace)


def pod(namespace: str, name: str, part: str = "") -> str:
    """One pod, or a part of it."""
    return item("v1", "pods", namespace, name, part)


def node(name: str) -> str:
    """One node."""
    return item("v1", "nodes", None, name)


def services(namespace: str) -> str:
    """The collection of a namespace's services."""
    return collection("v1", "services", namespace)


def events(namespace: str) -> str:
    """The collection of a namespace's events (core/v1: every supported server keeps it)."""
    return collection("v1", "events", namespace)


def selector(labels: dict[str, str]) -> str:
    """A label selector that wants all of these."""
    return ",".join(f"{key}={value}" for key, value in labels.items())
