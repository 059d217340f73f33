"""An unmodified kubectl: the one that is named, the one in the path, or Debian's out of the tests' cache."""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

_CACHE = Path(os.environ.get("GONDOLIER_TEST_CACHE", "~/.cache/gondolier-tests")).expanduser()
_IN_CACHE = ("debian-kubectl/usr/bin/kubectl", "bin/kubernetes/*/kubectl")
NOT_FOUND = (
    "no kubectl: set GONDOLIER_TEST_KUBECTL, put one in the path, or unpack Debian's kubernetes-client "
    f"(dpkg-deb -x) in {_CACHE / 'debian-kubectl'}"
)


def programs() -> list[Path]:
    """Every kubectl there is, each version once."""
    if named := os.environ.get("GONDOLIER_TEST_KUBECTL"):
        return [Path(named)]
    found = [path for pattern in _IN_CACHE for path in sorted(_CACHE.glob(pattern))]
    in_path = shutil.which("kubectl")
    return found or ([Path(in_path)] if in_path else [])


@dataclass(frozen=True)
class Kubectl:
    """A program with a kubeconfig; `cache` is where it keeps what it discovered."""

    program: Path
    kubeconfig: Path
    cache: Path

    async def start(self, *arguments: str, **environment: str) -> Process:
        """Start a command; its output comes together."""
        words = ["--kubeconfig", str(self.kubeconfig), "--cache-dir", str(self.cache), *arguments]
        variables = os.environ | {"HOME": str(self.cache)} | environment
        return await asyncio.create_subprocess_exec(
            self.program, *words, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.STDOUT, env=variables
        )

    async def run(self, *arguments: str, stdin: str = "", code: int = 0, **environment: str) -> str:
        """Run a command to its end and give what it said; it must end with `code`."""
        process = await self.start(*arguments, **environment)
        try:
            said = (await process.communicate(stdin.encode()))[0].decode()
        except asyncio.CancelledError:
            process.kill()
            raise
        assert process.returncode == code, f"kubectl {' '.join(arguments)}: {process.returncode}\n{said}"
        return said
