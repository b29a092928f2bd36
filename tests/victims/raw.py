"""Connections as each login of the database, and contexts good and bad, for attempts by hand."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from core.db import SealedContext, sign_context
from core.files import read_secret
from tests.conftest import owner_cursor

LOGINS = {"oas_app": "default", "oas_case": "sealed", "oas_keys": "keys"}
SCHEMAS = ("ctx", "sealed", "keys")


@contextlib.contextmanager
def login(name: str) -> Iterator[Any]:
    given = connections[LOGINS[name]].settings_dict
    raw = psycopg2.connect(
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        host=given["HOST"],
        port=given["PORT"] or None,
    )
    try:
        yield raw
    finally:
        raw.close()


def token(cursor: Any, state: str, *, expires: float | None = None, backend: int | None = None) -> str:
    if backend is None:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    key = read_secret(Path(settings.SEALED_SIGNING_KEY_FILE))
    return sign_context(SealedContext(state, "tester"), backend=backend, key=key, expires=expires)


def contexts(cursor: Any) -> dict[str, str | None]:
    """By name: no context, the one of Costa Rica, and six that nobody must believe."""
    good = token(cursor, "CR")
    return {
        "none": None,
        "own": good,
        "foreign": good.replace("CR|", "GT|", 1),
        "expired": token(cursor, "CR", expires=time.time() - 1),
        "forged": f"GT|tester||{int(time.time()) + 60}|{'0' * 64}",
        "replayed": token(cursor, "GT", backend=1),
        "malformed": "GT",
        "longer": f"{good}|GT",
    }


def tables() -> list[str]:
    with owner_cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') ORDER BY 1",
            [list(SCHEMAS)],
        )
        return [name for (name,) in cursor.fetchall()]


def empty_the_area() -> None:
    with owner_cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(name for name in tables() if not name.startswith('ctx.'))}")
