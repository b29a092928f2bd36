"""The database of the tests is migrated once and then copied: for each worker, and for each run until code changes.

The copy is of the whole database. What PostgreSQL keeps outside of it (rights on the database itself) is given again.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import setup_databases
from psycopg2.sql import SQL, Identifier

from core.db import grant_app_rights
from oas_trafficking.env import database_from_url

ROOT = Path(__file__).resolve().parent.parent
# Nothing that makes a database may import these, as the import contracts see to.
WITHOUT_A_PART = {
    "urls", "views", "api", "schedule", "admin", "middleware",
    "forms", "serializers", "filters", "presenters", "templatetags", "__pycache__",
}  # fmt: skip


def owner_settings() -> dict[str, Any]:
    return database_from_url(settings.DATABASE_OWNER_URL)


@contextmanager
def login_as_owner() -> Iterator[None]:
    """Use the owner's login on the default connection, for set-up that the application may not do."""
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update({key: owner_settings()[key] for key in before})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def make_database() -> list[Any]:
    """With the reference data in it, by copying if there is one to copy; what `teardown_databases` wants to know."""
    name = connection.creation._get_test_db_name()
    base = re.sub(r"(_gw\d+)+$", "", name)  # of all workers; each alias has added the worker's name once
    with _maintenance(base) as cursor:
        template = f"{base}_template_{_fingerprint(cursor)}"
        if _exists(cursor, template):
            cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
            _copy(cursor, template, name)
            return _point_all_at(name)
        config = _migrated()
        connections.close_all()
        _forget_older(cursor, base)
        _copy(cursor, name, template)
        return config


def _migrated() -> list[Any]:
    with login_as_owner():
        config: list[Any] = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    for command in ("load_states", "load_plan", "load_meetings"):
        call_command(command, verbosity=0)
    return config


@contextmanager
def _maintenance(lock: str) -> Iterator[Any]:
    """Beside all databases, and one worker at a time; the lock ends with the connection."""
    owner = owner_settings()
    raw = psycopg2.connect(
        dbname="postgres",
        user=owner["USER"],
        password=owner["PASSWORD"],
        host=owner["HOST"],
        port=owner["PORT"] or None,
    )
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [lock])
            yield cursor
    finally:
        raw.close()


def _fingerprint(cursor: Any) -> str:
    """Of everything that the content may depend on; and of the day, which rows bear."""
    cursor.execute("SELECT version(), current_date")
    digest = hashlib.sha256(str(cursor.fetchone()).encode())
    folders = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
    for folder in sorted({*folders, ROOT / "oas_trafficking", ROOT / "requirements"}):
        for file in sorted(folder.rglob("*")):
            parts = {part.removesuffix(".py") for part in file.relative_to(folder).parts}
            if file.is_file() and not parts & WITHOUT_A_PART:
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def _forget_older(cursor: Any, base: str) -> None:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{base}_template_"])
    for (name,) in cursor.fetchall():
        cursor.execute(SQL("DROP DATABASE {}").format(Identifier(name)))


def _copy(cursor: Any, source: str, target: str) -> None:
    cursor.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(target), Identifier(source)))


def _point_all_at(name: str) -> list[Any]:
    """Every alias is a login to the one database; the first of them destroys it in the end."""
    config = []
    for alias in connections:
        given = connections[alias].settings_dict
        config.append((connections[alias], given["NAME"], alias == "default"))
        given["NAME"] = name
    with login_as_owner():
        grant_app_rights(apps.get_app_config("core"))
    return config
