"""Questions about who someone is and what they may do; they are answered and not kept.

Source: k8s.io/api/authorization/v1 and authentication/v1.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from core.simulator.kubernetes.access.rules import Attempt
from core.simulator.kubernetes.access.users import User
from core.simulator.kubernetes.errors import ApiError, bad_request, not_allowed, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.web.answers import answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import body_of
from core.simulator.kubernetes.web.target import Target

Object = dict[str, Any]

_AUTHORIZATION, _AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
_SHORTEST, _LONGEST = 600, 1 << 32

REVIEWS: dict[tuple[str, str], Kind] = {
    (kind.group, kind.plural): kind
    for kind in (
        Kind(_AUTHENTICATION, "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False),
        Kind(_AUTHENTICATION, "v1", "tokenreviews", "TokenReview", namespaced=False),
        Kind(_AUTHORIZATION, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview"),
        Kind(_AUTHORIZATION, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False),
        Kind(_AUTHORIZATION, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False),
        Kind(_AUTHORIZATION, "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False),
    )
}
"""The questions, by group and plural."""


async def review(backend: Backend, request: web.Request, user: User, target: Target) -> web.StreamResponse:
    """Answer a question. ApiError 405 for anything but asking one."""
    if target.verb != "create" or target.name:
        raise not_allowed()
    kind, body = REVIEWS[target.group, target.plural], await body_of(request)
    spec = body.get("spec") or {}
    if not isinstance(spec, dict):
        raise bad_request(f"{kind.name} cannot be handled: spec is not an object")
    if target.namespace and isinstance(spec.get("resourceAttributes"), dict):
        spec["resourceAttributes"].setdefault("namespace", target.namespace)
    try:
        status = _ANSWERS[target.plural](backend, user, spec)
    except (AttributeError, TypeError, KeyError):
        raise bad_request(f"{kind.name} cannot be handled: its spec has parts of another type") from None
    head = {"kind": kind.name, "apiVersion": kind.api_version, "metadata": body.get("metadata") or {}}
    return answer(head | {"spec": spec, "status": status}, 201)


async def request_token(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """A token for a service account."""
    if target.verb != "create":
        raise not_allowed()
    body = await body_of(request)
    account = backend.objects.get("serviceaccounts", target.namespace, target.name)
    if account is None:
        raise not_found("serviceaccounts", target.name)
    if not backend.tokens.available:
        raise ApiError(500, "InternalError", "this API server has no key to sign tokens with")
    spec = body.get("spec") or {}
    seconds, audiences = spec.get("expirationSeconds") or 3600, spec.get("audiences") or []
    if not isinstance(seconds, int) or not _SHORTEST <= seconds <= _LONGEST or not isinstance(audiences, list):
        raise bad_request(
            "TokenRequest is invalid: spec.expirationSeconds: may not specify a duration less than 10 minutes"
        )
    token = backend.tokens.issue(account, audiences, seconds)
    end = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = {"kind": "TokenRequest", "apiVersion": f"{_AUTHENTICATION}/v1", "metadata": {"name": target.name}}
    spec = {"audiences": audiences or [backend.settings.issuer], "expirationSeconds": seconds}
    return answer(head | {"spec": spec, "status": {"token": token, "expirationTimestamp": end}}, 201)


def attempt_of(spec: Object) -> Attempt:
    """What a review asks about."""
    if path := spec.get("nonResourceAttributes"):
        return Attempt(path.get("verb", ""), path=path.get("path", ""))
    asked = spec.get("resourceAttributes") or {}
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    verb, group, resource, part, namespace, name = (str(asked.get(key) or "") for key in names)
    return Attempt(verb, group, resource, part, namespace, name)


def _verdict(backend: Backend, user: User, spec: Object) -> Object:
    allowed = backend.authorizer.allows(user, attempt_of(spec))
    return {"allowed": True} if allowed else {"allowed": False, "reason": ""}


def _own_access(backend: Backend, user: User, spec: Object) -> Object:
    return _verdict(backend, user, spec)


def _access(backend: Backend, _: User, spec: Object) -> Object:
    return _verdict(backend, User(spec.get("user") or "", tuple(spec.get("groups") or ())), spec)


def _own_rules(backend: Backend, user: User, spec: Object) -> Object:
    rules = backend.authorizer.rules(user, spec.get("namespace") or "")
    paths = [rule for rule in rules if "nonResourceURLs" in rule]
    return {
        "resourceRules": [rule for rule in rules if "nonResourceURLs" not in rule],
        "nonResourceRules": paths,
        "incomplete": False,
    }


def _token(backend: Backend, _: User, spec: Object) -> Object:
    user = backend.tokens.user(str(spec.get("token") or ""))
    return {"authenticated": True, "user": _as_object(user)} if user else {"authenticated": False}


def _self(backend: Backend, user: User, spec: Object) -> Object:
    return {"userInfo": _as_object(user)}


def _as_object(user: User) -> Object:
    return {"username": user.name, "groups": list(user.groups)}


_ANSWERS: dict[str, Callable[[Backend, User, Object], Object]] = {
    "localsubjectaccessreviews": _access,
    "selfsubjectaccessreviews": _own_access,
    "selfsubjectreviews": _self,
    "selfsubjectrulesreviews": _own_rules,
    "subjectaccessreviews": _access,
    "tokenreviews": _token,
}
