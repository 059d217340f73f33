"""An HTTP mirror on 127.0.0.1 that can be told to misbehave."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web


@dataclass
class MirrorServer:
    """Serves a folder. `cuts` are sizes after which the next answers break off; `ranges` tells whether it resumes."""

    root: Path
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def start(self) -> web.AppRunner:
        """Serve on a free port."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def asked(self, ending: str) -> list[str]:
        """The ranges that were asked of files with this ending, empty for the whole."""
        return [wanted for path, wanted in self.seen if path.endswith(ending)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        wanted = request.headers.get("Range", "")
        self.seen.append((request.path, wanted))
        path = self.root / request.match_info["path"]
        if self.status:
            return web.Response(status=self.status)
        if not path.is_file():
            return web.Response(status=404)
        return await self._send(request, path.read_bytes(), wanted)

    async def _send(self, request: web.Request, content: bytes, wanted: str) -> web.StreamResponse:
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if start and start >= len(content):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        response = web.StreamResponse(status=206 if start else 200, headers=headers)
        response.content_length = len(content) - start
        await response.prepare(request)
        cut = self.cuts.pop(0) if self.cuts and len(content) > 1000 else len(content)
        await response.write(content[start : start + cut])
        if start + cut < len(content) and request.transport is not None:
            request.transport.close()
        return response
