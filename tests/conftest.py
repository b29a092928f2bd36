"""The cast and the database of the tests.

The database is made and migrated as the owner; the tests then run as the application role, or what they
prove about rights would not be true.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases

from core.testing import record_proof
from oas_trafficking.env import database_from_url
from tests.support import COUNTS_FOLDER, noted_query_counts


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


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None, request: Any
) -> Iterator[None]:
    with django_db_blocker.unblock():
        with login_as_owner():
            config = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
        load_reference_data()
    yield
    with django_db_blocker.unblock(), login_as_owner():
        teardown_databases(config, verbosity=0)


def load_reference_data() -> None:
    call_command("load_states", verbosity=0)
    call_command("load_plan", verbosity=0)


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


def _empty_tables(self: TransactionTestCase) -> None:
    """Tests with real commits leave an empty database and the reference data; only the owner may truncate."""
    connection.close()
    keep = {"django_migrations", "django_content_type", "auth_permission"}
    with owner_cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [f'"{name}"' for (name,) in cursor.fetchall() if name not in keep]
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    load_reference_data()


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


# --- the proof that no list page grows with its rows ----------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run: workers of xdist inherit it from the process that starts them."""
    if not hasattr(config, "workerinput"):
        os.environ[COUNTS_FOLDER] = tempfile.mkdtemp(prefix="query-counts-")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ.pop(COUNTS_FOLDER))
    counts = noted_query_counts(folder)
    shutil.rmtree(folder, ignore_errors=True)
    narrowed = session.config.option.file_or_dir or session.config.option.keyword
    if counts and not narrowed:  # a part of the pages would prove nothing about all of them
        growing = sorted(page for page, (small, large) in counts.items() if large > small)
        record_proof("query_counts", pages=len(counts), growing=len(growing), which=growing)


# --- the cast ------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> "Any":
    """Ana writes and Beto approves for Costa Rica; Carla writes for Guatemala and must see nothing of
    Costa Rica; Denise and Didier are the Secretariat; Evan chairs the Meeting; Iris is inactive."""
    from tests.factories.accounts import make_cast

    return make_cast()


@pytest.fixture
def open_round(cast: Any) -> Any:
    from tests.factories.workplan import make_open_round

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
