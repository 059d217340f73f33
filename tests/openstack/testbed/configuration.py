"""The services' configuration files, written anew at every start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.openstack.testbed.place import ADDRESS, PORTS, Place

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("etc")),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    autoescape=False,
)

_FILES = {
    "my.cnf": "my.cnf",
    "rabbitmq.conf": "rabbitmq.conf",
    "keystone/keystone.conf": "keystone.conf",
    "placement/placement.conf": "placement.conf",
    "glance/glance-api.conf": "glance-api.conf",
    "neutron/neutron.conf": "neutron.conf",
    "neutron/ml2_conf.ini": "ml2_conf.ini",
    "nova/nova.conf": "nova.conf",
}
"""Where each file goes below `etc`, and the template that it is made from."""

_DIRECTORIES = ("locks", "glance-images", "glance-staging", "glance-tasks", "neutron", "nova", "rabbit")

_HIDDEN = ("OS_", "PYTHON", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
"""Variables that would lead the services to another cloud, another Python or away from loopback."""


def write(place: Place) -> None:
    """Write every file, and the directories that services expect."""
    rabbit = f"rabbit://openstack:{place.password}@{ADDRESS}:{PORTS['rabbitmq']}/"
    for target, template in _FILES.items():
        path = place.etc / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            _TEMPLATES.get_template(f"{template}.j2").render(place=place, address=ADDRESS, ports=PORTS, rabbit=rabbit)
        )
    for name in _DIRECTORIES:
        (place.var / name).mkdir(parents=True, exist_ok=True)
    place.log.mkdir(parents=True, exist_ok=True)


def environment(place: Place, **more: str) -> Mapping[str, str]:
    """What the services' processes are given; OSTB_* is read by the two drivers."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(_HIDDEN)}
    # Nova in native threads, as its releases of today run.
    ours = {"OSTB_DIR": str(place.root), "OSTB_HOOK": place.hook, "OS_NOVA_DISABLE_EVENTLET_PATCHING": "true"}
    return clean | ours | more
