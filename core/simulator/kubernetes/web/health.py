"""Whether the server is well, and which version it has."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes.web.backend import Backend

Object = dict[str, Any]

CHECKS = ("healthz", "livez", "readyz")


def health(backend: Backend, request: web.Request, path: str) -> web.Response:
    """ "ok", or what is not, as text; `verbose` names every check."""
    name = path.split("/", maxsplit=1)[0]
    error = backend.settings.obstacle()
    lines = ["[+]ping ok", "[+]etcd ok" if error is None else "[-]etcd failed: reason withheld"]
    if error is not None:
        return web.Response(status=500, text="\n".join([*lines, f"{name} check failed", ""]))
    if "verbose" in request.query:
        return web.Response(text="\n".join([*lines, f"{name} check passed", ""]))
    return web.Response(text="ok")


def version(backend: Backend) -> Object:
    """The version as `kubectl version` shows it; it says that it is simulated."""
    text = backend.settings.version
    major, minor, _ = [*text.split("."), "", ""][:3]
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{text}",
        "gitCommit": "simulated",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "none",
        "platform": "linux/amd64",
    }
