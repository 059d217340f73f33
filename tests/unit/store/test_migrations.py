"""The database's version and how it grows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.store import Store
from core.store.errors import Refusal
from core.store.migrations import MIGRATIONS, migrate


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def names(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_database_has_the_newest_version(store: Store) -> None:
    with sqlite3.connect(store.home / "gondolier.db") as connection:
        assert version(connection) == len(MIGRATIONS)


def test_only_the_scripts_that_are_missing_are_applied() -> None:
    connection = sqlite3.connect(":memory:")
    migrate(connection, "test", ["CREATE TABLE one (x)"])
    migrate(connection, "test", ["CREATE TABLE one (x)", "CREATE TABLE two (x)", "INSERT INTO two VALUES (7)"])
    assert version(connection) == 3
    assert connection.execute("SELECT x FROM two").fetchall() == [(7,)]


def test_a_script_that_fails_leaves_the_version_before_it() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "test", ["CREATE TABLE one (x)", "CREATE TABLE two (x); CREATE TABLE two (x)"])
    assert (version(connection), names(connection)) == (1, {"one"})


def test_a_newer_database_is_refused_with_both_versions(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "gondolier.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Refusal, match=f"version 99.*up to {len(MIGRATIONS)}"):
        Store(tmp_path)


def test_what_was_stored_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.environments.create("lab")
    with Store(tmp_path) as store:
        assert [environment.name for environment in store.environments.list()] == ["lab"]


def test_commits_are_synced_to_the_disk_and_readers_do_not_wait(store: Store) -> None:
    settings = [
        store._database.rows(f"PRAGMA {name}")[0][0] for name in ("synchronous", "journal_mode", "foreign_keys")
    ]
    assert settings == [2, "wal", 1]
