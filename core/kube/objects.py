"""One object as YAML: read, put back edited, and what happens when someone else changed it meanwhile."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any

import yaml

from core.engine.errors import Refusal, Trouble
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.merge import merged
from core.kube.problems import Conflict
from core.live.objects import Target
from core.live.operations import EditConflict, Replaced

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def path_of(target: Target, part: str = "") -> str:
    """Where the API keeps the object, or a part of it."""
    kind = target.kind
    return paths.item(kind.version, kind.resource, target.namespace or None, target.name, part)


async def read(cluster: Cluster, target: Target) -> Object:
    """The object as it is.

    Raises:
        Trouble: it is gone.
    """
    found = await cluster.get(path_of(target))
    if found is None:
        raise Trouble(f"there is no {target} any more", where=cluster.name)
    return found


async def read_yaml(cluster: Cluster, target: Target, *, managed_fields: bool = False, reveal: bool = False) -> str:
    """The object as text; without `reveal` a Secret's values are told as their sizes."""
    found = await read(cluster, target)
    if not managed_fields:
        found["metadata"].pop("managedFields", None)
    return to_yaml(found if reveal else hidden(found))


async def replace_yaml(cluster: Cluster, target: Target, base: str, edited: str) -> Replaced | EditConflict:
    """Put an edited object back.

    Raises:
        Refusal: nothing was changed, the text is not this object, or the server does not accept it.
        Trouble: it is gone.
    """
    mine, before = _manifest(edited), _manifest(base)
    if mine == before:
        raise Refusal("nothing was changed", where=str(target))
    _same_object(before, mine)
    # What a person edited is older than what is there now, unless the version says otherwise.
    mine["metadata"]["resourceVersion"] = before["metadata"].get("resourceVersion")
    try:
        return Replaced(to_yaml(_shown(await cluster.replace(path_of(target), mine))))
    except Conflict as conflict:
        theirs = _shown(await read(cluster, target))
        return _conflict(before, mine, theirs, conflict.what)


def hidden(found: Object) -> Object:
    """A Secret without its values, which `kubectl apply` also keeps in an annotation; any other object as it is."""
    if found.get("kind") != "Secret":
        return found
    shown = copy.deepcopy(found)
    for name in ("data", "stringData"):
        if isinstance(shown.get(name), dict):
            shown[name] = {key: f"[hidden: {len(value)} characters]" for key, value in shown[name].items()}
    if APPLIED in shown["metadata"].get("annotations", {}):
        shown["metadata"]["annotations"][APPLIED] = "[hidden]"
    return shown


def to_yaml(thing: Mapping[str, Any]) -> str:
    """An object as YAML, texts of several lines as blocks."""
    text: str = yaml.dump(dict(thing), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096)
    return text


class _Dumper(yaml.SafeDumper):
    """Plain YAML, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_LINE_BREAKS = frozenset("\x85\u2028\u2029")
"""Line breaks of YAML 1.1 that are no line breaks elsewhere: only between double quotes they survive."""


def _block(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    style = style if _LINE_BREAKS.isdisjoint(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def _manifest(text: str) -> Object:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise Refusal(f"{line}this is not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise Refusal("this is no Kubernetes object: it needs `apiVersion`, `kind` and `metadata`")
    return found


def _same_object(before: Object, mine: Object) -> None:
    for path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "uid")):
        old, new = _at(before, path), _at(mine, path)
        if old != new:
            raise Refusal(f"{'.'.join(path)} was {old} and is {new}: an edit cannot make another object of it")


def _at(thing: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def _shown(found: Object) -> Object:
    found["metadata"].pop("managedFields", None)
    return found


def _conflict(base: Object, mine: Object, theirs: Object, message: str) -> EditConflict:
    both = merged(base, mine, theirs)
    if both is not None:
        both["metadata"]["resourceVersion"] = theirs["metadata"]["resourceVersion"]
    combined = None if both is None else to_yaml(both)
    return EditConflict(to_yaml(base), to_yaml(mine), to_yaml(theirs), combined, message)


def secret_values(found: Object) -> dict[str, str]:
    """A Secret's values as text; what is no text is told as a count of bytes."""
    return {key: _decoded(value) for key, value in sorted((found.get("data") or {}).items())}


def _decoded(value: str) -> str:
    try:
        raw = base64.b64decode(value)
    except ValueError:
        return "[not base64]"
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"[{len(raw)} bytes]"
