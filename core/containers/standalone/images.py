"""The image of an application: pulled with progress where the host has not got it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from core.cluster.registry import read_secret
from core.containers.standalone.pulling import Pull
from core.containers.standalone.site import HostSite
from core.engine.errors import Trouble
from core.engine.step import Change, Report
from core.model.container import Application
from core.model.secret import Credentials


class ImageStep:
    """Probe and apply of one application's image. A tag that moves at its registry is not followed: tags are pins."""

    def __init__(self, site: HostSite, application: Application) -> None:
        self._site = site
        self._image = application.image

    async def probe(self) -> Sequence[Change]:
        if self._site.exists():
            async with self._site.engine() as engine:
                if await engine.has_image(self._image):
                    return []
        return [Change("create", f"image {self._image}")]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        auth = authentication(self._image, self._site.host.registry.credentials)
        async with self._site.engine() as engine:
            try:
                await _tell(self._image, engine.pull(self._image, auth), report)
            except Trouble as trouble:
                fix = "name an image that its registry has, and let the host reach it"
                raise type(trouble)(trouble.what, where=trouble.where, fix=trouble.fix or fix) from trouble
        report(f"image {self._image} is there")


def authentication(image: str, credentials: Credentials | None) -> dict[str, str] | None:
    """What the registry of an image is shown, read now; None for an image of another registry.

    Raises:
        Refusal: the password is not where the document says.
    """
    if credentials is None or image.partition("/")[0] != credentials.server:
        return None
    return {"username": credentials.username, "password": read_secret(credentials.password)}


async def _tell(image: str, progress: AsyncIterator[Mapping[str, Any]], report: Report) -> None:
    pull = Pull(image)
    async for told in progress:
        if line := pull.told(told):
            report(line)
