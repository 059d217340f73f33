"""How a cloud is entered: clouds.yaml, OS_* variables or application credentials, as openstacksdk reads them."""

from __future__ import annotations

import threading
from typing import Any

import openstack.config
from keystoneauth1.plugin import BaseAuthPlugin
from openstack.config.cloud_region import CloudRegion
from openstack.connection import Connection

_TIMEOUT = 60
"""Seconds that one request may take."""


class Login:
    """One login to a cloud, shared by all connections that it makes.

    `cloud` is an entry of clouds.yaml, or `envvars` for the OS_* variables.
    """

    def __init__(self, cloud: str, region: str | None = None, project: str | None = None) -> None:
        self.cloud = cloud
        self._region = region
        self._project = project
        self._lock = threading.Lock()
        self._auth: BaseAuthPlugin | None = None
        # What services say of their versions is asked for once; the SDK shares no cache that is empty.
        self._discovered: dict[str, Any] = {"": None}

    def connect(self) -> Connection:
        """A connection for the calling thread. Raises what openstacksdk raises; nothing is sent yet."""
        # Reading configuration is not safe in several threads at once.
        with self._lock:
            region = self._region_config()
            if self._auth is None:
                self._auth = region.get_auth()
        return Connection(config=self._sharing(region))

    def _region_config(self) -> CloudRegion:
        loader = openstack.config.OpenStackConfig(app_name="gondolier")
        wanted: dict[str, Any] = {"cloud": self.cloud, "api_timeout": _TIMEOUT}
        if self._region:
            wanted["region_name"] = self._region
        if self._project:
            wanted["auth"] = {"project_name": self._project}
        return loader.get_one(**wanted)

    def _sharing(self, region: CloudRegion) -> CloudRegion:
        return CloudRegion(
            name=region.name,
            region_name=region.region_name,
            config=region.config,
            auth_plugin=self._auth,
            app_name="gondolier",
            discovery_cache=self._discovered,
        )
