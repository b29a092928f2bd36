"""The cast and the database of the tests.

The database is made and migrated as the owner; the tests then run as the application role, or what they
prove about rights would not be true.
"""

import gc
import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.test.utils import teardown_databases
from django.utils import translation

from core.testing import record_proof
from tests.database import login_as_owner, make_database, owner_settings
from tests.support import COUNTS_FOLDER, noted_figures, noted_query_counts


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None, request: Any
) -> Iterator[None]:
    with django_db_blocker.unblock():
        config = make_database()
        with login_as_owner():
            call_command("prepare_sealed", verbosity=0, stdout=io.StringIO())
        _keep_reference_data()
    yield
    with django_db_blocker.unblock(), login_as_owner():
        connections.close_all()
        teardown_databases(config, verbosity=0)


@contextmanager
def owner_cursor() -> Iterator[Any]:
    """A connection of the owner's own to the test database, committed at once."""
    owner = owner_settings()
    raw = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        host=owner["HOST"],
        port=owner["PORT"] or None,
    )
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            yield cursor
    finally:
        raw.close()


# The reference data as they stood after set-up: rows of each table, and where its sequences stood.
_rows: dict[str, bytes] = {}
_sequences: dict[str, int] = {}


def _keep_reference_data() -> None:
    with owner_cursor() as cursor:
        for table in _tables(cursor):
            if table.startswith(("sealed.", "keys.")):
                continue  # empty, and row-level security refuses to copy into them
            rows = io.BytesIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT (FORMAT binary)", rows)
            _rows[table] = rows.getvalue()
        cursor.execute(
            "SELECT format('%I.%I', schemaname, sequencename), last_value"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )
        _sequences.update(cursor.fetchall())


def _tables(cursor: Any) -> list[str]:
    keep = ["django_migrations", "django_content_type", "auth_permission"]
    cursor.execute(
        "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'ctx') AND tablename != ALL(%s)",
        [keep],
    )
    return [table for (table,) in cursor.fetchall()]


def _as_after_set_up(self: TransactionTestCase) -> None:
    """Tests with real commits leave the reference data and nothing else; only the owner may truncate.

    Copied back rather than loaded again: that takes a tenth of the time. Foreign keys are checked at the commit.
    """
    connection.close()
    with owner_cursor() as cursor:
        tables = _tables(cursor)
        cursor.execute(f"BEGIN; TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        for table, rows in _rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", io.BytesIO(rows))
        for sequence, last in _sequences.items():
            cursor.execute("SELECT setval(%s, %s)", [sequence, last])
        cursor.execute("COMMIT")


TransactionTestCase._fixture_teardown = _as_after_set_up  # type: ignore[method-assign]


_force_login = Client.force_login


def _as_after_a_finished_sign_in(self: Client, user: Any, backend: str | None = None) -> None:
    """With the second factor just shown, as everybody's session begins; without it, sensitive pages ask again."""
    _force_login(self, user, backend)
    session = self.session
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()


Client.force_login = _as_after_a_finished_sign_in  # type: ignore[method-assign]


# --- the proof that no list page grows with its rows ----------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run: workers of xdist inherit it from the process that starts them."""
    if not hasattr(config, "workerinput"):
        os.environ[COUNTS_FOLDER] = tempfile.mkdtemp(prefix="query-counts-")


def pytest_collection_finish() -> None:
    """What the imports left stays: looking through it again and again took a seventh of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ.pop(COUNTS_FOLDER))
    counts, sums = noted_query_counts(folder), noted_figures(folder)
    shutil.rmtree(folder, ignore_errors=True)
    for proof, figures in sums.items():
        record_proof(proof, **figures, full=os.environ.get("PORTAL_FULL") == "1")
    narrowed = session.config.option.file_or_dir or session.config.option.keyword
    if counts and not narrowed:  # a part of the pages would prove nothing about all of them
        growing = sorted(page for page, (small, large) in counts.items() if large > small)
        record_proof("query_counts", pages=len(counts), growing=len(growing), which=growing)


@pytest.fixture(autouse=True)
def _language_of_the_installation() -> Iterator[None]:
    """No test speaks the language in which another one ended."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


# --- the cast ------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> "Any":
    """Ana writes and Beto approves for Costa Rica; Carla writes for Guatemala and must see nothing of
    Costa Rica; Denise and Didier are the Secretariat; Evan chairs the Meeting; Iris is inactive."""
    from tests.factories.accounts import make_cast

    return make_cast()


@pytest.fixture
def open_round(cast: Any) -> Any:
    from tests.factories.workplan import make_open_round, only_a_few_take_part

    only_a_few_take_part()
    return make_open_round(cast)


TODAY_IN_PLAN = date(2014, 3, 10)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long proofs run with ./portal test --full alone; otherwise they are left out, not skipped."""
    if os.environ.get("PORTAL_FULL") == "1":
        return
    long = [item for item in items if item.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
