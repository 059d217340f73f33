"""The images of an engine: their names, their pull with its progress, and why one cannot be had."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator

from core.simulator.docker.errors import EngineError, no_such
from core.simulator.docker.records import Body, Image
from core.simulator.kubernetes.kubelet.images import image_id, invalid, pull_trouble, size_of

_LAYERS = 3
_HUB = "docker.io/"


def familiar(reference: str) -> str:
    """A name as Docker shows it: without its own registry's, with a tag."""
    short = reference.removeprefix(_HUB).removeprefix("library/")
    named = ":" in short.rpartition("/")[2] or "@" in short
    return short if named else f"{short}:latest"


class Images:
    """Images by identity."""

    def __init__(self, kept: list[Image], changed: Callable[[], None]) -> None:
        self.all = {image.id: image for image in kept}
        self._changed = changed

    def find(self, name: str) -> Image:
        """By name, identity, or the beginning of it. Raises `EngineError` 404."""
        wanted, bare = familiar(name), name.removeprefix("sha256:")
        for image in self.all.values():
            if wanted in image.tags or (len(bare) >= 4 and image.id.removeprefix("sha256:").startswith(bare)):
                return image
        raise no_such("image", name if name.startswith("sha256:") else wanted)

    def check(self, reference: str) -> None:
        """Raises `EngineError` where the registry would not give the image, before anything is sent."""
        if invalid(reference):
            raise EngineError(400, "invalid reference format")
        trouble = pull_trouble(reference)
        if not trouble:
            return
        repository, _, tag = familiar(reference).rpartition(":")
        if "no such host" in trouble:
            host = reference.partition("/")[0]
            raise EngineError(500, f'Get "https://{host}/v2/": dial tcp: lookup {host}: no such host')
        if pull_trouble(repository):
            text = "repository does not exist or may require 'docker login'"
            denied = "denied: requested access to the resource is denied"
            raise EngineError(404, f"pull access denied for {repository}, {text}: {denied}")
        raise EngineError(404, f"manifest for {repository}:{tag} not found: manifest unknown: manifest unknown")

    def pull(self, reference: str) -> Iterator[Body]:
        """Take an image; gives the progress as the engine tells it."""
        name, identity = familiar(reference), image_id(reference)
        repository, _, tag = name.rpartition(":")
        known = identity in self.all
        yield {"status": f"Pulling from {repository if '/' in repository else f'library/{repository}'}", "id": tag}
        layers = [hashlib.sha256(f"{identity}{number}".encode()).hexdigest()[:12] for number in range(_LAYERS)]
        if not known:
            yield from _downloaded(layers, size_of(reference))
        self.add(reference)
        yield {"status": f"Digest: {identity}"}
        said = "Image is up to date for" if known else "Downloaded newer image for"
        yield {"status": f"Status: {said} {name}"}

    def add(self, reference: str) -> Image:
        """An image under a name, which no other image has any more."""
        name, identity = familiar(reference), image_id(reference)
        for image in self.all.values():
            image.tags = [tag for tag in image.tags if tag != name]
        image = self.all.setdefault(identity, Image(identity, time.time(), size_of(reference)))
        image.tags.append(name)
        self._changed()
        return image

    def tag(self, name: str, reference: str) -> None:
        """Give an image another name."""
        image = self.find(name)
        if familiar(reference) not in image.tags:
            image.tags.append(familiar(reference))
        self._changed()

    def remove(self, name: str, used: Collection[str], *, force: bool) -> list[Body]:
        """Take a name off an image, and with the last one the image. Raises `EngineError` where it is used."""
        image = self.find(name)
        if image.id in used and not force:
            text = f'unable to remove repository reference "{name}" (must force)'
            raise EngineError(409, f"conflict: {text} - a container is using its referenced image {image.id[7:19]}")
        gone = [familiar(name)] if familiar(name) in image.tags else list(image.tags)
        image.tags = [tag for tag in image.tags if tag not in gone]
        told: list[Body] = [{"Untagged": tag} for tag in gone]
        if not image.tags:
            del self.all[image.id]
            told.append({"Deleted": image.id})
        self._changed()
        return told


def _downloaded(layers: list[str], size: int) -> Iterator[Body]:
    for layer in layers:
        yield {"status": "Pulling fs layer", "progressDetail": {}, "id": layer}
    for layer in layers:
        total = size // len(layers)
        for part in (4, 2, 1):
            done = total // part
            bar = "=" * (50 // part) + ">"
            progress = f"[{bar:<51}] {done / 1e6:.1f}MB/{total / 1e6:.1f}MB"
            yield {
                "status": "Downloading",
                "progressDetail": {"current": done, "total": total},
                "progress": progress,
                "id": layer,
            }
        for status in ("Verifying Checksum", "Download complete", "Extracting", "Pull complete"):
            yield {"status": status, "progressDetail": {}, "id": layer}
