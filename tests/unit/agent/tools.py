"""Programs that some tests need."""

from __future__ import annotations

import os
import shutil

import pytest


def need(*programs: str, root: bool = False) -> None:
    """Skip the test, with the reason, where a program or root is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (apt-get install haproxy nftables iproute2 conntrack)")
    if root and os.geteuid() != 0:
        pytest.skip("needs root")
