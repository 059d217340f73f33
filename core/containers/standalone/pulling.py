"""How far the pull of an image has come, from what the engine tells of its layers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DONE = ("Pull complete", "Already exists")
_STEPS = 5
"""Into how many parts the way is cut: a report has a line for each."""

_MEGABYTE = 10**6


class Pull:
    """Takes what the engine tells, and says at each fifth of the way how far it is; layers may come in between."""

    def __init__(self, image: str) -> None:
        self._image = image
        self._bytes: dict[str, tuple[int, int]] = {}
        self._done: set[str] = set()
        self._layers: set[str] = set()
        self._told = 0

    def told(self, news: Mapping[str, Any]) -> str | None:
        """A line for the report where there is something to say."""
        layer, status = str(news.get("id", "")), str(news.get("status", ""))
        if not layer or status.startswith("Pulling from"):
            return None
        self._layers.add(layer)
        known = news.get("progressDetail") or {}
        if status == "Downloading" and known.get("total"):
            self._bytes[layer] = int(known["current"]), int(known["total"])
        elif status in ("Download complete", *_DONE) and layer in self._bytes:
            self._bytes[layer] = self._bytes[layer][1], self._bytes[layer][1]
        if status in _DONE:
            self._done.add(layer)
        return self._line()

    def _line(self) -> str | None:
        current, total = (sum(part) for part in zip(*self._bytes.values(), strict=True)) if self._bytes else (0, 0)
        share = (current / total if total else 0.0) * 0.5 + len(self._done) / len(self._layers) * 0.5
        step = int(share * _STEPS)
        if step <= self._told:
            return None
        self._told = step
        amount = f", {current // _MEGABYTE} of {total // _MEGABYTE} MB" if total >= _MEGABYTE else ""
        return f"{self._image}: {len(self._done)} of {len(self._layers)} layers are there{amount}"
