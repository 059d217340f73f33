"""What images plausibly do: a table of those that people know, and rules for the others."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from core.model.image import ImageReference
from core.simulator.kubernetes.shape import Object

Style = Literal["web", "redis", "database", "json", "klog", "dns", "plain", "quiet"]
"""How an image's log reads."""

FOREVER = math.inf


@dataclass(frozen=True, slots=True)
class Behaviour:
    """An image's program: the ports it listens on, how it logs, and whether it serves on, or ends at once."""

    style: Style = "plain"
    ports: tuple[int, ...] = ()
    serves: bool = True


_IMAGES: dict[str, Behaviour] = {
    "nginx": Behaviour("web", (80,)),
    "httpd": Behaviour("web", (80,)),
    "apache": Behaviour("web", (80,)),
    "caddy": Behaviour("json", (80, 443, 2019)),
    "traefik": Behaviour("json", (80, 8080)),
    "haproxy": Behaviour("web", (80,)),
    "tomcat": Behaviour("web", (8080,)),
    "wordpress": Behaviour("web", (80,)),
    "drupal": Behaviour("web", (80,)),
    "ghost": Behaviour("json", (2368,)),
    "redis": Behaviour("redis", (6379,)),
    "valkey": Behaviour("redis", (6379,)),
    "memcached": Behaviour("quiet", (11211,)),
    "mysql": Behaviour("database", (3306,)),
    "mariadb": Behaviour("database", (3306,)),
    "postgres": Behaviour("database", (5432,)),
    "mongo": Behaviour("json", (27017,)),
    "influxdb": Behaviour("json", (8086,)),
    "elasticsearch": Behaviour("json", (9200,)),
    "grafana": Behaviour("json", (3000,)),
    "prometheus": Behaviour("json", (9090,)),
    "rabbitmq": Behaviour("plain", (5672, 15672)),
    "registry": Behaviour("json", (5000,)),
    "coredns": Behaviour("dns", (53, 8080, 8181, 9153)),
    "kube-controllers": Behaviour("klog", (9094,)),
    "pause": Behaviour("quiet"),
    "busybox": Behaviour("quiet", serves=False),
    "alpine": Behaviour("quiet", serves=False),
    "debian": Behaviour("quiet", serves=False),
    "ubuntu": Behaviour("quiet", serves=False),
    "hello-world": Behaviour("plain", serves=False),
}
"""By the last part of the image's name. What is not here serves, on whatever ports are declared."""

_DEFAULT = Behaviour()
_JSON = Behaviour("json")
_SIGNS_OF_ABSENCE = ("no-such", "does-not-exist")
_reference: TypeAdapter[str] = TypeAdapter(ImageReference)


def short_name(image: str) -> str:
    """The last part of an image's name, without tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def behaviour(image: str) -> Behaviour:
    """What an image does. Names that say so log JSON: "api", "service", "worker"."""
    name = short_name(image)
    if found := _IMAGES.get(name):
        return found
    return _JSON if any(part in ("api", "service", "worker", "backend") for part in name.split("-")) else _DEFAULT


def invalid(image: str) -> bool:
    """Whether this is no image reference at all."""
    try:
        _reference.validate_python(image)
    except ValidationError:
        return True
    return False


def pull_trouble(image: str) -> str:
    """Why an image cannot be pulled, empty where it can: names that say that they do not exist do not.

    The words are containerd's.
    """
    failed = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}"'
    host, slash, _ = image.partition("/")
    if slash and any(sign in host for sign in _SIGNS_OF_ABSENCE):
        return f'{failed}: failed to do request: Head "https://{host}/v2/": dial tcp: lookup {host}: no such host'
    if any(sign in image for sign in _SIGNS_OF_ABSENCE):
        return f"{failed}: {image}: not found"
    return ""


def size_of(image: str) -> int:
    """The bytes of an image: the same for the same name, between 5 and 200 million."""
    return 5_000_000 + _number(image) % 195_000_000


def image_id(image: str) -> str:
    """The digest by which the runtime knows an image."""
    return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")


def listens_on(container: Object) -> tuple[int, ...] | None:
    """The ports that a container answers on; None where nothing is known of it: then on any."""
    declared = tuple(port["containerPort"] for port in container.get("ports") or ())
    known = behaviour(container["image"]).ports
    return (*known, *declared) or None


def lifetime(container: Object, *, once: bool, init: bool) -> tuple[float, int]:
    """Seconds that a container's process lives, and its exit status.

    `once`: its pod is not restarted for ever, so that its work ends some time.
    """
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    if words and (said := _said(words)) is not None:
        return said
    if init or (once and not container.get("ports")):
        return 1.0, 0
    if not behaviour(container["image"]).serves and not words and not container.get("tty"):
        return 0.2, 0
    return FOREVER, 0


def _said(words: Sequence[str]) -> tuple[float, int] | None:
    """What a command says of its own end, None where it says nothing."""
    script = words[-1] if len(words) > 1 and words[-2] in ("-c", "-ec", "-lc") else shlex.join(words)
    seconds = 0.0
    for statement in _STATEMENTS.split(script):
        parts = _words(statement)
        if parts[:1] in (["while"], ["tail"], ["until"], ["exec"]):
            return FOREVER, 0
        if parts[:1] == ["sleep"] and len(parts) > 1:
            seconds += _seconds(parts[1])
        if (status := _status(parts)) is not None:
            return seconds, status
    plain = _words(script)[:1] and _words(script)[0].rpartition("/")[2] in _ENDING
    return (seconds, 0) if seconds or plain else None


_STATEMENTS = re.compile(r"[;&|\n]+")
"""What stands between the statements of a shell's script; a pipe's parts run side by side, and its last one counts."""

_ENDING = ("echo", "true", "date", "ls", "printf", "env", "hostname", "cat", "sleep")
_STATUSES: Mapping[str, int] = {"true": 0, "false": 1}


def _status(parts: Sequence[str]) -> int | None:
    if parts[:1] == ["exit"]:
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    return _STATUSES.get(parts[0].rpartition("/")[2]) if parts else None


def _words(statement: str) -> list[str]:
    try:
        return shlex.split(statement)
    except ValueError:
        return statement.split()


def _seconds(text: str) -> float:
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    factor = units.get(text[-1:], 0.0)
    number = text[:-1] if factor else text
    return float(number) * (factor or 1.0) if number.replace(".", "", 1).isdigit() else FOREVER
