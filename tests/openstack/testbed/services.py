"""The testbed as one: started, filled, faulted on purpose, stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.openstack.testbed import configuration, fixtures, schemas
from tests.openstack.testbed.install import install
from tests.openstack.testbed.place import ADDRESS, PORTS, Place
from tests.openstack.testbed.processes import Processes, accepts, answers_http

_APIS = {
    "keystone": ("keystone.wsgi.api", {"OS_KEYSTONE_CONFIG_FILES": "{etc}/keystone/keystone.conf"}),
    "placement": ("placement.wsgi.api", {"OS_PLACEMENT_CONFIG_DIR": "{etc}/placement"}),
    "glance": ("glance.wsgi.api", {"OS_GLANCE_CONFIG_DIR": "{etc}/glance"}),
    "neutron": (
        "neutron.wsgi.api",
        {"OS_NEUTRON_CONFIG_FILES": "{etc}/neutron/neutron.conf;{etc}/neutron/ml2_conf.ini"},
    ),
    "nova-api": (
        "nova.wsgi.osapi_compute",
        {"OS_NOVA_CONFIG_FILES": "{venv}/etc/nova/api-paste.ini;{etc}/nova/nova.conf"},
    ),
    "nova-metadata": (
        "nova.wsgi.metadata",
        {"OS_NOVA_CONFIG_FILES": "{venv}/etc/nova/api-paste.ini;{etc}/nova/nova.conf"},
    ),
}
"""Each API's WSGI module and where it finds its configuration."""

_DAEMONS = ("nova-conductor", "nova-scheduler", "nova-compute")

# As DevStack runs them; a connection is closed after its answer, or clients meet resets.
_UWSGI = (
    *["--processes", "1", "--threads", "8", "--enable-threads", "--single-interpreter", "--need-app", "--die-on-term"],
    *["--buffer-size", "65535", "--http-timeout", "120", "--socket-timeout", "120", "--add-header"],
    "Connection: close",
)


class Testbed:
    """A running control plane; its clouds are `testbed`, `testbed-other` and `testbed-admin` of `place.clouds`."""

    __test__ = False

    def __init__(self, place: Place) -> None:
        self.place = place
        self.processes = Processes(place.log)

    def start(self) -> None:
        """Start what does not run and fill in what is missing; may be called again at any time."""
        configuration.write(self.place)
        self._start_broker()
        if not self.processes.alive("mariadb"):
            schemas.start_database(self.place, self.processes)
        # The others read the catalogue once, when they start: it must be complete by then.
        self.start_api("keystone")
        self.processes.wait("keystone", lambda: answers_http(PORTS["keystone"]))
        fixtures.identities(self.place)
        for name in _APIS:
            self.start_api(name)
        self.processes.wait("rabbitmq", lambda: accepts(PORTS["rabbitmq"]))
        for name in _DAEMONS:
            self.start_daemon(name)
        for name in _APIS:
            self.processes.wait(name, lambda name=name: answers_http(PORTS[name]))  # type: ignore[misc]
        admin = self.connect("testbed-admin")
        self.processes.wait("nova-compute", lambda: fixtures.registered(admin))
        fixtures.fill(self.place, admin, self.connect())

    def stop(self) -> None:
        """End every process and remove the directory."""
        self.processes.stop_all(last=("rabbitmq", "mariadb", "epmd"))
        shutil.rmtree(self.place.root, ignore_errors=True)

    def start_api(self, name: str) -> None:
        """Start an API again; it answers when this returns only if it ran before."""
        module, variables = _APIS[name]
        given = {key: value.format(etc=self.place.etc, venv=self.place.venv) for key, value in variables.items()}
        command = [str(self.place.bin / "uwsgi"), "--http-socket", f"{ADDRESS}:{PORTS[name]}"]
        command += ["--module", f"{module}:application", *_UWSGI]
        self.processes.start(name, command, configuration.environment(self.place, **given))

    def restart_api(self, name: str) -> None:
        """End an API and start it again; it answers when this returns."""
        self.processes.stop(name)
        self.start_api(name)
        self.processes.wait(name, lambda: answers_http(PORTS[name]))

    def start_daemon(self, name: str) -> None:
        """Start one of Nova's daemons."""
        files = [f"--config-file={self.place.etc}/nova/nova.conf", f"--log-file={self.place.log}/{name}.log"]
        command = [str(self.place.bin / name), *files]
        self.processes.start(name, command, configuration.environment(self.place))

    def hang(self, name: str) -> None:
        """Let a process stand still until `go_on`."""
        self.processes.signal(name, signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        self.processes.signal(name, signal.SIGCONT)

    @contextlib.contextmanager
    def faults(self, *lines: str) -> Iterator[None]:
        """Let things go wrong as the lines say (see `Place.faults`), until the block ends."""
        fresh = self.place.faults.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n")
        fresh.rename(self.place.faults)
        try:
            yield
        finally:
            self.place.faults.unlink(missing_ok=True)

    def connect(self, cloud: str = "testbed") -> Any:
        """A connection of openstacksdk's to one of the clouds."""
        import openstack
        import openstack.config

        loader = openstack.config.OpenStackConfig(config_files=[str(self.place.clouds)], load_envvars=False)
        return openstack.connection.Connection(config=loader.get_one(cloud=cloud))

    def _start_broker(self) -> None:
        var, log = self.place.var, self.place.log
        daemon = {"ERL_EPMD_ADDRESS": ADDRESS, "ERL_EPMD_PORT": str(PORTS["epmd"])}
        epmd = ["epmd", "-address", ADDRESS, "-port", str(PORTS["epmd"])]
        self.processes.start("epmd", epmd, configuration.environment(self.place, **daemon))
        self.processes.wait("epmd", lambda: accepts(PORTS["epmd"]))
        settings = daemon | {
            "HOME": f"{var}/rabbit",
            "RABBITMQ_NODENAME": f"gondolier-{os.getpid()}@localhost",
            "RABBITMQ_CONFIG_FILE": f"{self.place.etc}/rabbitmq.conf",
            "RABBITMQ_DIST_PORT": str(PORTS["rabbitmq-nodes"]),
            "RABBITMQ_MNESIA_BASE": f"{var}/rabbit/mnesia",
            "RABBITMQ_LOG_BASE": f"{log}/rabbit",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{var}/rabbit/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{var}/rabbit/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"
            " +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        }
        command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
        self.processes.start("rabbitmq", command, configuration.environment(self.place, **settings))


@contextlib.contextmanager
def running(root: Path, hook: str = "", private: str = "127.77.0", public: str = "127.88.0") -> Iterator[Testbed]:
    """A testbed in a directory of its own; nothing of it is left at the end.

    `hook` is an executable that nova-compute calls as `HOOK EVENT` with a description of the server on its input.
    """
    bed = Testbed(Place(root, public=public, private=private, hook=hook, venv=install()))
    try:
        bed.start()
        yield bed
    finally:
        bed.stop()
