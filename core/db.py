"""The only module that speaks SQL by hand: rights of the application role and locks."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, transaction

APP_ROLE = "oas_app"
ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def grant_app_rights(sender: AppConfig, **kwargs: Any) -> None:
    """Give the application role each table's rights: a model's `app_rights`, or all four.

    Runs after every migrate. Append-only tables say so in their model, and the database then refuses
    the rest to the web and the workers, whatever the code tries.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [APP_ROLE])
        if cursor.fetchone()[0]:
            return  # migrate was run as the application role: nothing to give
        # A table made by the application, temporary or not, could stand before the real one in a trigger.
        database = quote(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {APP_ROLE}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {APP_ROLE}")  # health and deploy checks read it
        existing = set(connection.introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table not in existing or not model._meta.managed:
                continue
            table = quote(model._meta.db_table)
            rights = ", ".join(getattr(model, "app_rights", ALL_RIGHTS))
            cursor.execute(f"REVOKE ALL ON {table} FROM {APP_ROLE}")
            cursor.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@contextmanager
def session_lock(name: str) -> Iterator[bool]:
    """Hold an advisory lock for as long as the connection lives. False: somebody else has it.

    The server releases it when a killed worker's connection ends, so no clock and no lease are needed.
    """
    key = _lock_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        taken = bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def is_locked(name: str) -> bool:
    """Whether a session holds the advisory lock. Only looks: trying the lock would take it for a moment, and a
    worker that came in that moment would believe somebody else is at work."""
    key = _lock_key(name) % 2**64
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 1"
            " AND classid = %s AND objid = %s)",
            [key >> 32, key & 0xFFFFFFFF],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def consistent_reads() -> Iterator[None]:
    """Several queries that see one moment of the database. Inside a transaction they join it as it is."""
    joined = connection.in_atomic_block
    with transaction.atomic():
        if not joined:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
