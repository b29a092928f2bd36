"""How many rows each table has, and a checksum of them that does not depend on their order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from psycopg2 import sql

from core.backup import BackupFailed

Figures = dict[str, list[Any]]  # "schema.table": [rows, checksum]

TABLES = """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('public', 'sealed', 'keys') ORDER BY 1, 2"""
# Each row as text, hashed to 64 bits, and the hashes added up.
FIGURES = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"
# What changes how a row reads as text; two servers must agree on it.
SAME_TEXT = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex'"


@contextmanager
def reading(database: Mapping[str, Any]) -> Iterator[Any]:
    """A cursor that sees one moment of the whole database and may change nothing."""
    connection = psycopg2.connect(**parameters(database))
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute(SAME_TEXT)
            yield cursor
    finally:
        connection.close()


def of_backups() -> Mapping[str, Any]:
    """The login that reads every row, whatever row-level security says, and changes none."""
    if settings.BACKUP_DATABASE is None:
        raise BackupFailed("Set DATABASE_BACKUP_URL: backups are made by a login that reads every row.")
    return settings.BACKUP_DATABASE


def parameters(database: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
        **database["OPTIONS"],
    }
    return {name: value for name, value in given.items() if value}


def environment(database: Mapping[str, Any]) -> dict[str, str]:
    """For PostgreSQL's programs; a password on a command line would be seen by everybody on the machine."""
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    given = parameters(database)
    options = {f"PG{name.upper()}": str(value) for name, value in given.items() if name.startswith("ssl")}
    return {variable: str(given[name]) for name, variable in names.items() if name in given} | options


def names(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(TABLES)
    return list(cursor.fetchall())


def figures(cursor: Any) -> Figures:
    found: Figures = {}
    for schema, table in names(cursor):
        cursor.execute(sql.SQL(FIGURES).format(sql.Identifier(schema, table)))
        found[f"{schema}.{table}"] = list(cursor.fetchone())
    return found


def different(ours: Figures, theirs: Figures) -> list[str]:
    """Tables that are not the same in both."""
    return sorted(table for table in {*ours, *theirs} if ours.get(table) != theirs.get(table))
