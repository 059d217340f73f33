"""What a person saves from the screen: files of their own in the home directory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def save(name: str, ending: str, now: float, lines: Iterable[str]) -> Path:
    """Write lines into a new file in `$GONDOLIER_HOME/saved`, readable by its owner only; returns where.

    Raises:
        Trouble: it cannot be written.
    """
    from core.engine.errors import Trouble
    from core.store.home import home_directory, private_directory

    moment = datetime.fromtimestamp(now).strftime("%Y%m%d-%H%M%S")
    path = home_directory() / "saved" / f"{_UNFIT.sub('-', name).strip('-')}-{moment}.{ending}"
    try:
        private_directory(path.parent)
        with path.open("w", encoding="utf-8") as file:
            path.chmod(0o600)
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise Trouble(f"cannot be saved: {error.strerror}", where=str(path)) from error
    return path
