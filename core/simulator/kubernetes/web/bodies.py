"""What clients send."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml
from aiohttp import web

from core.simulator.kubernetes.errors import ApiError, bad_request, unsupported
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.web import protobuf
from core.simulator.kubernetes.web.target import Target

Object = dict[str, Any]

LARGEST_BODY = 3 * 1024 * 1024
_JSON, _YAML = "application/json", "application/yaml"


async def content(request: web.Request) -> bytes:
    """The body's bytes. ApiError 413 where there are too many."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST_BODY}") from None


async def body_of(request: web.Request) -> Object:
    """The object in a body of JSON, YAML or protobuf; empty for an empty body.

    Raises:
        ApiError: 415 for another format, 400 for what cannot be read.
    """
    found = await content(request)
    media = request.content_type if "Content-Type" in request.headers else _JSON
    if media == protobuf.MEDIA:
        return protobuf.decoded(found) if found else {}
    if media not in (_JSON, _YAML):
        raise unsupported(media, (_JSON, _YAML, protobuf.MEDIA))
    return parsed(found, lenient=media == _YAML) if found.strip() else {}


def parsed(found: bytes, *, lenient: bool) -> Object:
    """An object in JSON, or, where `lenient`, in YAML. ApiError 400 for what is none."""
    try:
        value = _from_yaml(found) if lenient else msgspec.json.decode(found)
    except (msgspec.MsgspecError, yaml.YAMLError, RecursionError, TypeError, UnicodeError, OverflowError) as error:
        raise bad_request(f"couldn't get version/kind; parse error: {error}") from None
    if not isinstance(value, dict):
        raise bad_request("couldn't get version/kind; parse error: the body is not an object")
    return value


def _from_yaml(found: bytes) -> Any:
    """YAML as JSON values: YAML knows times and binary values, that JSON does not."""
    try:
        return msgspec.json.decode(found)
    except msgspec.DecodeError:
        return msgspec.json.decode(msgspec.json.encode(yaml.safe_load(found)))


def check_head(kind: Kind, target: Target, obj: Object) -> None:
    """Kind, version and namespace of what is sent are those of the path, where they are given; ApiError 400."""
    given = (obj.get("apiVersion") or kind.api_version, obj.get("kind") or kind.name)
    if given != (kind.api_version, kind.name):
        text = f"the object provided is unrecognized (must be of type {kind.name}): it is {given[1]} in {given[0]}"
        raise bad_request(text)
    metadata = obj.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise bad_request(f"{kind.name} cannot be handled: metadata is not an object")
    if kind.namespaced and (metadata.get("namespace") or target.namespace) != target.namespace:
        text = "the namespace of the provided object does not match the namespace sent on the request"
        raise bad_request(text)
