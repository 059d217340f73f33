"""The package `boats`, installed into a directory of a test's own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from core.containers.catalogue import library

CLASSES = ("Boat", "Leaky", "Wreck", "Nameless", "Missing")
"""What its entry points name; the last one is not in it."""


@contextmanager
def installed_boats(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The package's module, which Python and the catalogue find in `site` for as long as the block lasts."""
    information = site / "boats-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "boats.py").write_text((Path(__file__).parent / "boats.py").read_text())
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: boats\nVersion: 1.0\n")
    points = "\n".join(f"{name.lower()} = boats:{name}" for name in CLASSES)
    (information / "entry_points.txt").write_text(f"[gondolier.applications]\n{points}\n")
    monkeypatch.syspath_prepend(str(site))
    library.cache_clear()
    try:
        yield importlib.import_module("boats")
    finally:
        library.cache_clear()
        sys.modules.pop("boats", None)
