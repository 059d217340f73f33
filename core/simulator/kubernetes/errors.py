"""What the API refuses, as the Status objects that real servers answer with.

Source of reasons, codes and wordings: k8s.io/apimachinery/pkg/api/errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """A request that is not done: `status` is the HTTP status, `reason` and `message` are for programs and people.

    `details` and `headers` go with the answer as they are.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The metav1.Status."""
        found: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.status,
        }
        return found | ({"details": self.details} if self.details else {})


def not_found(resource: str, name: str) -> ApiError:
    """There is no such object; `resource` is "pods" or "deployments.apps"."""
    return ApiError(404, "NotFound", f'{resource} "{name}" not found', details=_about(resource, name))


def no_such_path() -> ApiError:
    """The server has no such kind, version or subresource."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def already_exists(resource: str, name: str) -> ApiError:
    """An object with this name is there."""
    return ApiError(409, "AlreadyExists", f'{resource} "{name}" already exists', details=_about(resource, name))


def conflict(resource: str, name: str, why: str) -> ApiError:
    """The object is not the one, or not in the version, that the request is about."""
    text = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return ApiError(409, "Conflict", text, details=_about(resource, name))


def modified(resource: str, name: str) -> ApiError:
    """Someone else changed the object since it was read."""
    why = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(resource, name, why)


def gone(version: int, oldest: int) -> ApiError:
    """The history no longer reaches back to this version."""
    return ApiError(410, "Expired", f"too old resource version: {version} ({oldest})")


def bad_request(message: str) -> ApiError:
    """The request itself cannot be understood."""
    return ApiError(400, "BadRequest", message)


def invalid(kind: str, group: str, name: str, causes: Sequence[tuple[str, str]]) -> ApiError:
    """The object breaks rules: `causes` are (field, what is wrong with it)."""
    told = [f"{field}: {text}" for field, text in causes]
    listed = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    about = {key: value for key, value in {"name": name, "group": group, "kind": kind}.items() if value}
    listed_causes = [{"reason": _cause(text), "message": text, "field": field} for field, text in causes]
    title = f"{kind}.{group}" if group else kind
    return ApiError(422, "Invalid", f'{title} "{name}" is invalid: {listed}', details=about | {"causes": listed_causes})


def forbidden(resource: str, name: str, why: str) -> ApiError:
    """The user is known and may not do this."""
    target = f'{resource} "{name}"' if name else resource
    return ApiError(403, "Forbidden", f"{target} is forbidden: {why}", details=_about(resource, name))


def unauthorized() -> ApiError:
    """Nobody that is known asks."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def not_allowed() -> ApiError:
    """The resource has no such verb."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def unsupported(media: str, accepted: Sequence[str]) -> ApiError:
    """The body is in a format that this path does not take."""
    text = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return ApiError(415, "UnsupportedMediaType", f"{text} (got {media or 'none'})")


def unavailable(message: str) -> ApiError:
    """The server cannot answer now."""
    return ApiError(503, "ServiceUnavailable", message, headers={"Retry-After": "1"})


def _about(resource: str, name: str) -> dict[str, Any]:
    plural, _, group = resource.partition(".")
    found = {"name": name, "group": group, "kind": plural}
    return {key: value for key, value in found.items() if value}


_CAUSES = {
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Forbidden": "FieldValueForbidden",
    "Unsupported value": "FieldValueNotSupported",
    "Not found": "FieldValueNotFound",
}


def _cause(text: str) -> str:
    return next((reason for start, reason in _CAUSES.items() if text.startswith(start)), "FieldValueInvalid")
