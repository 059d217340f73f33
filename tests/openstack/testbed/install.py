"""Installing the services: pinned packages in a virtual environment of their own, and the two small drivers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.openstack.testbed.place import REQUIREMENTS, services_home

PROGRAMS = {
    "/usr/sbin/mariadbd": "mariadb-server",
    "/usr/lib/rabbitmq/bin/rabbitmq-server": "rabbitmq-server",
    "/usr/bin/epmd": "erlang-base",
    "/usr/bin/setpriv": "util-linux",
}
"""What comes from Debian, and in which package."""

_DRIVERS = Path(__file__).with_name("drivers")
_DONE = "installed"


def obstacle() -> str:
    """Why there can be no testbed here, empty where there can."""
    if os.geteuid() != 0:
        return "the OpenStack testbed needs root"
    missing = [package for program, package in PROGRAMS.items() if not Path(program).exists()]
    if missing:
        return f"the OpenStack testbed needs Debian's packages {' '.join(missing)}"
    if sys.version_info[:2] != (3, 11):
        return "the OpenStack services are pinned for Python 3.11"
    return ""


def install() -> Path:
    """The virtual environment with everything in it; what a killed installation left is begun anew."""
    venv = services_home()
    if not (venv / _DONE).exists():
        shutil.rmtree(venv, ignore_errors=True)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        _run([sys.executable, "-m", "venv", str(venv)], environment)
        pip = [str(venv / "bin/pip"), "install", "-q", "--no-deps", "--no-compile", "-r", str(REQUIREMENTS)]
        _run(pip, environment)
        (venv / _DONE).touch()
    _install_drivers(venv)
    return venv


def _install_drivers(venv: Path) -> None:
    """Copied at every start: they belong to the tests, not to the cached packages."""
    (packages,) = venv.glob("lib/python3*/site-packages")
    shutil.copytree(_DRIVERS / "ostb", packages / "ostb", dirs_exist_ok=True)
    # Nova loads hypervisor drivers from its own package only.
    shutil.copy(_DRIVERS / "nova_virt_ostb.py", packages / "nova/virt/ostb.py")
    information = packages / "ostb-1.dist-info"
    information.mkdir(exist_ok=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: ostb\nVersion: 1\n")
    (information / "RECORD").touch()
    (information / "entry_points.txt").write_text(
        "[neutron.ml2.mechanism_drivers]\nostb = ostb.mech:AgentlessMechanismDriver\n"
    )


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(["nice", *command], check=True, env=environment)
