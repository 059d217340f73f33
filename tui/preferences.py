"""What a person sets for the console: the part of `config.toml` that is about keys and colours, and their own themes.

theme = "daylight"

[keys]
"app.command" = "semicolon"
"action.delete" = "ctrl+x"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

VARIABLE = "GONDOLIER_CONFIG"
"""Names the file, where it is not the one in the user's configuration directory; as in `core.settings`."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`keys` maps ids of bindings to keys, several apart by commas; `trouble` says why the file could not be used."""

    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where preferences are read from."""
    if named := environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("gondolier")) / "config.toml"


def themes_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a person's own themes lie: beside the configuration file."""
    return config_file(environ).parent / "themes"


def read_preferences(path: Path) -> Preferences:
    """The preferences, none where there is no file; a file that is wrong is told of and never fatal."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:
        return Preferences(trouble=f"{path}: the preferences cannot be read: {error}")
    theme, keys = found.get("theme", ""), found.get("keys", {})
    if not isinstance(theme, str):
        return Preferences(trouble=f"{path}: theme must be the name of a theme")
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        return Preferences(theme, trouble=f'{path}: keys must map an id to keys, as "app.command" = "semicolon"')
    return Preferences(theme, keys)
