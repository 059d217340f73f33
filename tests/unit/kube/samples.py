"""Objects as an API server gives them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

PODS = "/api/v1/namespaces/default/pods"


def pod(name: str, **fields: Any) -> Object:
    """A running, ready pod of one container "site" on node kube-2; fields of the status may be replaced."""
    owner = {"kind": "ReplicaSet", "name": "web-1", "uid": "rs", "controller": True}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"id": "web"}, "ownerReferences": [owner]},
        "spec": {"nodeName": "kube-2", "containers": [{"name": "site", "image": "nginx:1.29"}]},
        "status": running(f"containerd://{name}-0") | fields,
    }


def running(run: str, restarts: int = 0, previous: str = "") -> Object:
    """The status of a pod whose container "site" runs."""
    last = {"terminated": {"exitCode": 1, "reason": "Error", "containerID": previous}} if previous else {}
    return {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "True"}],
        "containerStatuses": [
            {
                "name": "site",
                "ready": True,
                "restartCount": restarts,
                "containerID": run,
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
                "lastState": last,
            }
        ],
    }


def stamped(second: int, text: str, nano: int = 0) -> str:
    """A log line as the API sends it, `second` seconds after some midnight."""
    return f"2026-01-01T00:{second // 60:02}:{second % 60:02}.{nano:09}Z {text}"
