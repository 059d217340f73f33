"""Which Debian archive this host uses: the base image is made from the same one, whatever mirror that is.

Source: apt-get(8) indextargets, which knows both forms of apt's source lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.clouds.process import run
from core.engine.errors import Trouble

SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FORMAT = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
_FETCHED = ("http", "https")
# Settings of apt that decide whether this host reaches its archive at all.
_SETTINGS = ("Acquire::http::", "Acquire::https::", "Acquire::Check-Valid-Until", "Acquire::Check-Date")


@dataclass(frozen=True, slots=True)
class Source:
    """One line of a source list: `deb uri release component…`."""

    uri: str
    release: str
    components: tuple[str, ...]

    def line(self) -> str:
        return f"deb {self.uri} {self.release} {' '.join(self.components)}"


@dataclass(frozen=True, slots=True)
class Archive:
    """Where packages come from: the mirror of the suite itself, all sources of it, and apt's settings to reach them."""

    mirror: str
    suite: str
    sources: tuple[Source, ...]
    settings: str
    proxy: str = ""


async def read() -> Archive:
    """Read this host's archive.

    Raises:
        Trouble: apt is missing, or has no source that a base image can be made from.
    """
    listed = await run("apt-get", "indextargets", "--format", _FORMAT, "Created-By: Packages")
    dumped = await run("apt-config", "dump")
    return chosen(sources(listed.stdout), dumped.stdout)


def sources(text: str) -> tuple[Source, ...]:
    """Read lines of `uri release component`, joined by uri and release."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and urlsplit(words[0]).scheme in _FETCHED:
            found.setdefault((words[0], words[1]), []).append(words[2])
    return tuple(Source(uri, release, tuple(dict.fromkeys(components))) for (uri, release), components in found.items())


def chosen(listed: tuple[Source, ...], apt_settings: str) -> Archive:
    """Take what belongs to the suite out of this host's sources.

    Raises:
        Trouble: there is none, or its address has a password in it, which would show in the list of processes.
    """
    wanted = [source for source in listed if source.release == SUITE and "main" in source.components]
    if not wanted:
        raise Trouble(
            f"apt on this host has no http or https source of Debian {SUITE}",
            where="provider nspawn",
            fix=f"add one and run `apt-get update`, or name an image (a root archive or directory of Debian {SUITE})",
        )
    if "@" in urlsplit(wanted[0].uri).netloc:
        raise Trouble(
            "the address of apt's source has a password in it",
            where="provider nspawn",
            fix="put it in /etc/apt/auth.conf.d, or name an image",
        )
    related = tuple(source for source in listed if source.release.split("-")[0] == SUITE)
    kept = "".join(f"{line}\n" for line in apt_settings.splitlines() if line.startswith(_SETTINGS))
    return Archive(wanted[0].uri, SUITE, related, kept, _proxy(apt_settings))


def _proxy(apt_settings: str) -> str:
    for line in apt_settings.splitlines():
        name, _, value = line.partition(" ")
        if name == "Acquire::http::Proxy":
            return value.strip('";')
    return ""
