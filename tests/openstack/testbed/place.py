"""Where a testbed lives and on which ports it listens."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.mirror import store

ADDRESS = "127.0.0.1"

PORTS = {
    "keystone": 25000,
    "glance": 25292,
    "neutron": 25696,
    "nova-api": 25774,
    "nova-metadata": 25775,
    "placement": 25778,
    "mariadb": 25306,
    "rabbitmq": 25673,
    "rabbitmq-nodes": 25674,
    "epmd": 25369,
}
"""Ports that no service of this box has by default, so that another OpenStack may run beside."""

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
"""The services' versions, resolved together once."""


def services_home() -> Path:
    """The virtual environment of the services; outside the repository, and kept between runs."""
    return store.cache() / "openstack" / f"venv-{_key(REQUIREMENTS.read_bytes())}"


def prepared_state() -> Path:
    """The archive of databases with their schemas, made once for these versions."""
    here = Path(__file__).parent
    sources = (here / "schemas.py", here / "etc/parts.j2", Path(__file__), REQUIREMENTS)
    key = _key(*(path.read_bytes() for path in sources))
    return store.cache() / "openstack" / f"state-{key}.tar"


def _key(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join((sys.version.encode(), *parts))).hexdigest()[:12]


@dataclass(frozen=True)
class Place:
    """The directory of one running testbed; `public` and `private` are the first three numbers of its /24s."""

    root: Path
    public: str = "127.88.0"
    private: str = "127.77.0"
    hook: str = ""
    venv: Path = field(default_factory=services_home)

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def bin(self) -> Path:
        return self.venv / "bin"

    @property
    def faults(self) -> Path:
        """What shall go wrong, a line for each: `GLOB OPERATION fail|reschedule|delay [TEXT|SECONDS]`."""
        return self.root / "inject"

    @property
    def clouds(self) -> Path:
        """The clouds.yaml with `testbed`, `testbed-other` and `testbed-admin`."""
        return self.root / "clouds.yaml"

    @property
    def socket(self) -> Path:
        return self.root / "mysql.sock"

    @property
    def password(self) -> str:
        """One password for everything; it is in the prepared state, too."""
        return "testbed"

    def url(self, service: str) -> str:
        """Where a service listens."""
        return f"http://{ADDRESS}:{PORTS[service]}"
