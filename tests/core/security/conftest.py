"""A database with just the tables that signing in needs, so that it is tested below the records."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import Database, connect

TABLES = (
    "CREATE TABLE res_users (id INTEGER PRIMARY KEY, login TEXT, name TEXT, password TEXT, lang TEXT, tz TEXT,"
    " active INTEGER)",
    "CREATE TABLE core_session (id INTEGER PRIMARY KEY AUTOINCREMENT, token_hash TEXT UNIQUE, user_id INTEGER,"
    " created_at INTEGER, seen_at INTEGER, expires_at INTEGER, user_agent TEXT, revoked INTEGER,"
    " restricted INTEGER)",
    "CREATE TABLE core_api_key (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, prefix TEXT, key_hash TEXT UNIQUE,"
    " user_id INTEGER, created_at INTEGER, last_used_at INTEGER, revoked INTEGER)",
    'CREATE TABLE core_attempt (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, "at" INTEGER)',
    'CREATE TABLE core_sign_in (id INTEGER PRIMARY KEY AUTOINCREMENT, "at" INTEGER, outcome TEXT, user_id INTEGER,'
    " login TEXT, address TEXT, browser TEXT, done_by_id INTEGER)",
    "CREATE TABLE core_two_factor (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER UNIQUE, secret TEXT,"
    " begun_at INTEGER, begun_in INTEGER,"
    " confirmed_at INTEGER, last_step INTEGER)",
    "CREATE TABLE core_recovery_code (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, code_hash TEXT)",
    "CREATE TABLE core_generation"
    " (id INTEGER PRIMARY KEY, access INTEGER, addons INTEGER, views INTEGER, cached INTEGER)",
    "INSERT INTO core_generation VALUES (1, 5, 6, 7, 8)",
    "INSERT INTO res_users VALUES (1, 'ada', 'Ada', NULL, 'de', 'Europe/Berlin', 1)",
    "INSERT INTO res_users VALUES (2, 'bo', 'Bo', NULL, NULL, NULL, 1)",
)


@pytest.fixture
def signing(tmp_path: Path) -> Iterator[Database]:
    database = connect(f"sqlite:///{tmp_path}/signing.db", create=True)
    for statement in TABLES:
        database.execute(statement)
    yield database
    database.close()
