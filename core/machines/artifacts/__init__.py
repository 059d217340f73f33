"""Artifacts: programs as their publishers release them, fetched once, verified, kept in a cache."""

from __future__ import annotations

from core.machines.artifacts.artifacts import Artifacts, Program, mirrors_from
from core.machines.artifacts.table import VersionTable, parse_table, version_table

__all__ = ["Artifacts", "Program", "VersionTable", "mirrors_from", "parse_table", "version_table"]
