"""Serve the tests' images from Debian's docker-registry, in the place of every public registry.

Run as ``python -m tests.mirror.registry --address 127.0.0.1:5000 [--netns NAME]`` until it is stopped.
Image paths are without the original host (``library/nginx``), as containerd's ``_default`` mirror asks.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mirror import build, images, store

TOOLS = {"docker-registry": "docker-registry", "skopeo": "skopeo", "ip": "iproute2"}
PATIENCE = 15.0
PROBE = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()"


class RegistryError(Exception):
    """The registry could not be started or filled."""


def inside(netns: str | None) -> list[str]:
    """Return the words that make a command run in a network namespace, if one is named."""
    return ["ip", "netns", "exec", netns] if netns else []


def check_tools() -> None:
    """Say which Debian packages are missing before anything fails in a stranger way."""
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    if missing:
        raise RegistryError(f"install these Debian packages: {' '.join(missing)}")


def write_config(address: str) -> Path:
    """Write the registry's configuration for one address (JSON is YAML, too)."""
    config = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(store.cache() / "registry")}},
        "http": {"addr": address},
    }
    target = store.cache() / "run" / f"registry-{address.replace(':', '-')}.json"
    with store.new_file(target) as temporary:
        temporary.write_text(json.dumps(config))
    return target


def answers(address: str, netns: str | None) -> bool:
    """Tell whether something accepts connections at the address."""
    host, _, port = address.rpartition(":")
    command = [*inside(netns), sys.executable, "-c", PROBE, host.strip("[]"), port]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def wait_until_up(process: subprocess.Popen[bytes], address: str, netns: str | None, log: Path) -> None:
    """Wait until the registry accepts connections, or fail with what it logged."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if answers(address, netns):
            return
        time.sleep(0.1)
    raise RegistryError(f"docker-registry did not come up at {address}:\n{log.read_text()[-2000:]}")


def push(name: str, address: str, netns: str | None) -> None:
    """Copy an image into the registry; blobs that are there already are not sent again."""
    image = images.IMAGES[name]
    path = image.repository.split("/", 1)[1]
    source = f"oci:{store.image_layout(name)}:{image.tag}"
    target = f"docker://{address}/{path}:{image.tag}"
    copy = ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", source, target]
    done = subprocess.run([*inside(netns), *copy], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RegistryError(f"cannot push {image.reference}: {done.stderr.strip()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the registry we started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serving(address: str, netns: str | None = None, names: Sequence[str] = tuple(images.IMAGES)) -> Iterator[str]:
    """Serve the named images at an address (``IP:port``) while the block runs, and give the URL."""
    check_tools()
    if answers(address, netns):
        raise RegistryError(f"something else serves {address} already")
    with store.exclusive():
        for name in names:
            images.ensure(name)
    config = write_config(address)
    log = config.with_suffix(".log")
    command = [*inside(netns), "docker-registry", "serve", str(config)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_up(process, address, netns, log)
        for name in names:
            push(name, address, netns)
        yield f"http://{address}"
    finally:
        stop(process)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve all images until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.mirror.registry", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:5000", help="IP:port to serve at")
    parser.add_argument("--netns", help="network namespace to serve in")
    chosen = parser.parse_args(arguments)
    # As an exception, so that the registry is stopped on the way out.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        with serving(chosen.address, chosen.netns) as url:
            print(f"serving {len(images.IMAGES)} images at {url}", flush=True)
            signal.pause()
    except (RegistryError, build.BuildError) as problem:
        sys.exit(str(problem))
    return 0


if __name__ == "__main__":
    sys.exit(main())
