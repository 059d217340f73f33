"""Make the container images the tests' clusters run, as OCI layouts in the cache.

Run as ``python -m tests.mirror.images [name ...]``; without names all images are made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mirror import application_recipes, build, oci, recipes, store
from tests.mirror.components import COMPONENTS

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Image:
    """An image: its name with the original host, what fills it, what it runs."""

    repository: str
    fill: Callable[[Path], None]
    version_of: str
    tag_prefix: str = ""
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    path: str = PATH
    folder: str = "/"
    components: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Return the tag, which is the version as the publisher writes it."""
        return f"{self.tag_prefix}{store.versions()[self.version_of]}"

    @property
    def reference(self) -> str:
        """Return the full name, as a manifest would have it."""
        return f"{self.repository}:{self.tag}"

    @property
    def settings(self) -> oci.Json:
        """Return what the runtime is told to run."""
        settings: oci.Json = {"Env": [f"PATH={self.path}"], "Cmd": list(self.command), "WorkingDir": self.folder}
        return settings | ({"Entrypoint": list(self.entrypoint)} if self.entrypoint else {})


IMAGES: dict[str, Image] = {
    "pause": Image("registry.k8s.io/pause", recipes.pause, "pause", entrypoint=("/pause",), components=("pause",)),
    "coredns": Image(
        "registry.k8s.io/coredns/coredns",
        recipes.coredns,
        "coredns",
        "v",
        entrypoint=("/coredns",),
        components=("coredns",),
    ),
    "busybox": Image("docker.io/library/busybox", recipes.busybox, "busybox", command=("sh",)),
    "nginx": Image(
        "docker.io/library/nginx",
        recipes.nginx,
        "nginx",
        command=("nginx", "-g", "daemon off;"),
        entrypoint=("/docker-entrypoint.sh",),
    ),
    "socat": Image("docker.io/alpine/socat", recipes.socat, "socat", entrypoint=("/usr/bin/socat",)),
    "redis": Image(
        "docker.io/library/redis", application_recipes.redis, "redis", command=("redis-server",), folder="/data"
    ),
    "postgres": Image(
        "docker.io/library/postgres",
        application_recipes.postgres,
        "postgres",
        command=("postgres",),
        entrypoint=("docker-entrypoint.sh",),
        path=f"/{application_recipes.POSTGRES}/bin:{PATH}",
    ),
    "mariadb": Image(
        "docker.io/library/mariadb",
        application_recipes.mariadb,
        "mariadb",
        command=("mariadbd",),
        entrypoint=("docker-entrypoint.sh",),
    ),
    "httpd": Image(
        "docker.io/library/httpd",
        application_recipes.httpd,
        "httpd",
        command=("httpd-foreground",),
        folder="/usr/local/apache2",
    ),
    "php": Image(
        "docker.io/library/php",
        application_recipes.php,
        "php",
        command=("php", "-a"),
        entrypoint=("docker-php-entrypoint",),
    ),
    "calico-node": Image(
        "quay.io/calico/node",
        recipes.calico_node,
        "calico",
        "v",
        command=("start_runit",),
        components=("calico",),
    ),
    "calico-cni": Image(
        "quay.io/calico/cni",
        recipes.calico_cni,
        "calico",
        "v",
        command=("/opt/cni/bin/install",),
        path=f"/opt/cni/bin:{PATH}",
        components=("calico", "cni"),
    ),
    "calico-kube-controllers": Image(
        "quay.io/calico/kube-controllers",
        recipes.calico_controllers,
        "calico",
        "v",
        entrypoint=("/usr/bin/kube-controllers",),
        components=("calico",),
    ),
}


def key_of(image: Image) -> str:
    """Name an image's contents by everything of ours that decides them."""
    builds = [build.programs_of(name).name.encode() for name in image.components]
    names = ("images.py", "recipes.py", "application_recipes.py", "debian.py", "oci.py")
    ours = [store.HERE / name for name in names]
    ours += sorted((store.HERE / "files").iterdir())
    return store.short_key(image.reference.encode(), *builds, *(file.read_bytes() for file in ours))


def make(name: str, key: str) -> None:
    """Fill a root file system in a temporary folder of the cache and write the layout from it."""
    image = IMAGES[name]
    with (
        tempfile.TemporaryDirectory(prefix=".rootfs.", dir=store.cache()) as rootfs,
        store.new_folder(store.image_layout(name)) as layout,
    ):
        image.fill(Path(rootfs))
        oci.write_layout(Path(rootfs), layout, image.tag, image.settings)
        (layout / "key").write_text(key)


def ensure(name: str) -> str:
    """Make an image with the programs it needs unless it is there, and say which it was."""
    for component in IMAGES[name].components:
        build.ensure(COMPONENTS[component])
    key, mark = key_of(IMAGES[name]), store.image_layout(name) / "key"
    if mark.exists() and mark.read_text() == key:
        return "ready"
    make(name, key)
    return "made"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the named images, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mirror.images", description=__doc__)
    parser.add_argument("image", nargs="*", help=", ".join(IMAGES))
    names = parser.parse_args(arguments).image or list(IMAGES)
    unknown = [name for name in names if name not in IMAGES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    with store.exclusive():
        for name in names:
            started, outcome = time.monotonic(), ensure(name)
            print(f"{IMAGES[name].reference} {outcome} {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
