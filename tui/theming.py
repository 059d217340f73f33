"""Theme files → Textual themes.

A file names Textual's colours, `[variables]` of the style sheet and `[tones]`: for each tone of a line a colour, with
text styles before it, as in "bold #4fd1c5".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textual.theme import Theme

from tui.view_models.text import TONES

DEFAULT_THEME = "lagoon"
_COLOURS = (
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_FIELDS = frozenset({"name", "dark", "ansi", "variables", "tones", *_COLOURS})
_VARIABLES = ("border-focused", "border-resting", "cursor-background", "cursor-resting")


class ThemeError(Exception):
    """A theme file is not usable: which one, why, what to do."""


def chosen_theme(environ: Mapping[str, str], preferred: str = "") -> str:
    """The theme asked for in `GONDOLIER_THEME`, else the preferred one; the terminal's own where it has only those."""
    fallback = "ansi" if environ.get("TERM", "") in ("dumb", "linux") else DEFAULT_THEME
    return environ.get("GONDOLIER_THEME") or preferred or fallback


def load_theme(path: Path) -> Theme:
    """The theme in this file.

    Raises:
        ThemeError: the file cannot be read, is not TOML, or lacks or misnames a field.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ThemeError(f"{path}: the theme cannot be read: {error}") from error
    _check(data, path)
    variables = {**data.get("variables", {}), **_tone_variables(data["tones"])}
    colours = {name: data[name] for name in _COLOURS if name in data}
    return Theme(
        name=data["name"],
        dark=bool(data.get("dark", True)),
        ansi=bool(data.get("ansi", False)),
        variables=variables,
        **colours,
    )


def load_themes(paths: Iterable[Path]) -> tuple[list[Theme], list[ThemeError]]:
    """Every theme that can be read, and what is wrong with the others."""
    themes: list[Theme] = []
    troubles: list[ThemeError] = []
    for path in paths:
        try:
            themes.append(load_theme(path))
        except ThemeError as trouble:
            troubles.append(trouble)
    return themes, troubles


def _check(data: Mapping[str, Any], path: Path) -> None:
    unknown = sorted(set(data) - _FIELDS)
    lacking = [name for name in ("name", "primary", "tones") if name not in data]
    lacking += [f"tones.{tone}" for tone in TONES if tone not in data.get("tones", {})]
    lacking += [f"variables.{name}" for name in _VARIABLES if name not in data.get("variables", {})]
    if unknown or lacking:
        words = [f"unknown: {', '.join(unknown)}"] if unknown else []
        words += [f"lacking: {', '.join(lacking)}"] if lacking else []
        raise ThemeError(f"{path}: the theme has wrong fields ({'; '.join(words)}): correct the file")


def _tone_variables(tones: Mapping[str, str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for tone, words in tones.items():
        *styles, colour = words.split()
        variables[f"tone-{tone}"] = colour
        variables[f"tone-{tone}-style"] = " ".join(styles) or "none"
    return variables
