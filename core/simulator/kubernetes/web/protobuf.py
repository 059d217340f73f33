"""Objects in protobuf, as far as kubectl's typed clients send them; answers are always JSON.

Source: kubernetes.io, "API Concepts", "Kubernetes Protobuf encoding"; protobuf.dev, "Encoding".
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from core.simulator.kubernetes.errors import bad_request
from core.simulator.kubernetes.web.messages import MESSAGES

Object = dict[str, Any]

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VARINT, _LENGTH = 0, 2
_LIST, _MAP = "*", "map "
_LONGEST_VARINT = 64


def decoded(body: bytes) -> Object:
    """The object in a body.

    Raises:
        ApiError: 400, it is none, or says something that is not in the table of messages.
    """
    if not body.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix 6b 38 73 00")
    try:
        envelope = _message("Unknown", body[len(_MAGIC) :])
        head: Object = envelope.get("typeMeta", {})
        return head | _message(head.get("kind", ""), base64.b64decode(envelope.get("raw", "")))
    except (IndexError, UnicodeDecodeError):
        raise bad_request("the protobuf message ends too soon, or has a text that is none") from None


def _message(name: str, content: bytes) -> Object:
    table = MESSAGES.get(name)
    if table is None:
        raise bad_request(f"this simulated API server does not read {name or 'such a message'} in protobuf: send JSON")
    found: Object = {}
    for number, value in _fields(content):
        if number not in table:
            raise bad_request(
                f"this simulated API server does not read field {number} of {name} in protobuf: send JSON"
            )
        key, kind = table[number]
        _take(found, key, kind, value)
    return found


def _take(found: Object, key: str, kind: str, value: bytes | int) -> None:
    if kind.startswith(_LIST):
        found.setdefault(key, []).append(_value(kind[1:], value))
    elif kind.startswith(_MAP):
        entry = dict(_fields(_bytes(value)))
        name = _bytes(entry.get(1, b"")).decode()
        found.setdefault(key, {})[name] = _value(kind.removeprefix(_MAP), entry.get(2, b""))
    elif kind != "ignored" and (read := _value(kind, value)) not in ("", {}):
        # What is empty was left out: typed clients write every text that has no value.
        found[key] = read


def _value(kind: str, value: bytes | int) -> Any:
    plain = _PLAIN.get(kind)
    return plain(value) if plain else _message(kind, _bytes(value))


def _either(value: bytes | int) -> int | str:
    found = _message("IntOrString", _bytes(value))
    return str(found.get("text", "")) if found.get("type") else int(found.get("number", 0))


def _number(value: bytes | int) -> int:
    """A signed number: negative ones are written as very large ones."""
    found = value if isinstance(value, int) else 0
    return found - (1 << _LONGEST_VARINT) if found >> (_LONGEST_VARINT - 1) else found


def _bytes(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise bad_request("the protobuf message has a number where it should have something else")
    return value


_PLAIN: dict[str, Callable[[bytes | int], Any]] = {
    "text": lambda value: _bytes(value).decode(),
    "bytes": lambda value: base64.b64encode(_bytes(value)).decode(),
    "number": _number,
    "flag": bool,
    "either": _either,
}


def _fields(content: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The numbers and values of a message's fields; values are numbers, or bytes with everything else in them."""
    position = 0
    while position < len(content):
        tag, position = _varint(content, position)
        value, position = _varint(content, position)
        if tag & 7 == _VARINT:
            yield tag >> 3, value
        elif tag & 7 == _LENGTH and position + value <= len(content):
            yield tag >> 3, content[position : position + value]
            position += value
        else:
            raise bad_request("the protobuf message cannot be read")


def _varint(content: bytes, position: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        byte = content[position]
        found |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return found, position
        if shift > _LONGEST_VARINT:
            raise bad_request("the protobuf message has a number that is too long")
