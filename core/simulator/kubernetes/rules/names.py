"""Which names and labels are right.

Source: k8s.io/apimachinery/pkg/util/validation.
"""

from __future__ import annotations

import re
from typing import Any

from core.simulator.kubernetes.kinds import Kind

Object = dict[str, Any]
Cause = tuple[str, str]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LONGEST_LABEL, _LONGEST_SUBDOMAIN = 63, 253
_LONGEST_ANNOTATIONS = 256 * 1024

_LABEL_NAMES = {"services", "namespaces"}
_FREE_NAMES = {"roles", "clusterroles", "rolebindings", "clusterrolebindings"}
"""Kinds (by plural) whose names must be labels, and kinds whose names must only fit into a path."""


def name_faults(kind: Kind, metadata: Object) -> list[Cause]:
    """What is wrong with an object's name."""
    name, beginning = metadata.get("name", ""), metadata.get("generateName", "")
    if not name and not beginning:
        return [("metadata.name", "Required value: name or generateName is required")]
    field, text = ("metadata.name", name) if name else ("metadata.generateName", f"{beginning.rstrip('-.')}x")
    fault = _free_fault(text) if kind.plural in _FREE_NAMES else _name_fault(kind, text)
    return [(field, f'Invalid value: "{name or beginning}": {fault}')] if fault else []


def label_fault(text: str) -> str:
    """What is wrong with a DNS label, empty for nothing."""
    if len(text) > _LONGEST_LABEL:
        return f"must be no more than {_LONGEST_LABEL} characters"
    return "" if _LABEL.fullmatch(text) else _LABEL_TEXT


def mark_faults(metadata: Object, path: str = "metadata") -> list[Cause]:
    """What is wrong with labels and annotations."""
    found: list[Cause] = []
    for key, value in (metadata.get("labels") or {}).items():
        field = f"{path}.labels"
        found += [(field, f'Invalid value: "{key}": {fault}') for fault in _key_faults(key)]
        if value and (len(value) > _LONGEST_LABEL or not _QUALIFIED.fullmatch(value)):
            too_long = len(value) > _LONGEST_LABEL
            text = f"must be no more than {_LONGEST_LABEL} characters" if too_long else _VALUE_TEXT
            found.append((field, f'Invalid value: "{value}": {text}'))
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        found += [(f"{path}.annotations", f'Invalid value: "{key}": {fault}') for fault in _key_faults(key)]
    if sum(len(key) + len(value) for key, value in annotations.items()) > _LONGEST_ANNOTATIONS:
        found.append((f"{path}.annotations", f"Too long: may not be more than {_LONGEST_ANNOTATIONS} bytes"))
    return found


def _key_faults(key: str) -> list[str]:
    prefix, slash, name = key.rpartition("/")
    faults = []
    if slash and not (_SUBDOMAIN.fullmatch(prefix) and len(prefix) <= _LONGEST_SUBDOMAIN):
        faults.append(f"prefix part {_SUBDOMAIN_TEXT}")
    if not _QUALIFIED.fullmatch(name):
        faults.append(_KEY_TEXT)
    if len(name) > _LONGEST_LABEL:
        faults.append(f"name part must be no more than {_LONGEST_LABEL} characters")
    return faults


def _name_fault(kind: Kind, text: str) -> str:
    if kind.plural in _LABEL_NAMES and not kind.custom:
        return label_fault(text)
    if len(text) > _LONGEST_SUBDOMAIN:
        return f"must be no more than {_LONGEST_SUBDOMAIN} characters"
    return "" if _SUBDOMAIN.fullmatch(text) else _SUBDOMAIN_TEXT


def _free_fault(text: str) -> str:
    if text in (".", ".."):
        return f"may not be '{text}'"
    return "may not contain '/'" if "/" in text else "may not contain '%'" if "%" in text else ""
