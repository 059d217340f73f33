"""What is wrong with pods and pod templates, in the API's words.

Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

import re
from typing import Any

from core.simulator.kubernetes.rules.names import Cause, label_fault

Object = dict[str, Any]

_POLICIES = ("Always", "OnFailure", "Never")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_PORTS = range(1, 65536)

UNSUPPORTED = 'Unsupported value: "{}": supported values: {}'


def pod_faults(spec: Object, path: str = "spec") -> list[Cause]:
    """What is wrong with a pod's spec."""
    volumes = spec.get("volumes") or []
    known = {volume.get("name", "") for volume in volumes}
    named: set[str] = set()
    found = [fault for i, each in enumerate(volumes) for fault in _name_faults(each, f"{path}.volumes[{i}]", named)]
    if not spec.get("containers"):
        found.append((f"{path}.containers", "Required value"))
    for part in ("containers", "initContainers"):
        seen: set[str] = set()
        for index, container in enumerate(spec.get(part) or ()):
            found += _name_faults(container, f"{path}.{part}[{index}]", seen)
            found += _container_faults(container, f"{path}.{part}[{index}]", known)
    return found + choice_faults(spec, "restartPolicy", _POLICIES, path)


def choice_faults(spec: Object, field: str, allowed: tuple[str, ...], path: str) -> list[Cause]:
    """What is wrong with a field that has one of some values."""
    value = spec.get(field)
    if value in (None, "", *allowed):
        return []
    listed = ", ".join(f'"{each}"' for each in allowed)
    return [(f"{path}.{field}", UNSUPPORTED.format(value, listed))]


def port_faults(value: object, field: str) -> list[Cause]:
    """What is wrong with a port number."""
    if isinstance(value, int) and value not in _PORTS:
        return [(field, f"Invalid value: {value}: must be between 1 and 65535, inclusive")]
    return []


def _name_faults(item: Object, path: str, seen: set[str]) -> list[Cause]:
    """What is wrong with a name in a list whose names so far are `seen`; it is added to them."""
    name, field = item.get("name", ""), f"{path}.name"
    taken = name in seen
    seen.add(name)
    if not name:
        return [(field, "Required value")]
    if fault := label_fault(name):
        return [(field, f'Invalid value: "{name}": {fault}')]
    return [(field, f'Duplicate value: "{name}"')] if taken else []


def _container_faults(container: Object, path: str, volumes: set[str]) -> list[Cause]:
    found: list[Cause] = []
    image = container.get("image", "")
    if not image:
        found.append((f"{path}.image", "Required value"))
    elif image != image.strip():
        found.append((f"{path}.image", f'Invalid value: "{image}": must not have leading or trailing whitespace'))
    found += choice_faults(container, "imagePullPolicy", _PULL_POLICIES, path)
    for index, port in enumerate(container.get("ports") or ()):
        at = f"{path}.ports[{index}]"
        found += port_faults(port.get("containerPort", 0), f"{at}.containerPort")
        found += choice_faults(port, "protocol", _PROTOCOLS, at)
    for index, variable in enumerate(container.get("env") or ()):
        if not variable.get("name"):
            found.append((f"{path}.env[{index}].name", "Required value"))
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        found += _mount_faults(mount, f"{path}.volumeMounts[{index}]", volumes)
    return found + _resource_faults(container.get("resources") or {}, f"{path}.resources")


def _mount_faults(mount: Object, path: str, volumes: set[str]) -> list[Cause]:
    found: list[Cause] = []
    if mount.get("name") not in volumes:
        found.append((f"{path}.name", f'Not found: "{mount.get("name", "")}"'))
    if not mount.get("mountPath"):
        found.append((f"{path}.mountPath", "Required value"))
    return found


def _resource_faults(resources: Object, path: str) -> list[Cause]:
    found: list[Cause] = []
    for part in ("limits", "requests"):
        for name, value in (resources.get(part) or {}).items():
            if not _QUANTITY.fullmatch(str(value)):
                text = f"Invalid value: \"{value}\": quantities must match the regular expression '{_QUANTITY.pattern}'"
                found.append((f"{path}.{part}[{name}]", text))
    return found
