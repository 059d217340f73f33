"""Parts of a pod that change where it is: binding and eviction."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes import budgets
from core.simulator.kubernetes.errors import ApiError, bad_request, conflict, not_allowed, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import now
from core.simulator.kubernetes.web.answers import answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import body_of
from core.simulator.kubernetes.web.deleting import check_options, let_go
from core.simulator.kubernetes.web.target import Target
from core.simulator.kubernetes.web.writing import is_rehearsal

Object = dict[str, Any]

_BUDGETS = "poddisruptionbudgets.policy"
_DONE = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


async def bind(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Put a pod on a node. ApiError 409 where it has one already."""
    if target.verb != "create":
        raise not_allowed()
    body = await body_of(request)
    node, pod = (body.get("target") or {}).get("name", ""), _pod(backend, target)
    if not node:
        raise bad_request("Binding is invalid: target.name: Required value: the node to put the pod on is missing")
    if pod["spec"].get("nodeName"):
        raise conflict(
            "pods", target.name, f'pod {target.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        )
    with backend.objects.rehearsal(is_rehearsal(request)):
        bound = backend.objects.update("pods", pod | {"spec": pod["spec"] | {"nodeName": node}})
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": now()}
        rest = [each for each in bound["status"].get("conditions") or () if each["type"] != "PodScheduled"]
        status = bound["status"] | {"conditions": [*rest, scheduled]}
        backend.objects.update_status("pods", target.namespace, target.name, status)
    return answer(_DONE, 201)


async def evict(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Delete a pod, where its disruption budget allows that now. ApiError 429 where it does not."""
    if target.verb != "create":
        raise not_allowed()
    eviction = await body_of(request)
    options = eviction.get("deleteOptions") or {}
    if not isinstance(options, dict):
        raise bad_request("Eviction cannot be handled: deleteOptions is not an object")
    check_options(options)
    pod = _pod(backend, target)
    rehearsed = is_rehearsal(request) or options.get("dryRun") == ["All"]
    with backend.objects.rehearsal(rehearsed):
        if budgets.is_healthy(pod):
            _check_budget(backend, pod)
        let_go(backend.objects, kind, target.namespace, target.name, options)
    return answer(_DONE, 201)


def _pod(backend: Backend, target: Target) -> Object:
    pod = backend.objects.get("pods", target.namespace, target.name)
    if pod is None:
        raise not_found("pods", target.name)
    return pod


def _check_budget(backend: Backend, pod: Object) -> None:
    """Raise ApiError 429 where the pod's budget lets none go now."""
    namespace = pod["metadata"]["namespace"]
    found = [each for each in backend.objects.list(_BUDGETS, namespace) if budgets.covers(each, pod)]
    if len(found) > 1:
        text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        raise ApiError(500, "InternalError", text)
    for budget in found:
        standing = budgets.standing(budget, backend.objects.list("pods", namespace))
        if not standing.allowed:
            raise _blocked(budget, standing)


def _blocked(budget: Object, standing: budgets.Standing) -> ApiError:
    name = budget["metadata"]["name"]
    text = f"The disruption budget {name} needs {standing.desired} healthy pods and has {standing.healthy} currently"
    causes = [{"reason": "DisruptionBudget", "message": text}]
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    return ApiError(429, "TooManyRequests", message, details={"causes": causes})
