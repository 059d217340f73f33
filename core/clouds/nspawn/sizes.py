"""Values as people write them: "2G", "1.5", "10.77.0.0/24"."""

from __future__ import annotations

from ipaddress import IPv4Network

from core.engine.errors import Refusal

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def memory(value: str | int | None) -> int | None:
    """Bytes; the units are powers of 1024, "2G" and "2Gi" are the same.

    Raises:
        Refusal: it is no size.
    """
    if value is None or isinstance(value, int):
        return value
    digits = value.strip().removesuffix("B").removesuffix("i")
    unit = digits[-1:].upper() if digits[-1:].isalpha() else ""
    try:
        return int(float(digits.removesuffix(digits[-1:]) if unit else digits) * _UNITS[unit])
    except (ValueError, KeyError) as error:
        raise Refusal(f"{value!r} is no amount of memory", where="provider nspawn", fix='write it as "2G"') from error


def cpus(value: str | float | None) -> float | None:
    """A number of processors.

    Raises:
        Refusal: it is no number above 0.
    """
    try:
        number = None if value is None else float(value)
    except ValueError as error:
        raise Refusal(f"{value!r} is no number of processors", where="provider nspawn") from error
    if number is not None and number <= 0:
        raise Refusal(f"{value!r} processors are none", where="provider nspawn", fix="name a number above 0")
    return number


def subnet(value: str) -> IPv4Network:
    """An IPv4 network with room for a bridge and a machine at least.

    Raises:
        Refusal: it is none.
    """
    try:
        network = IPv4Network(value)
    except ValueError as error:
        raise Refusal(f"{value!r} is no IPv4 network: {error}", where="provider nspawn") from error
    if network.prefixlen > 29:
        raise Refusal(f"{value} is too small for machines", where="provider nspawn", fix="use /24")
    return network
