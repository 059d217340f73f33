"""Tracebacks of unexpected errors, in a log of their own instead of the report."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from core.engine.redact import redact
from core.store import Deployment
from core.store.home import private_directory


def keep_trace(home: Path, deployment: Deployment, step: str, error: BaseException) -> str:
    """Append the traceback, without values of variables and without what looks like a secret.

    Returns where to read it, or why it could not be kept: a log that fails must not hide the error itself.
    """
    text = redact("".join(traceback.format_exception(error)))
    path = home / "logs" / f"{deployment.environment}-{deployment.number}.log"
    try:
        _append(path, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {step}\n{text}\n")
    except OSError as problem:
        return f"details could not be kept in {path}: {problem.strerror}"
    return f"details in {path}"


def _append(path: Path, text: str) -> None:
    private_directory(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
