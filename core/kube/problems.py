"""What an API server's refusals and failures mean, in its own words."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from core.engine.errors import Refusal, Transient, Trouble, Unreachable

_LONGEST_TEXT = 300


class Conflict(Trouble):
    """The object exists already, or was changed by someone else since it was read (409)."""


class Gone(Trouble):
    """The resource version asked for is no longer kept: list again (410)."""


class Silent(Unreachable):
    """An open stream sent nothing for as long as it may: quiet, or cut without a word."""


class Forbidden(Refusal):
    """The API server knows who asks and does not allow it (403)."""


class Busy(Transient):
    """The API server asks to come back later; `retry_after` is in seconds, None where it names no time."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", retry_after: float | None = None) -> None:
        super().__init__(what, where=where, fix=fix)
        self.retry_after = retry_after


class Blocked(Busy):
    """A PodDisruptionBudget does not allow the eviction now; the text names the budget."""


class Cause(msgspec.Struct, frozen=True, rename="camel"):
    """One of a Status' causes."""

    reason: str = ""
    message: str = ""
    field: str = ""


class Details(msgspec.Struct, frozen=True, rename="camel"):
    """What a Status is about."""

    kind: str = ""
    name: str = ""
    retry_after_seconds: int = 0
    causes: tuple[Cause, ...] | None = None


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """The API's Status object, that carries an error or a command's result."""

    status: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: Details | None = None

    def causes(self, reason: str) -> list[str]:
        """The messages of all causes with this reason."""
        found = self.details.causes if self.details else None
        return [cause.message for cause in found or () if cause.reason == reason]


_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}


def problem(code: int, body: bytes, headers: Mapping[str, str], *, method: str, path: str, where: str) -> Trouble:
    """The error for an answer with this HTTP status; `where` is the cluster's name."""
    status = decode_status(body)
    asked = f"{_VERBS.get(method, method.lower())} {path}"
    text = f"{asked}: {status.message or status.reason or f'HTTP {code}'}"
    match code:
        case 401:
            return Trouble(text, where=where, fix="the credentials in the kubeconfig are not accepted")
        case 403:
            return Forbidden(text, where=where, fix=f"the user of the kubeconfig may not {asked}")
        case 404:
            return Trouble(text, where=where, fix="it is not there (any more)")
        case 409:
            return Conflict(text, where=where)
        case 410:
            return Gone(text, where=where)
        case 429:
            return _too_many(text, status, headers, where)
    if code >= 500:
        return Busy(text, where=where, retry_after=_retry_after(status, headers))
    return Refusal(text, where=where, fix="the API server does not accept this request as it is")


def decode_status(body: bytes) -> Status:
    """The Status in an answer; an answer that is none becomes the message, cut to 300 characters."""
    try:
        return msgspec.json.decode(body, type=Status)
    except msgspec.MsgspecError:
        return Status(message=body.decode(errors="replace").strip()[:_LONGEST_TEXT])


def _too_many(text: str, status: Status, headers: Mapping[str, str], where: str) -> Busy:
    budgets = status.causes("DisruptionBudget")
    after = _retry_after(status, headers)
    if budgets:
        return Blocked(f"{text} ({'; '.join(budgets)})", where=where, retry_after=after)
    return Busy(text, where=where, retry_after=after)


def _retry_after(status: Status, headers: Mapping[str, str]) -> float | None:
    header = headers.get("Retry-After", "")
    if header.isdigit():
        return float(header)
    seconds = status.details.retry_after_seconds if status.details else 0
    return float(seconds) if seconds else None
