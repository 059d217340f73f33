"""What goes wrong on purpose; runs inside the services, with their packages."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path


def faults(operation: str, *names: str) -> Iterator[tuple[str, str]]:
    """What $OSTB_DIR/inject asks for at this operation on something of these names: verb and argument of each line."""
    try:
        lines = (Path(os.environ["OSTB_DIR"]) / "inject").read_text().splitlines()
    except (KeyError, OSError):
        return
    for line in lines:
        words = line.split(None, 3)
        matches = len(words) >= 3 and words[1] == operation
        if matches and any(fnmatch.fnmatchcase(name, words[0]) for name in names if name):
            yield words[2], (words[3] if len(words) > 3 else "")
