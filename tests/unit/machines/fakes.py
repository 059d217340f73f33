"""Programs that stand for systemd, dpkg and apt in a folder of a test: they write down what they are told."""

from __future__ import annotations

from pathlib import Path

_SYSTEMCTL = """\
echo "systemctl $*" >> {folder}/told
[ "$1" = show ] || exit "$(cat {folder}/systemctl.status 2>/dev/null || echo 0)"
for unit in "$@"; do
    case $unit in *.service) ;; *) continue ;; esac
    printf 'Id=%s\\n' "$unit"
    cat "{folder}/$unit"
    echo
done
"""

_JOURNALCTL = 'echo "journalctl $*" >> {folder}/told; echo "cannot bind port 1"; echo "exiting"'

_DPKG_QUERY = "exit 1"

_APT_GET = """\
case "$*" in
    *update*) verb=update ;;
    *) verb="install ${{*##*--no-install-recommends}}" ;;
esac
echo "apt-get $verb $DEBIAN_FRONTEND" >> {folder}/told
answer=$(sed -n 1p {folder}/apt.answers)
sed -i 1d {folder}/apt.answers
[ -z "$answer" ] || {{ echo "$answer" >&2; exit 100; }}
"""


def install_fakes(folder: Path) -> str:
    """Put the programs in a folder; gives the PATH that finds them first."""
    programs = {
        "systemctl": _SYSTEMCTL,
        "journalctl": _JOURNALCTL,
        "dpkg-query": _DPKG_QUERY,
        "apt-get": _APT_GET,
        "dpkg": "exit 0",
    }
    for name, text in programs.items():
        (folder / name).write_text("#!/bin/sh\n" + text.format(folder=folder))
        (folder / name).chmod(0o755)
    (folder / "told").touch()
    (folder / "apt.answers").touch()
    return f"{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def unit_state(folder: Path, name: str, active: str = "active", sub: str = "running", enabled: str = "enabled") -> None:
    """What systemctl shall show of a unit."""
    (folder / name).write_text(
        f"LoadState=loaded\nActiveState={active}\nSubState={sub}\nResult=exit-code\nUnitFileState={enabled}\n"
        "NeedDaemonReload=no\nExecMainStartTimestamp=Mon 2026-11-23 11:40:00.250000 UTC\n"
    )


def told(folder: Path) -> list[str]:
    """What the programs were told that changes something."""
    lines = (folder / "told").read_text().splitlines()
    return [line.strip() for line in lines if not line.startswith(("systemctl show", "systemctl reset-failed"))]
