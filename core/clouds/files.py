"""Small files that providers remember things in."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_json(path: Path, value: object) -> None:
    """Replace a file as a whole and durably."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w") as stream:
        json.dump(value, stream, indent=2, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
