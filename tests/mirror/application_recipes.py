"""What is inside the images of applications: Debian's programs behind entry points that do what upstream's do.

Only what the catalogue uses of an entry point is there: see the scripts under `files/`.
"""

from __future__ import annotations

from pathlib import Path

from tests.mirror import debian
from tests.mirror.recipes import put_file

POSTGRES = "usr/lib/postgresql/15"


def redis(root: Path) -> None:
    """Debian's Redis with its client."""
    _system(root, "redis-server", "redis-tools")
    _user(root, "redis", 999)
    (root / "data").mkdir()


def postgres(root: Path) -> None:
    """Debian's PostgreSQL with its client, without the just-in-time compiler that needs all of LLVM."""
    _system(root, "postgresql-15", "postgresql-client-15", "tzdata")
    for path in (*root.glob("usr/lib/x86_64-linux-gnu/libLLVM*"), *root.glob(f"{POSTGRES}/lib/llvmjit*")):
        path.unlink()
    _user(root, "postgres", 999)
    put_file("postgres-entrypoint", root / "usr/local/bin/docker-entrypoint.sh")


def mariadb(root: Path) -> None:
    """Debian's MariaDB with its client."""
    _system(root, "mariadb-server-core", "mariadb-client-core", "mariadb-common", "mysql-common")
    _user(root, "mysql", 999)
    put_file("mariadb-entrypoint", root / "usr/local/bin/docker-entrypoint.sh")


def httpd(root: Path) -> None:
    """Debian's Apache where upstream's image has it."""
    _system(root, "apache2-bin")
    _user(root, "www-data", 33)
    place = root / "usr/local/apache2"
    (place / "logs").mkdir(parents=True)
    put_file("httpd.conf", place / "conf/httpd.conf")
    put_file("httpd-foreground", root / "usr/local/bin/httpd-foreground")
    put_file("httpd-index.html", place / "htdocs/index.html")


def php(root: Path) -> None:
    """Debian's PHP for the command line."""
    _system(root, "php8.2-cli", "php8.2-common")
    (root / "usr/local/bin").mkdir(parents=True)
    (root / "usr/local/bin/php").symlink_to("/usr/bin/php8.2")
    put_file("php-entrypoint", root / "usr/local/bin/docker-php-entrypoint")


def _system(root: Path, *packages: str) -> None:
    debian.unpack(packages, root)
    debian.add_basics(root)
    debian.add_shell(root)


def _user(root: Path, name: str, number: int) -> None:
    with (root / "etc/passwd").open("a") as users, (root / "etc/group").open("a") as groups:
        users.write(f"{name}:x:{number}:{number}::/:/bin/sh\n")
        groups.write(f"{name}:x:{number}:\n")
