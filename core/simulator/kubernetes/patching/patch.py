"""A patch of any of the forms that the API takes."""

from __future__ import annotations

from typing import Any

import msgspec

from core.simulator.kubernetes.errors import bad_request, unsupported
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.patching.merge import json_patched, merged
from core.simulator.kubernetes.patching.strategic import strategic_merged

Object = dict[str, Any]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

_ACCEPTED = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)


def patched(kind: Kind, live: Object, media: str, body: bytes) -> Object:
    """The object with a JSON, merge or strategic merge patch applied; custom resources take no strategic one.

    Raises:
        ApiError: 400, 415 or 422, the patch is none, or cannot be applied here.
    """
    if media not in _ACCEPTED[:3] or (kind.custom and media == STRATEGIC_PATCH):
        raise unsupported(media, [each for each in _ACCEPTED if not kind.custom or each != STRATEGIC_PATCH])
    try:
        patch = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise bad_request(f"error decoding patch: {error}") from None
    result = _applied(live, media, patch)
    if not isinstance(result, dict):
        raise bad_request(f"the patch leaves no object of kind {kind.name}")
    return result


def _applied(live: Object, media: str, patch: Any) -> Any:
    if media == JSON_PATCH:
        return json_patched(live, patch)
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: the patch is not an object")
    return merged(live, patch) if media == MERGE_PATCH else strategic_merged(live, patch)
