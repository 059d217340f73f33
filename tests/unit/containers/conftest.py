"""A cluster that plays its controllers at once, and a site with a declaration on it."""

from __future__ import annotations

from tests.unit.containers.world import World, world
from tests.unit.kube.conftest import api, cluster

__all__ = ["World", "api", "cluster", "world"]
