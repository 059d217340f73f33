"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902)."""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.errors import ApiError, bad_request

Object = dict[str, Any]

# More would be a way to make the server work for nothing (k8s.io/apiserver: maxJSONPatchOperations).
_MOST_OPERATIONS = 10_000


def merged(target: Any, patch: Any) -> Any:
    """The target with a merge patch applied: null removes, lists and plain values replace."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def json_patched(target: Object, operations: Any) -> Any:
    """The target with the operations of a JSON patch applied, all of them or none.

    Raises:
        ApiError: 400 for what is no JSON patch, 422 for one that cannot be applied here.
    """
    import jsonpatch
    import jsonpointer

    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    if len(operations) > _MOST_OPERATIONS:
        raise ApiError(
            413, "RequestEntityTooLarge", f"the allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}"
        )
    try:
        return jsonpatch.JsonPatch(operations).apply(target)
    except jsonpatch.InvalidJsonPatch as error:
        raise bad_request(f"error decoding patch: {error}") from None
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, ValueError) as error:
        text = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", f"{text}: {error}") from None
