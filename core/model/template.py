"""Templates of plain data, in which `${NAME}` stands for a value."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"\$\{([a-z0-9-]+)\}")

Values = dict[str, Any]


def filled(template: Any, values: Values) -> Any:
    """A template with its placeholders replaced: one that is a whole text becomes the value itself."""
    if isinstance(template, dict):
        return _split_reference({key: filled(item, values) for key, item in template.items()})
    if isinstance(template, list | tuple):
        return [filled(item, values) for item in template]
    if not isinstance(template, str):
        return template
    whole = _WHOLE.fullmatch(template)
    return values[whole[1]] if whole else _WHOLE.sub(lambda found: str(values[found[1]]), template)


def _split_reference(data: Values) -> Values:
    """`component/application`, as parameters have it, as the two fields of a reference."""
    component, slash, application = str(data.get("application", "")).partition("/")
    return data | {"component": component, "application": application} if slash else data
