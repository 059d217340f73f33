"""What a person sets for all environments: `config.toml` in the configuration directory.

mirrors = ["https://mirror.example/releases"]

host_paths = ["/srv"]

[pins]
"flannel 0.28.10 amd64" = "<sha256>"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from core.engine.errors import Refusal

VARIABLE = "GONDOLIER_CONFIG"
HOST_PATHS = ("/srv", "/var/lib/gondolier-data")
"""What containers may see of their machines unless a person says otherwise."""

_KEYS = {"mirrors", "pins", "host_paths", "theme", "keys"}
"""What the file may say; `theme` and `keys` are the console's, which reads them itself."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`mirrors` are tried in order before publishers; `pins` map "ARTIFACT VERSION ARCH" to a sha256.

    `host_paths` are the directories of machines that volumes may be in.
    """

    mirrors: tuple[str, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    host_paths: tuple[str, ...] = HOST_PATHS


def settings_file() -> Path:
    """Where settings are read from: $GONDOLIER_CONFIG, else the user's configuration directory."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir("gondolier")) / "config.toml"


def read_settings(path: Path | None = None) -> Settings:
    """The settings; none where there is no file.

    Raises:
        Refusal: the file cannot be read or says something that it cannot say.
    """
    file = path or settings_file()
    try:
        found = tomllib.loads(file.read_text())
    except FileNotFoundError:
        return Settings()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"the settings cannot be read: {error}", where=str(file)) from error
    return _checked(found, file)


def _checked(found: Mapping[str, object], file: Path) -> Settings:
    unknown = sorted(found.keys() - _KEYS)
    if unknown:
        allowed = ", ".join(sorted(_KEYS))
        raise Refusal(f"unknown settings: {', '.join(unknown)}", where=str(file), fix=f"allowed are {allowed}")
    mirrors, pins, host_paths = (
        found.get("mirrors", []),
        found.get("pins", {}),
        found.get("host_paths", list(HOST_PATHS)),
    )
    if not isinstance(mirrors, list) or not all(isinstance(mirror, str) for mirror in mirrors):
        raise Refusal("mirrors must be a list of URLs", where=str(file))
    if not isinstance(host_paths, list) or not all(_is_absolute(path) for path in host_paths):
        raise Refusal("host_paths must be a list of absolute paths", where=str(file))
    if not isinstance(pins, dict) or not all(isinstance(sum_, str) for sum_ in pins.values()):
        raise Refusal('pins must map "ARTIFACT VERSION ARCH" to a sha256', where=str(file))
    return Settings(tuple(mirrors), pins, tuple(host_paths))


def _is_absolute(path: object) -> bool:
    return isinstance(path, str) and path.startswith("/") and ".." not in path.split("/")
