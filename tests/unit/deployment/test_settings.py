"""The settings file: read when it is there, refused with a sentence when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.deployment.context import open_artifacts
from core.engine.errors import Refusal
from core.settings import Settings, read_settings


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config.toml") == Settings()


def test_mirrors_and_pins_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('mirrors = ["https://mirror.example"]\n[pins]\n"flannel 0.28.10 amd64" = "00ff"\n')
    settings = read_settings(file)
    assert settings.mirrors == ("https://mirror.example",)
    release = open_artifacts(settings).table.release("flannel", "0.28.10", "x86_64")
    assert release.pin == "00ff"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mirrors = [", "cannot be read"),
        ("colour = 1", "unknown settings: colour"),
        ("mirrors = 'one'", "mirrors must be a list"),
        ("[pins]\na = 1", "pins must map"),
        ("host_paths = '/srv'", "host_paths must be a list"),
        ("host_paths = ['srv']", "host_paths must be a list of absolute paths"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(Refusal, match=sentence):
        read_settings(file)


def test_host_paths_are_read_and_have_a_default(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert read_settings(file).host_paths == ("/srv", "/var/lib/gondolier-data")
    file.write_text('host_paths = ["/data"]')
    assert read_settings(file).host_paths == ("/data",)


def test_a_pin_that_names_too_little_is_refused() -> None:
    with pytest.raises(Refusal, match="does not name"):
        open_artifacts(Settings(pins={"flannel": "00"}))
