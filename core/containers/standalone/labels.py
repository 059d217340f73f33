"""How a container is found again: by labels, never by a part of its name."""

from __future__ import annotations

from collections.abc import Mapping

HOST = "gondolier.io/host"
APPLICATION = "gondolier.io/application"
DIGEST = "gondolier.io/declared"
ALLOCATED = "gondolier.io/allocated"
"""The host's ports that a container's were given, as `8080:80/tcp` with commas between."""

NETWORK = "gondolier"
SUBNET = "172.29.240.0/24"
"""A network of our own on each host: on Docker's default bridge containers get another address at every start."""

FIRST_ADDRESS = 10


def owner(labels: Mapping[str, str] | None) -> tuple[str, str] | None:
    """Host and application of a container of ours, None for somebody else's."""
    if not labels or HOST not in labels or APPLICATION not in labels:
        return None
    return labels[HOST], labels[APPLICATION]
