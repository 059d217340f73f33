"""The sorts of text a document may hold: labels, names, paths, addresses, networks, quantities."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from core.model.base import refusal

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE)
_PORT_SUFFIX = re.compile(r":[0-9]{1,5}")

# RFC 1918 and, as it is routed as little as those, RFC 6598's shared space.
_PRIVATE = tuple(
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def is_dns_name(text: str) -> bool:
    """Whether this is a host name: labels of letters, digits and dashes, joined by dots (RFC 1123)."""
    return len(text) <= 253 and _DNS_NAME.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _printable(text: str) -> str:
    if not text.isprintable():
        raise refusal("text on one line without control characters")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise refusal("text without a NUL character")
    return text


def _host(text: str) -> str:
    if is_address(text) or is_dns_name(text):
        return text
    raise refusal("an IP address or a host name")


def _file_path(text: str) -> str:
    if text.startswith(("/", "~/")) and _printable(text) and ".." not in text.split("/"):
        return text
    raise refusal("an absolute path, or one that begins with `~/`")


def _absolute_path(text: str) -> str:
    if text.startswith("/") and _printable(text) and ".." not in text.split("/"):
        return text
    raise refusal("an absolute path without `..`")


def _mount_path(text: str) -> str:
    if text.strip("/") and ":" not in _absolute_path(text):
        return text
    raise refusal("an absolute path in the container, not `/` itself, without `:` and `..`")


def _url(schemes: tuple[str, ...], text: str) -> str:
    allowed = "a URL that begins with " + " or ".join(f"`{scheme}://`" for scheme in schemes)
    try:
        parts = urlsplit(text)
        good = parts.scheme in schemes and bool(parts.netloc or parts.scheme == "file") and parts.port != 0
    except ValueError:
        raise refusal(allowed) from None
    if not good or " " in text or not text.isprintable():
        raise refusal(allowed)
    if parts.username or parts.password:
        raise refusal(f"{allowed}, without a user name or a password in it")
    return text


def _mirror_url(text: str) -> str:
    return _url(("http", "https"), text)


def _registry_host(text: str) -> str:
    host, colon, port = text.rpartition(":")
    name = host if colon and _PORT_SUFFIX.fullmatch(f":{port}") else text
    if _PORT_SUFFIX.fullmatch(f":{port}") and colon and not 0 < int(port) < 65536:
        raise refusal("a host with a port from 1 to 65535")
    if is_dns_name(name):
        return text
    raise refusal("a host or host:port, without `https://` and without a path")


def _private_network(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        raise refusal(_network_sentence(text)) from None
    if "/" not in text or not any(network.subnet_of(private) for private in _PRIVATE):
        raise refusal("a private IPv4 network with its prefix length, as 10.77.0.0/24")
    return str(network)


def _network_sentence(
    text: str, otherwise: str = "a private IPv4 network with its prefix length, as 10.77.0.0/24"
) -> str:
    """What to write instead; a network written with the bits of one of its hosts is named."""
    try:
        meant = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return otherwise
    return f"the first address of the network: {meant}"


def _within(low: int, high: int, text: str) -> str:
    network = ipaddress.IPv4Network(_private_network(text))
    if not low <= network.prefixlen <= high:
        raise refusal(f"a private IPv4 network from /{low} to /{high}: this one has {network.num_addresses} addresses")
    return str(network)


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise refusal("an IPv4 address") from None


def _network(text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError:
        raise refusal(_network_sentence(text, "an IPv4 network with its prefix length, as 203.0.113.7/32")) from None


def _subnet(text: str) -> str:
    return _within(8, 24, text)


def _service_network(text: str) -> str:
    return _within(12, 28, text)


def _pod_network(text: str) -> str:
    return _within(8, 26, text)


DnsLabel = Annotated[
    str,
    Field(
        pattern=rf"^{_LABEL}$",
        description="a name of at most 63 lower-case letters, digits and dashes, a letter or digit at both ends",
    ),
]
"""A DNS label (RFC 1123) in lower case: what Kubernetes takes as the name of an object."""

DnsName = Annotated[
    str,
    Field(
        pattern=rf"^{_LABEL}(\.{_LABEL})*$",
        max_length=253,
        description="a DNS name in lower case, as `cluster.local`",
    ),
]

Line = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_printable)]
"""Text that is not empty, on one line."""

Content = Annotated[str, AfterValidator(_without_nul), Field(description="a text")]
"""Any text that a process can be given."""

Host = Annotated[str, AfterValidator(_host), Field(description="an IP address or a host name")]
FilePath = Annotated[
    str, AfterValidator(_file_path), Field(description="an absolute path, or one that begins with `~/`")
]
"""A path on the operator's machine; absolute, because a deployment runs in a process of its own."""

MachinePath = Annotated[str, AfterValidator(_absolute_path), Field(description="an absolute path without `..`")]
MountPath = Annotated[str, AfterValidator(_mount_path), Field(description="an absolute path in the container")]
MirrorUrl = Annotated[
    str, AfterValidator(_mirror_url), Field(description="a URL that begins with `http://` or `https://`")
]
RegistryHost = Annotated[
    str, AfterValidator(_registry_host), Field(description="a host or host:port, without `https://` and without a path")
]
Address = Annotated[str, AfterValidator(_address), Field(description="an IPv4 address")]
Network = Annotated[
    str, AfterValidator(_network), Field(description="an IPv4 network with its prefix length, as 203.0.113.7/32")
]
"""Any IPv4 network; a single address is one of /32."""

LoginName = Annotated[
    str,
    Field(
        pattern=r"^[a-z_][a-z0-9_-]{0,31}$",
        description="a user's name: a lower-case letter or `_`, then also digits and dashes, at most 32",
    ),
]
Subnet = Annotated[
    str, AfterValidator(_subnet), Field(description="a private IPv4 network of /24 or larger, as 10.77.0.0/24")
]
ServiceNetwork = Annotated[
    str,
    AfterValidator(_service_network),
    Field(description="a private IPv4 network from /12 to /28, as 10.32.0.0/24"),
]
PodNetwork = Annotated[
    str,
    AfterValidator(_pod_network),
    Field(description="a private IPv4 network from /8 to /26, as 192.168.0.0/16"),
]
EnvName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z_.-][A-Za-z0-9_.-]*$",
        max_length=255,
        description="a variable's name: letters, digits, `_`, `.`, `-`, not beginning with a digit",
    ),
]
