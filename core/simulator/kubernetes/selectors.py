"""Label and field selectors, and which events a selection shows.

Source: kubernetes.io, "Labels and Selectors" and "Field Selectors".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.simulator.kubernetes.errors import bad_request
from core.simulator.kubernetes.history import Event, EventType, labels_of

Object = dict[str, Any]
Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_KEY = r"[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9])?"
_VALUE = r"[A-Za-z0-9_.-]*"
_REQUIREMENT = re.compile(
    rf"\s*(?:!\s*(?P<absent>{_KEY})"
    rf"|(?P<set>{_KEY})\s+(?P<how>in|notin)\s*\((?P<values>[^()]*)\)"
    rf"|(?P<key>{_KEY})\s*(?P<operator>==|=|!=|>|<)\s*(?P<value>{_VALUE})"
    rf"|(?P<present>{_KEY}))\s*(?:,|$)"
)
_FIELD = re.compile(r"(?P<path>[A-Za-z0-9.\[\]-]+)(?P<operator>==|!=|=)(?P<value>.*)")

_EVERYWHERE = ("metadata.name", "metadata.namespace")
_EVENT_FIELDS = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "type",
        "reason",
        "reportingComponent",
        "source",
        *(f"involvedObject.{name}" for name in _EVENT_FIELDS),
        *(f"regarding.{name}" for name in _EVENT_FIELDS),
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "replicationcontrollers": ("status.replicas",),
    "replicasets.apps": ("status.replicas",),
    "jobs.batch": ("status.successful",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
}


def label_test(text: str) -> Test:
    """The test of a label selector in its written form; an empty one lets everything through.

    Raises:
        ApiError: 400, it cannot be read.
    """
    tests: list[Test] = []
    position = 0
    while position < len(text):
        found = _REQUIREMENT.match(text, position)
        if found is None:
            raise bad_request(f'unable to parse requirement: found "{text[position:]}", expected a label requirement')
        tests.append(_label_requirement(found))
        position = found.end()
    return lambda labels: all(test(labels) for test in tests)


def _label_requirement(found: re.Match[str]) -> Test:
    key, value, operator = found["key"], found["value"], found["operator"]
    if absent := found["absent"]:
        return lambda labels: absent not in labels
    if present := found["present"]:
        return lambda labels: present in labels
    if chosen := found["set"]:
        values = {each.strip() for each in found["values"].split(",")}
        return (
            (lambda labels: labels.get(chosen) in values)
            if found["how"] == "in"
            else (lambda labels: labels.get(chosen) not in values)
        )
    if operator in (">", "<"):
        return _ordered(key, operator, value)
    return (lambda labels: labels.get(key) != value) if operator == "!=" else (lambda labels: labels.get(key) == value)


def _ordered(key: str, operator: str, value: str) -> Test:
    if not value.lstrip("-").isdecimal():
        raise bad_request(f'unable to parse requirement: "{value}" must be an integer')

    def test(labels: Labels) -> bool:
        given = labels.get(key, "")
        if not given.lstrip("-").isdecimal():
            return False
        return int(given) > int(value) if operator == ">" else int(given) < int(value)

    return test


def selects(selector: Mapping[str, Any] | None, labels: Labels) -> bool:
    """Whether a LabelSelector object lets labels through; None selects nothing, an empty one everything."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(each, labels) for each in selector.get("matchExpressions") or ())


def _expression(rule: Mapping[str, Any], labels: Labels) -> bool:
    key, values = rule["key"], rule.get("values") or ()
    match rule["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One requirement of a field selector."""

    path: tuple[str, ...]
    value: str
    equal: bool

    def may_hold(self, raw: bytes) -> bool:
        """Whether it is worth decoding an object to see: its JSON must have the value somewhere."""
        plain = self.equal and self.value.isascii() and self.value.replace("-", "").isalnum()
        return not plain or self.value.encode() in raw

    def holds(self, obj: Object) -> bool:
        """Whether an object fulfils it."""
        return (_text_at(obj, self.path) == self.value) is self.equal


def field_rules(resource: str, text: str) -> list[FieldRule]:
    """The requirements of a field selector in its written form.

    Raises:
        ApiError: 400, it cannot be read, or the kind cannot be selected by such a field.
    """
    rules = []
    for part in filter(None, text.split(",")):
        found = _FIELD.fullmatch(part.strip())
        if found is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        path = found["path"]
        if path not in _EVERYWHERE and path not in _FIELDS.get(resource, ()):
            raise bad_request(f"field label not supported: {path}")
        rules.append(FieldRule(_path(path), found["value"], found["operator"] != "!="))
    return rules


def _path(text: str) -> tuple[str, ...]:
    named = {"source": ("source", "component")}
    return named.get(text) or tuple(text.replace("regarding.", "involvedObject.").split("."))


def _text_at(obj: Object, path: tuple[str, ...]) -> str:
    found: Any = obj
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return str(found).lower()
    return str(found) if isinstance(found, str | int) else ""


_TOLD: dict[tuple[bool, bool], EventType | None] = {
    (True, True): "MODIFIED",
    (True, False): "DELETED",
    (False, True): "ADDED",
    (False, False): None,
}
"""How a change is told, by whether the object was selected before and is now."""


@dataclass(frozen=True)
class Selection:
    """Which objects of a resource a request is about; empty texts let everything through."""

    resource: str
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    _test: Test | None = field(init=False, default=None)
    _rules: tuple[FieldRule, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_test", label_test(self.labels) if self.labels else None)
        object.__setattr__(self, "_rules", tuple(field_rules(self.resource, self.fields)))

    def lets(self, key: tuple[str, str], raw: bytes) -> bool:
        """Whether an object, given by namespace, name and JSON, is among them."""
        if self.namespace and key[0] != self.namespace:
            return False
        if self._test is not None and not self._test(labels_of(raw)):
            return False
        return not self._rules or self._fit(key, raw)

    def _fit(self, key: tuple[str, str], raw: bytes) -> bool:
        if all(rule.path[0] == "metadata" for rule in self._rules):
            obj: Object = {"metadata": {"namespace": key[0], "name": key[1]}}
        elif not all(rule.may_hold(raw) for rule in self._rules):
            return False
        else:
            obj = msgspec.json.decode(raw)
        return all(rule.holds(obj) for rule in self._rules)

    def shows(self, event: Event) -> EventType | None:
        """As what an event is to be told: an object that comes to fit is added, one that no longer fits deleted."""
        key = (event.namespace, event.name)
        if self.namespace and event.namespace != self.namespace:
            return None
        if self._test is None and not self._rules:
            return event.type
        fits = self.lets(key, event.raw)
        if event.type == "ADDED" or event.before is None:
            return "ADDED" if fits else None
        before = self.lets(key, event.before)
        if event.type == "DELETED":
            return "DELETED" if before else None
        return _TOLD[before, fits]
