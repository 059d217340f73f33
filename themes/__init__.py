"""Themes as data: one TOML file each, beside this file."""

from __future__ import annotations

from pathlib import Path

DIRECTORY = Path(__file__).parent
"""Where the shipped themes lie."""
