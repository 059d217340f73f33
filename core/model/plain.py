"""A model as plain data and as YAML, defaults left out."""

from __future__ import annotations

from enum import Enum
from typing import Any

import yaml
from pydantic import BaseModel

_ALWAYS_SAID = frozenset({"kind", "workers", "gateways", "count", "max", "replicas"})
"""Fields that are written even where they are the default: what tells parts apart and what scaling changes."""


def plain(value: Any) -> Any:
    """Mappings, lists and scalars that say the same as the value."""
    if isinstance(value, BaseModel):
        return _fields(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def to_yaml(data: Any) -> str:
    """Plain data as YAML: outer mappings and lists in blocks, the innermost on one line."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    return text


class _Dumper(yaml.SafeDumper):
    """Repeats equal parts instead of naming them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_LINE_BREAKS = frozenset("\x85\u2028\u2029")
"""Line breaks of YAML 1.1 that are no line breaks elsewhere: between single quotes PyYAML folds them away."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if _LINE_BREAKS.isdisjoint(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _fields(model: BaseModel) -> dict[str, Any]:
    said: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = known[name] = getattr(model, name)
        always = field.is_required() or name in _ALWAYS_SAID
        if always or value != field.get_default(call_default_factory=True, validated_data=known):
            said[name] = plain(value)
    return said
