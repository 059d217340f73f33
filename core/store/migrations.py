"""The database's shape as a table of scripts; the database's version is the number of scripts it has had."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.store.errors import Refusal

_FIRST = """
CREATE TABLE environments (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    document TEXT,
    version  INTEGER NOT NULL DEFAULT 0,
    status   TEXT NOT NULL DEFAULT 'new'
             CHECK (status IN ('new', 'deploying', 'ready', 'deploy failure', 'deleting', 'delete failure')),
    created  REAL NOT NULL,
    updated  REAL NOT NULL
);
CREATE TABLE drafts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    document    TEXT NOT NULL,
    base        INTEGER NOT NULL,
    author      TEXT NOT NULL,
    updated     REAL NOT NULL,
    UNIQUE (environment, author)
);
CREATE TABLE deployments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    action      TEXT NOT NULL,
    document    TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
    started     REAL NOT NULL,
    ended       REAL,
    owner       TEXT NOT NULL,
    UNIQUE (environment, number)
);
CREATE TABLE lines (
    deployment INTEGER NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    time       REAL NOT NULL,
    component  TEXT NOT NULL,
    level      TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    text       TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
) WITHOUT ROWID;
CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    deployment INTEGER NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    step       TEXT NOT NULL,
    component  TEXT NOT NULL,
    target     TEXT NOT NULL,
    phase      TEXT NOT NULL,
    attempt    INTEGER NOT NULL,
    event      TEXT NOT NULL CHECK (event IN ('intent', 'done', 'failed', 'unchanged', 'skipped', 'cancelled')),
    time       REAL NOT NULL,
    seconds    REAL,
    text       TEXT NOT NULL
);
CREATE INDEX journal_step ON journal (deployment, step, id);
CREATE TABLE machines (
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    component   TEXT NOT NULL,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    "index"     INTEGER NOT NULL,
    generation  INTEGER NOT NULL,
    address     TEXT,
    floating    TEXT,
    user        TEXT NOT NULL,
    port        INTEGER NOT NULL,
    cloud_id    TEXT,
    host_key    TEXT,
    jump        TEXT,
    PRIMARY KEY (environment, name)
) WITHOUT ROWID;
CREATE TABLE endpoints (
    id             INTEGER PRIMARY KEY,
    environment    TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    component      TEXT NOT NULL,
    application    TEXT NOT NULL,
    address        TEXT NOT NULL,
    port           INTEGER NOT NULL,
    scope          TEXT NOT NULL,
    port_scope     TEXT NOT NULL,
    container_port INTEGER NOT NULL,
    protocol       TEXT NOT NULL
);
CREATE INDEX endpoints_component ON endpoints (environment, component);
CREATE TABLE "values" (
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    component   TEXT NOT NULL,
    key         TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (environment, component, key)
) WITHOUT ROWID;
CREATE TABLE locks (
    environment TEXT PRIMARY KEY REFERENCES environments (id) ON DELETE CASCADE,
    token       TEXT NOT NULL,
    owner       TEXT NOT NULL,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    process     REAL NOT NULL,
    taken       REAL NOT NULL,
    heartbeat   REAL NOT NULL
);
"""

_OPERATIONS = """
CREATE TABLE operations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    started     REAL NOT NULL,
    ended       REAL,
    user        TEXT NOT NULL,
    action      TEXT NOT NULL,
    environment TEXT NOT NULL,
    cluster     TEXT NOT NULL,
    subject     TEXT NOT NULL,
    result      TEXT NOT NULL CHECK (result IN ('running', 'succeeded', 'failed', 'cancelled')),
    text        TEXT NOT NULL,
    error       TEXT NOT NULL,
    command     TEXT NOT NULL
);
CREATE INDEX operations_environment ON operations (environment, id);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _OPERATIONS)


def migrate(connection: sqlite3.Connection, where: str, scripts: Sequence[str] = MIGRATIONS) -> None:
    """Bring the database to the newest version, each script with its version number in one transaction.

    Raises:
        Refusal: the database is newer than this program.
        sqlite3.Error: a script failed; the database is as it was before that script.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(scripts):
        raise Refusal(
            f"the database is of version {version}, this program knows versions up to {len(scripts)}",
            where=where,
            fix="use a newer gondolier, or set GONDOLIER_HOME to another directory",
        )
    for number, script in enumerate(scripts[version:], start=version + 1):
        _apply(connection, script, number)


def _apply(connection: sqlite3.Connection, script: str, number: int) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {number};COMMIT;")
    except sqlite3.Error:
        connection.rollback()
        raise
