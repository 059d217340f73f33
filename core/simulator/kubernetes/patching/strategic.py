"""Strategic merge patch: lists are merged by their keys, with directives for what cannot be said by merging.

Source: kubernetes/community, "Strategic Merge Patch"; k8s.io/apimachinery/pkg/util/strategicpatch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.simulator.kubernetes.errors import bad_request
from core.simulator.kubernetes.patching.list_keys import SETS, merge_key

Object = dict[str, Any]

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merged(target: Object, patch: Any) -> Object:
    """The target with a strategic merge patch applied.

    Raises:
        ApiError: 400, the patch is none.
    """
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a strategic merge patch is an object")
    return _merged_map(target, patch, "")


def _merged_map(target: Any, patch: Object, parent: str) -> Object:
    result = dict(target) if isinstance(target, dict) else {}
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: _plain(value) for key, value in patch.items() if not key.startswith("$") and value is not None}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise bad_request(f"unknown patch type found: {directive}")
    result = _retained(result, patch)
    for key, value in patch.items():
        if not key.startswith("$"):
            _merge_field(result, key, value, parent, patch)
    _remove_values(result, patch)
    _order_untouched(result, patch, parent)
    return result


def _merge_field(result: Object, key: str, value: Any, parent: str, patch: Object) -> None:
    if value is None:
        result.pop(key, None)
    elif isinstance(value, dict):
        result[key] = _merged_map(result.get(key), value, key)
    elif isinstance(value, list):
        result[key] = _merged_list(result.get(key), value, parent, key, _order(patch, key))
    else:
        result[key] = value


def _merged_list(old: Any, patch: list[Any], parent: str, name: str, order: Sequence[Any]) -> list[Any]:
    existing = old if isinstance(old, list) else []
    key = merge_key(parent, name)
    if key and all(isinstance(each, dict) for each in [*existing, *patch]):
        return _merged_elements(existing, patch, key, name, order)
    if name in SETS:
        united = [*existing, *(each for each in patch if each not in existing)]
        return _ordered(united, order, lambda each: each)
    return [_plain(each) for each in patch]


def _merged_elements(
    existing: list[Object], patch: list[Object], key: str, name: str, order: Sequence[Any]
) -> list[Object]:
    if any(each.get(_DIRECTIVE) == "replace" for each in patch):
        return [_plain(each) for each in patch if each.get(_DIRECTIVE) != "replace" or len(each) > 1]
    result = list(existing)
    for element in patch:
        if key not in element:
            raise bad_request(f"map: {element} does not contain declared merge key: {key}")
        place = next((index for index, each in enumerate(result) if each.get(key) == element[key]), None)
        _merge_element(result, place, element, name)
    # Without an order of its own, a patch means the order in which it names the elements.
    named = [each.get(key) for each in order or patch if isinstance(each, dict)]
    return _ordered(result, named, lambda each: each.get(key))


def _merge_element(result: list[Object], place: int | None, element: Object, name: str) -> None:
    if element.get(_DIRECTIVE) == "delete":
        if place is not None:
            del result[place]
    elif place is None:
        result.append(_merged_map({}, element, name))
    else:
        result[place] = _merged_map(result[place], element, name)


def _ordered(items: list[Any], order: Sequence[Any], key: Callable[[Any], Any]) -> list[Any]:
    """Bring the named items in the order given; each of the others stays behind its predecessor, as the server does."""
    if not order:
        return items
    named = sorted((each for each in items if key(each) in order), key=lambda each: list(order).index(key(each)))
    places = iter(named)
    return [next(places) if key(each) in order else each for each in items]


def _order(patch: Object, key: str) -> Sequence[Any]:
    order = patch.get(f"{_ORDER}{key}") or ()
    if not isinstance(order, list | tuple):
        raise bad_request(f"{_ORDER}{key} is not a list")
    return order


def _order_untouched(result: Object, patch: Object, parent: str) -> None:
    """Order lists that the patch names for their order alone."""
    for directive in patch:
        name = directive.removeprefix(_ORDER)
        if name != directive and name not in patch and isinstance(result.get(name), list):
            result[name] = _merged_list(result[name], [], parent, name, _order(patch, name))


def _remove_values(result: Object, patch: Object) -> None:
    for directive, values in patch.items():
        name = directive.removeprefix(_DELETE)
        if name == directive or not isinstance(result.get(name), list):
            continue
        if not isinstance(values, list):
            raise bad_request(f"{directive} is not a list")
        result[name] = [each for each in result[name] if each not in values]


def _retained(result: Object, patch: Object) -> Object:
    keys = patch.get(_RETAIN)
    if keys is None:
        return result
    if not isinstance(keys, list):
        raise bad_request(f"{_RETAIN} is not a list")
    return {key: value for key, value in result.items() if key in keys}


def _plain(value: Any) -> Any:
    """A value without directives and nulls, as it is kept where there was nothing to merge with."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if not key.startswith("$") and each is not None}
    return [_plain(each) for each in value] if isinstance(value, list) else value
