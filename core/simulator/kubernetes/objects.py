"""The objects of one cluster, versioned as etcd does it."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from core.simulator.kubernetes import errors
from core.simulator.kubernetes.catalogue import Catalogue
from core.simulator.kubernetes.defaults import complete
from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.history import Event, EventType, History, Subscription
from core.simulator.kubernetes.kinds import Kind

__all__ = ["ApiError", "Event", "Objects", "Subscription", "now"]

Object = dict[str, Any]
Key = tuple[str, str]
Journal = Callable[[str, bytes | None], None]
T = TypeVar("T")

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
# Names made by `generateName`: without vowels and digits that could spell words (k8s.io/apimachinery/pkg/util/rand).
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
# What may have been deleted since the newest object was written; watches from before a restart begin anew.
_RESTART_GAP = 1_000_000


class Objects:
    """All objects of one cluster; the only place that changes them. Synchronous; listeners are told at once.

    `resource` is "pods", "deployments.apps", …: plural and, where there is one, group. Objects
    are kept as JSON: what is given out is the caller's own. `journal` hears of every change: "resource/namespace/name"
    and the JSON, None for what is removed.

    Raises (every method): ApiError 404 for a resource or an object that is not there.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.version = 1
        self.kinds = Catalogue()
        self.history = History()
        self._journal = journal
        self._rehearsed = False
        self._shelves: dict[str, dict[Key, bytes]] = {}

    def load(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Take in what `journal` was told; to be called before anything else."""
        for path, raw in items:
            resource, namespace, name = path.split("/", 2)
            self._shelves.setdefault(resource, {})[namespace, name] = raw
            self.version = max(self.version, int(msgspec.json.decode(raw)["metadata"]["resourceVersion"]))
        for raw in self._shelves.get(DEFINITIONS, {}).values():
            self.kinds.define(msgspec.json.decode(raw))
        if self._shelves:
            self.version += _RESTART_GAP
            self.history.compact(self.version)

    # ── Reading ──

    def kind(self, resource: str) -> Kind:
        """The kind of a resource."""
        found = self.kinds.find(resource)
        if found is None:
            raise errors.no_such_path()
        return found

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        """An object, None where there is none."""
        raw = self.raw(resource, namespace, name)
        return None if raw is None else msgspec.json.decode(raw)

    def raw(self, resource: str, namespace: str, name: str) -> bytes | None:
        """An object's JSON, None where there is none."""
        return self._shelf(resource).get((namespace, name))

    def items(self, resource: str, namespace: str = "") -> Sequence[tuple[Key, bytes]]:
        """Keys (namespace, name) and JSON of a namespace's objects, of all where none is given, by key."""
        shelf = self._shelf(resource)
        keys = sorted(key for key in shelf if key[0] == namespace) if namespace else sorted(shelf)
        return [(key, shelf[key]) for key in keys]

    def rows(self, resource: str, row: type[T], namespace: str = "") -> Sequence[T]:
        """As `list`, decoded as far as a msgspec struct wants it: for those who look at many objects often."""
        decoder = msgspec.json.Decoder(row)
        return [decoder.decode(raw) for _, raw in self.items(resource, namespace)]

    def list(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a namespace, of all where none is given, by namespace and name."""
        return [msgspec.json.decode(raw) for _, raw in self.items(resource, namespace)]

    def subscribe(self, *resources: str, since: int | None = None) -> Subscription:
        """Listen to resources (none: all) from the version after `since` on, or from now on.

        Raises:
            ApiError: 410, the history does not reach back to `since`.
        """
        return self.history.listen(resources, since)

    # ── Writing ──

    @contextmanager
    def rehearsal(self, wanted: bool = True) -> Iterator[None]:
        """Within it, writes answer as ever and change nothing (dry runs); nothing may be awaited within it."""
        self._rehearsed = wanted
        try:
            yield
        finally:
            self._rehearsed = False

    def create(self, resource: str, obj: Object) -> Object:
        """Keep a new object; its `generateName` becomes a name. ApiError 409 where the name is taken."""
        kind = self.kind(resource)
        metadata = self._identity(kind, obj.get("metadata") or {})
        fresh = complete(kind, _head(kind) | obj | _head(kind) | {"metadata": metadata})
        key = (metadata.get("namespace", ""), metadata["name"])
        if key in self._shelf(resource):
            raise errors.already_exists(resource, key[1])
        return self._put("ADDED", resource, key, fresh)

    def update(self, resource: str, obj: Object, *, expected: str | None = None) -> Object:
        """Replace an object; where its kind has a status subresource, the status stays as it is.

        ApiError 409 where it is no longer in the version `expected` (by default the one in the object, "" for any). A
        change that changes nothing makes no version. The last finalizer of an object on its way out lets it go.
        """
        kind, metadata = self.kind(resource), obj["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        old = self._expected(resource, key, metadata.get("resourceVersion", "") if expected is None else expected)
        if metadata.get("uid", old["metadata"]["uid"]) != old["metadata"]["uid"]:
            raise errors.conflict(resource, key[1], "the UID in the object is not that of the object that is there")
        identity = {"metadata": _kept_identity(old["metadata"], metadata)}
        status = {"status": old.get("status", {})} if kind.status else {}
        fresh = complete(kind, _head(kind) | obj | _head(kind) | identity | status)
        if kind.counted and _wanted(fresh) != _wanted(old):
            fresh["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        return self._changed(resource, key, old, fresh)

    def update_status(self, resource: str, namespace: str, name: str, status: Object) -> Object:
        """Replace an object's status and nothing else."""
        old = self._expected(resource, (namespace, name), "")
        return self._changed(resource, (namespace, name), old, old | {"status": status})

    def delete(self, resource: str, namespace: str, name: str, *, grace: int | None = None) -> Object:
        """Let an object go: at once, or, where something is to be done before, marked with a deletionTimestamp.

        Finalizers hold an object until `update` takes the last one off; a namespace stays until it is removed; a pod on
        a node stays until the kubelet confirms with `remove`, unless `grace` (in seconds) is 0.
        """
        key = (namespace, name)
        old = self._expected(resource, key, "")
        if resource == "namespaces":
            return self._changed(resource, key, old, _leaving(old, 0) | {"status": {"phase": "Terminating"}})
        seconds = _grace(old, grace) if resource == "pods" else 0
        if not seconds and not old["metadata"].get("finalizers"):
            return self._drop(resource, key, old)
        return self._changed(resource, key, old, _leaving(old, seconds))

    def remove(self, resource: str, namespace: str, name: str) -> None:
        """Gone now, whatever held it; what is gone already may be asked for again."""
        raw = self.raw(resource, namespace, name)
        if raw is not None:
            self._drop(resource, (namespace, name), msgspec.json.decode(raw))

    # ── Inside ──

    def _shelf(self, resource: str) -> dict[Key, bytes]:
        shelf = self._shelves.get(resource)
        if shelf is None:
            self.kind(resource)
            shelf = self._shelves[resource] = {}
        return shelf

    def _expected(self, resource: str, key: Key, version: str) -> Object:
        raw = self._shelf(resource).get(key)
        if raw is None:
            raise errors.not_found(resource, key[1])
        old: Object = msgspec.json.decode(raw)
        if version not in ("", old["metadata"]["resourceVersion"]):
            raise errors.modified(resource, key[1])
        return old

    def _identity(self, kind: Kind, given: Object) -> Object:
        name = given.get("name") or self._free_name(kind, given.get("generateName", ""), given.get("namespace", ""))
        own: Object = {"name": name, "uid": str(uuid.uuid4()), "creationTimestamp": now()}
        if kind.counted:
            own["generation"] = 1
        metadata = given | own
        for key in ("deletionTimestamp", "deletionGracePeriodSeconds", *(() if kind.namespaced else ("namespace",))):
            metadata.pop(key, None)
        return metadata

    def _free_name(self, kind: Kind, beginning: str, namespace: str) -> str:
        if not beginning:
            causes = [("metadata.name", "Required value: name or generateName is required")]
            raise errors.invalid(kind.name, kind.group, "", causes)
        shelf = self._shelf(kind.resource)
        tries = (beginning + "".join(random.choices(_LETTERS, k=5)) for _ in itertools.count())
        return next(name for name in tries if (namespace, name) not in shelf)

    def _changed(self, resource: str, key: Key, old: Object, fresh: Object) -> Object:
        metadata = fresh["metadata"]
        metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
        if "deletionTimestamp" in metadata and _let_go(resource, old, metadata):
            return self._drop(resource, key, fresh)
        return old if fresh == old else self._put("MODIFIED", resource, key, fresh)

    def _put(self, type: EventType, resource: str, key: Key, obj: Object) -> Object:
        if self._rehearsed:
            return obj
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        shelf, raw = self._shelf(resource), msgspec.json.encode(obj)
        before, shelf[key] = shelf.get(key), raw
        if resource == DEFINITIONS:
            self.kinds.define(obj)
        self._tell(Event(type, resource, key, raw, self.version, before=before), raw)
        return obj

    def _drop(self, resource: str, key: Key, obj: Object) -> Object:
        if self._rehearsed:
            return obj
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        before = self._shelf(resource).pop(key)
        if resource == DEFINITIONS:
            self._forget_kind(obj)
        self._tell(Event("DELETED", resource, key, msgspec.json.encode(obj), self.version, before=before), None)
        return obj

    def _forget_kind(self, definition: Object) -> None:
        """What is of a kind that is no more goes with it."""
        resource: str = definition["metadata"]["name"]
        for namespace, name in list(self._shelf(resource)):
            self.remove(resource, namespace, name)
        self._shelves.pop(resource, None)
        self.kinds.forget(definition)

    def _tell(self, event: Event, raw: bytes | None) -> None:
        if self._journal is not None:
            self._journal(f"{event.resource}/{event.namespace}/{event.name}", raw)
        self.history.add(event)


def now(seconds: float = 0) -> str:
    """The time, or the time in some seconds, as Kubernetes writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _head(kind: Kind) -> Object:
    return {"apiVersion": kind.api_version, "kind": kind.name}


_FIXED = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)


def _kept_identity(old: Object, given: Object) -> Object:
    """The metadata that a caller gives, with what is not theirs to change as it was."""
    theirs = {key: value for key, value in given.items() if key not in _FIXED}
    ours = {key: old[key] for key in _FIXED if key in old}
    if "generateName" in old:
        ours["generateName"] = old["generateName"]
    return ours | theirs


def _wanted(obj: Object) -> Object:
    return {key: value for key, value in obj.items() if key not in ("metadata", "status", "apiVersion", "kind")}


def _leaving(old: Object, seconds: int) -> Object:
    metadata = dict(old["metadata"])
    if "deletionTimestamp" not in metadata or seconds < metadata.get("deletionGracePeriodSeconds", 0):
        metadata |= {"deletionTimestamp": now(seconds), "deletionGracePeriodSeconds": seconds}
    return old | {"metadata": metadata}


def _let_go(resource: str, old: Object, metadata: Object) -> bool:
    """Whether the last finalizer has just been taken off something that nothing else holds."""
    if metadata.get("finalizers") or not old["metadata"].get("finalizers") or resource == "namespaces":
        return False
    return not metadata.get("deletionGracePeriodSeconds")


def _grace(pod: Object, asked: int | None) -> int:
    """The seconds a pod has to end: none where no kubelet has it, or where it has ended already."""
    spec, phase = pod.get("spec", {}), pod.get("status", {}).get("phase", "")
    if not spec.get("nodeName") or phase in ("Succeeded", "Failed"):
        return 0
    default: int = spec.get("terminationGracePeriodSeconds", 30)
    return default if asked is None else max(0, asked)
