"""The cloud's errors as sentences: which pass by themselves, which somebody must decide about.

Source of the cases: OpenStack's API guidelines (HTTP codes) and keystoneauth's exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from keystoneauth1 import exceptions as auth
from openstack import exceptions as sdk

from core.engine.errors import Refusal, Transient, Trouble, Unreachable

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Answers that may be another the next time; 500 among them, as a deletion that meets another one gives it."""

_LOGIN_FIX = "check the cloud's entry in clouds.yaml, or the OS_* variables, with `openstack token issue`"
_QUOTA = re.compile(r"quota exceeded", re.IGNORECASE)


class Gone(Trouble):
    """What was asked for is not there (any more)."""


class Taken(Trouble):
    """Something stands in the way that is there already, or is in use (409)."""


class Busy(Transient):
    """The cloud asks to come back later; `after` is in how many seconds, 0 where it did not say."""

    def __init__(self, what: str, *, where: str = "", after: float = 0.0) -> None:
        super().__init__(what, where=where, fix="wait; it is tried again")
        self.after = after


def explained(error: Exception, cloud: str) -> Exception:
    """The error as one of ours; what is none of the cloud's comes back as it is."""
    where = f"cloud {cloud}"
    if isinstance(error, sdk.HttpException):
        return _answered(error, where)
    if isinstance(error, sdk.ConfigException):
        return Refusal(_text(error), where=where, fix="name a cloud that clouds.yaml has")
    if isinstance(error, auth.HttpError):
        return _refused_login(error, where)
    if isinstance(error, auth.SSLError):
        what = f"its certificate is not trusted: {_text(error)}"
        return Refusal(what, where=where, fix="set `cacert` in clouds.yaml")
    if isinstance(error, auth.ConnectionError):
        # What the HTTP library says of it, several sentences deep, comes after the address.
        text = _text(error).partition(": HTTP")[0]
        return Unreachable(f"no answer: {text}", where=where, fix="see whether its API can be reached")
    if isinstance(error, auth.EndpointNotFound | sdk.EndpointNotFound):
        return Refusal(f"it has no such service: {_text(error)}", where=where, fix="check the region in the document")
    if isinstance(error, auth.ClientException | sdk.SDKException):
        return _without_status(error, where)
    return error


def _answered(error: sdk.HttpException, where: str) -> Trouble:
    status, text = error.status_code or 0, message_of(error)
    if status == 404:
        return Gone(text, where=where)
    if _QUOTA.search(text):
        return Refusal(text, where=where, fix="have the quota raised or remove something, then deploy again")
    if status == 401:
        return Refusal(f"it does not accept the login any more: {text}", where=where, fix=_LOGIN_FIX)
    if status == 403:
        return Refusal(f"not allowed: {text}", where=where, fix="have the role `member` of the project given to you")
    if status == 409:
        return Taken(text, where=where)
    if status in PASSING:
        headers = error.response.headers if error.response is not None else {}
        return Busy(f"it answers {status}: {text}", where=where, after=retry_after(headers))
    return Refusal(f"it answers {status}: {text}", where=where)


def _refused_login(error: auth.HttpError, where: str) -> Trouble:
    status = error.http_status
    # 404: the token that was to log in is not known any more.
    if status in (401, 404):
        return Refusal(f"it does not accept the login: {_text(error)}", where=where, fix=_LOGIN_FIX)
    if status in PASSING:
        return Busy(f"keystone answers {status}: {_text(error)}", where=where)
    return Refusal(f"keystone answers {status}: {_text(error)}", where=where, fix=_LOGIN_FIX)


def _without_status(error: Exception, where: str) -> Trouble:
    """keystoneauth and the SDK say some failures of the way in words only."""
    text = _text(error)
    if isinstance(error, auth.DiscoveryFailure) or "Could not find versioned identity endpoints" in text:
        return Unreachable(f"keystone cannot be asked: {text}", where=where, fix="see whether its API can be reached")
    if isinstance(error, auth.MissingRequiredOptions | auth.NoMatchingPlugin | auth.OptionError):
        return Refusal(f"the login is incomplete: {text}", where=where, fix=_LOGIN_FIX)
    return Trouble(text, where=where)


def message_of(error: sdk.HttpException) -> str:
    """What the service itself said, without the SDK's words around it."""
    said = error.details or error.message or type(error).__name__
    return " ".join(str(said).split())


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the answer asks to wait, 0 where it gives none or a date."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _text(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
