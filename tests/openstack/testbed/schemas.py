"""The services' databases with their schemas: made once for these versions, then unpacked at every start."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.openstack.testbed.configuration import environment
from tests.openstack.testbed.place import ADDRESS, PORTS, Place, prepared_state
from tests.openstack.testbed.processes import Processes

_DATABASES = ("keystone", "placement", "glance", "neutron", "nova_api", "nova_cell0", "nova_cell1")

_KEPT = ("var/mysql", "etc/keystone/fernet", "etc/keystone/credential")
"""What the prepared state consists of, relative to the testbed's directory."""


def start_database(place: Place, processes: Processes) -> None:
    """Start MariaDB on the databases that are there, or, where none are, on new ones with all schemas."""
    if prepared_state().exists():
        _unpack(place)
        _start(place, processes)
        return
    _make(place, processes)
    processes.stop("mariadb", patience=60)
    _pack(place)
    _start(place, processes)


def _start(place: Place, processes: Processes) -> None:
    processes.start("mariadb", ["/usr/sbin/mariadbd", f"--defaults-file={place.etc}/my.cnf"], environment(place))
    processes.wait("mariadb", lambda: _sql(place, "select 1;").returncode == 0)


def _make(place: Place, processes: Processes) -> None:
    (place.var / "mysql").mkdir(parents=True)
    defaults = f"--defaults-file={place.etc}/my.cnf"
    login = "--auth-root-authentication-method=normal"
    _run(place, "mariadb", ["mariadb-install-db", defaults, "--user=root", login, "--skip-test-db"])
    _start(place, processes)
    for name in _DATABASES:
        user = name.partition("_")[0]
        grant = f"grant all on {name}.* to '{user}'@'{ADDRESS}' identified by '{place.password}';"
        _sql(place, f"create database if not exists {name}; {grant}").check_returncode()
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(work, place) for work in (_neutron, _others)]:
            done.result()


def _neutron(place: Place) -> None:
    files = [f"--config-file={place.etc}/neutron/{name}" for name in ("neutron.conf", "ml2_conf.ini")]
    _run(place, "neutron", [f"{place.bin}/neutron-db-manage", *files, "upgrade", "heads"])


def _others(place: Place) -> None:
    for work in (_keystone, _nova, _placement, _glance):
        work(place)


def _keystone(place: Place) -> None:
    for name in ("fernet", "credential"):
        (place.etc / "keystone" / name).mkdir(mode=0o700, exist_ok=True)
    url = f"{place.url('keystone')}/v3"
    urls = [word for kind in ("admin", "public", "internal") for word in (f"--bootstrap-{kind}-url", url)]
    owner = ["--keystone-user", "root", "--keystone-group", "root"]
    orders = (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", "--bootstrap-password", place.password, "--bootstrap-region-id", "RegionOne", *urls],
    )
    configuration = f"--config-file={place.etc}/keystone/keystone.conf"
    for order in orders:
        _run(place, "keystone", [f"{place.bin}/keystone-manage", configuration, *order])


def _nova(place: Place) -> None:
    where = f"@{ADDRESS}:{PORTS['mariadb']}/nova_cell0?charset=utf8mb4"
    cell0 = f"mysql+pymysql://nova:{place.password}{where}"
    orders = (
        ["api_db", "sync"],
        ["cell_v2", "map_cell0", "--database_connection", cell0],
        ["cell_v2", "create_cell", "--name", "cell1"],
        ["db", "sync"],
    )
    for order in orders:
        _run(place, "nova", [f"{place.bin}/nova-manage", f"--config-file={place.etc}/nova/nova.conf", *order])


def _placement(place: Place) -> None:
    configuration = f"--config-file={place.etc}/placement/placement.conf"
    _run(place, "placement", [f"{place.bin}/placement-manage", configuration, "db", "sync"])


def _glance(place: Place) -> None:
    configuration = f"--config-file={place.etc}/glance/glance-api.conf"
    _run(place, "glance", [f"{place.bin}/glance-manage", configuration, "db_sync"])


def _pack(place: Place) -> None:
    target = prepared_state()
    draft = target.with_suffix(".new")
    with tarfile.open(draft, "w") as archive:
        for name in _KEPT:
            archive.add(place.root / name, name)
    draft.rename(target)


def _unpack(place: Place) -> None:
    with tarfile.open(prepared_state()) as archive:
        archive.extractall(place.root, filter="tar")


def _sql(place: Place, text: str) -> subprocess.CompletedProcess[bytes]:
    command = ["mariadb", "--defaults-file=/dev/null", "-uroot", "-S", str(place.socket)]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=False)


def _run(place: Place, name: str, command: Sequence[str]) -> None:
    log = place.log / f"prepare-{name}.log"
    with log.open("ab") as output:
        done = subprocess.run(
            ["nice", *command], env=dict(environment(place)), stdout=output, stderr=output, check=False
        )
    if done.returncode:
        lines = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{lines}")
