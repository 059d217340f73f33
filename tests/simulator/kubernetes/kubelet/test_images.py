"""What images and commands plausibly do."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.kubelet import images


def container(*command: str, image: str = "busybox:1", **more: Any) -> dict[str, Any]:
    return {"name": "main", "image": image, "command": list(command), **more}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("sleep", "5"), (5.0, 0)),
        (("sleep", "infinity"), (images.FOREVER, 0)),
        (("sh", "-c", "echo hello"), (0.0, 0)),
        (("sh", "-c", "echo hello; exit 3"), (0.0, 3)),
        (("sh", "-c", "sleep 2m && false"), (120.0, 1)),
        (("sh", "-c", "while true; do date; sleep 1; done"), (images.FOREVER, 0)),
        (("sh", "-c", "printf 'dir /data\\n' | exec redis-server -"), (images.FOREVER, 0)),
        (("httpd", "-f", "-p", "8080"), (images.FOREVER, 0)),
        (("/bin/true",), (0.0, 0)),
        (("sh", "-c", "echo 'open"), (0.0, 0)),
    ],
)
def test_a_command_says_when_it_ends(command: tuple[str, ...], expected: tuple[float, int]) -> None:
    assert images.lifetime(container(*command), once=False, init=False) == expected


def test_without_a_command_it_is_the_image_that_says() -> None:
    assert images.lifetime(container(image="nginx:1"), once=False, init=False)[0] == images.FOREVER
    assert images.lifetime(container(image="busybox:1"), once=False, init=False)[0] < 1
    assert images.lifetime(container(image="team/report:2"), once=True, init=False) == (1.0, 0)


@pytest.mark.parametrize(
    ("image", "name"), [("a.example.org:5000/team/site:1.2", "site"), ("nginx", "nginx"), ("x/redis@sha256:0", "redis")]
)
def test_short_names(image: str, name: str) -> None:
    assert images.short_name(image) == name


def test_ports_are_the_images_and_the_declared_ones() -> None:
    assert images.listens_on({"image": "nginx:1", "ports": [{"containerPort": 8080}]}) == (80, 8080)
    assert images.listens_on({"image": "team/site:1"}) is None
