"""A column of a table, and the words that many columns share.

Source of wordings: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]

NONE = "<none>"
UNKNOWN = "<unknown>"
UNSET = "<unset>"

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY


@dataclass(frozen=True, slots=True)
class Cell:
    """A column and how its cell is made; one with a `priority` above 0 is shown with `-o wide`."""

    name: str
    of: Callable[[Object], object]
    type: str = "string"
    priority: int = 0


def metadata(name: str) -> Callable[[Object], object]:
    """A field of the metadata as it is."""
    return lambda obj: obj["metadata"].get(name)


def at(path: str, default: object = "") -> Callable[[Object], object]:
    """The value at a dotted path."""
    parts = path.split(".")

    def find(obj: Object) -> object:
        found: Any = obj
        for part in parts:
            found = found.get(part) if isinstance(found, dict) else None
        return default if found is None else found

    return find


def age(path: str = "metadata.creationTimestamp") -> Callable[[Object], str]:
    """How long ago the time at a path is."""
    find = at(path)
    return lambda obj: since(find(obj))


def count(path: str) -> Callable[[Object], int]:
    """How many things are at a path."""
    find = at(path, ())
    return lambda obj: len(find(obj))  # type: ignore[arg-type]


def moment(text: object) -> datetime | None:
    """A time as Kubernetes writes it; None for what is none."""
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def since(text: object) -> str:
    """How long ago a time is: "5m12s"; <unknown> for none."""
    found = moment(text)
    return UNKNOWN if found is None else duration((datetime.now(UTC) - found).total_seconds())


def duration(seconds: float) -> str:
    """Seconds in at most two units, as k8s.io/apimachinery/pkg/util/duration says them."""
    total = max(0, int(seconds))
    if total < 2 * _MINUTE:
        return f"{total}s"
    if total < 10 * _MINUTE:
        return _pair(total, _MINUTE, "m", 1, "s")
    if total < 3 * _HOUR:
        return f"{total // _MINUTE}m"
    if total < 8 * _HOUR:
        return _pair(total, _HOUR, "h", _MINUTE, "m")
    if total < 2 * _DAY:
        return f"{total // _HOUR}h"
    if total < 8 * _DAY:
        return _pair(total, _DAY, "d", _HOUR, "h")
    if total < 2 * _YEAR:
        return f"{total // _DAY}d"
    return _pair(total, _YEAR, "y", _DAY, "d") if total < 8 * _YEAR else f"{total // _YEAR}y"


def _pair(total: int, big: int, first: str, small: int, second: str) -> str:
    rest = total % big // small
    return f"{total // big}{first}" + (f"{rest}{second}" if rest else "")


def joined(values: Iterable[object], limit: int = 0) -> str:
    """Values with commas between them; beyond a limit only how many more there are."""
    texts = [str(value) for value in values]
    if limit and len(texts) > limit:
        return f"{','.join(texts[:limit])} + {len(texts) - limit} more..."
    return ",".join(texts) or NONE


def labels(found: Mapping[str, str] | None) -> str:
    """Labels as a selector."""
    return joined(f"{key}={value}" for key, value in sorted((found or {}).items()))


def selector(found: Mapping[str, Any] | None) -> str:
    """A LabelSelector in its written form."""
    if found is None:
        return NONE
    parts = [f"{key}={value}" for key, value in sorted((found.get("matchLabels") or {}).items())]
    for rule in found.get("matchExpressions") or ():
        key, values = rule["key"], ",".join(sorted(rule.get("values") or ()))
        written = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(written.get(rule["operator"], f"!{key}"))
    return joined(parts)


def containers_of(obj: Object) -> list[Object]:
    """The containers of a workload's template."""
    spec = obj.get("spec") or {}
    job = (spec.get("jobTemplate") or {}).get("spec") or spec
    template = job.get("template") or {}
    found: list[Object] = (template.get("spec") or {}).get("containers") or []
    return found


def condition(obj: Object, kind: str) -> Object | None:
    """One of the conditions in a status."""
    listed = (obj.get("status") or {}).get("conditions") or ()
    return next((each for each in listed if each.get("type") == kind), None)


NAME = Cell("Name", metadata("name"))
AGE = Cell("Age", age())
CREATED = Cell("Created At", metadata("creationTimestamp"), "date")
CONTAINERS = Cell("Containers", lambda obj: joined(each["name"] for each in containers_of(obj)), priority=1)
IMAGES = Cell("Images", lambda obj: joined(each.get("image", "") for each in containers_of(obj)), priority=1)
SELECTOR = Cell("Selector", lambda obj: selector((obj.get("spec") or {}).get("selector")), priority=1)
