"""The base image: a root file system that all machines share, read-only, under their overlays.

Made once by debootstrap (or unpacked from a given archive) in a directory that is renamed when complete, and kept in
a cache that outlives environments; its name holds a digest of what it was made from. Source: debootstrap(8).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

import platformdirs

from core.clouds.nspawn import archive, mounts
from core.clouds.nspawn.lock import locked
from core.clouds.process import lines
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report

PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "ca-certificates", "curl", "python3", "kmod", "procps"),
    *("iproute2", "iputils-ping", "iptables", "nftables", "ipset", "conntrack", "ethtool", "socat", "haproxy"),
)

# Raised whenever the finishing script changes, so that older images are not taken for current ones.
_RECIPE = 1
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2")
_NEEDED = {"sbin/init": "systemd-sysv", "usr/sbin/sshd": "openssh-server"}

# $1 is the new root. The two services must not start by themselves: they are configured by whoever needs them.
_FINISH = """\
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
mount -t proc proc "$1/proc"
printf '#!/bin/sh\\nexit 101\\n' > "$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"
chroot "$1" apt-get -q -y update
chroot "$1" apt-get -q -y -o Dpkg::Use-Pty=0 dist-upgrade
chroot "$1" apt-get -q -y clean
chroot "$1" systemctl disable haproxy.service nftables.service
rm -f "$1/usr/sbin/policy-rc.d" "$1"/etc/ssh/ssh_host_*
rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1/debootstrap"
rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/info/* "$1"/usr/share/locale/*
: > "$1/etc/machine-id"
echo LANG=C.UTF-8 > "$1/etc/default/locale"
"""
_PHASES = {
    "I: Retrieving InRelease": "base image: reading the archive's index",
    "I: Resolving": "base image: fetching packages",
    "I: Extracting": "base image: unpacking the base system",
    "I: Configuring": "base image: configuring packages",
    "Reading package lists": "base image: applying security updates",
}


def cache_root() -> Path:
    """Where images are kept: $GONDOLIER_CACHE, for root /var/cache/gondolier, else the user's cache directory."""
    named = os.environ.get("GONDOLIER_CACHE")
    if named:
        return Path(named)
    return Path("/var/cache/gondolier") if os.geteuid() == 0 else platformdirs.user_cache_path("gondolier")


async def ensure(cache: Path, given: str | None, report: Report) -> Path:
    """Give the directory of the base image, made first where it is not in the cache.

    Args:
        given: a root archive (tar) or directory to use instead of debootstrap.

    Raises:
        Trouble: it cannot be made; the sentence holds the last words of the program that failed.
        Refusal: what was given is not a root that boots and takes SSH.
    """
    if given is not None and Path(given).is_dir():
        return _complete(Path(given).resolve())
    final = place(cache, given)
    if final.is_dir():
        return final
    async with locked(cache / "images" / f".{final.name}.lock", _waiting(report)) as held:
        if not final.is_dir():
            await _build(final, given, held, report)
    return final


def place(cache: Path, given: str | None) -> Path:
    """Where in the cache the image is, or will be."""
    if given is None:
        made_of = "\n".join((str(_RECIPE), archive.SUITE, os.uname().machine, *PACKAGES))
        return cache / "images" / f"{archive.SUITE}-{_digest(made_of)}"
    source = Path(given)
    if not source.is_file() or not source.name.endswith(_ARCHIVES):
        raise Refusal(f"{given} is neither a directory nor a tar archive", where="provider nspawn, image")
    status = source.stat()
    return cache / "images" / f"archive-{_digest(f'{source.resolve()} {status.st_size} {status.st_mtime_ns}')}"


async def _build(final: Path, given: str | None, held: int, report: Report) -> None:
    fresh = final.with_name(f".{final.name}.new")
    await mounts.unmount_beneath(fresh)
    await mounts.remove_tree(fresh)
    fresh.mkdir(parents=True)
    if given is None:
        await _bootstrap(fresh, await archive.read(), held, report)
    else:
        report(f"base image: unpacking {given}")
        unpack = ("tar", "--numeric-owner", "--xattrs", "-xf", given, "-C", str(fresh))
        await _drain(lines(*unpack, keep_open=(held,)), report)
    _complete(fresh)
    fresh.rename(final)
    report(f"base image: complete in {final}")


async def _bootstrap(fresh: Path, source: archive.Archive, held: int, report: Report) -> None:
    # In a mount namespace of its own, what is mounted meanwhile goes with its processes, however they end.
    private = ("unshare", "--mount", "--propagation", "private")
    include = f"--include={','.join(PACKAGES)}"
    options = ("--variant=minbase", "--force-check-gpg", f"--keyring={archive.KEYRING}", include)
    proxy = {"http_proxy": source.proxy} if source.proxy else {}
    report(f"base image: Debian {source.suite}, made once, takes a minute or two")
    command = (*private, "debootstrap", *options, source.suite, str(fresh), source.mirror)
    try:
        await _drain(lines(*command, environment=proxy, keep_open=(held,)), report)
    except Trouble as error:
        raise Trouble(f"{error.what}{_log_tail(fresh)}", where=error.where, fix=error.fix) from error
    _configure_apt(fresh, source)
    await _drain(lines(*private, "sh", "-ec", _FINISH, "finish", str(fresh), keep_open=(held,)), report)


def _configure_apt(root: Path, source: archive.Archive) -> None:
    (root / "etc/apt/sources.list").write_text("".join(f"{entry.line()}\n" for entry in source.sources))
    settings = root / "etc/apt/apt.conf.d/90gondolier"
    settings.touch(mode=0o600)
    settings.write_text(source.settings)


async def _drain(output: AsyncGenerator[str, None], report: Report) -> None:
    """Follow a program to its end and report each phase once."""
    told: set[str] = set()
    async with aclosing(output) as following:
        async for line in following:
            sentence = next((text for start, text in _PHASES.items() if line.startswith(start)), None)
            if sentence is not None and sentence not in told:
                told.add(sentence)
                report(sentence)


def _complete(root: Path) -> Path:
    for path, package in _NEEDED.items():
        if not (root / path).exists() and not (root / path).is_symlink():
            raise Refusal(f"{root} has no /{path}", where="provider nspawn, image", fix=f"put {package} into it")
    return root


def _waiting(report: Report) -> Callable[[], None]:
    return lambda: report("base image: waiting for another process that makes it")


def _log_tail(root: Path) -> str:
    log = root / "debootstrap/debootstrap.log"
    if not log.exists():
        return ""
    words = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"; its log ends: {' / '.join(words[-5:])}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
