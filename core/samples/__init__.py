"""Documents that come with the package."""

from __future__ import annotations

from pathlib import Path

DEMO = Path(__file__).with_name("demo.yaml")
"""A cluster with a published pod, all of it simulated."""
