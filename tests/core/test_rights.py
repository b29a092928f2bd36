"""The application role holds exactly the rights that each model names."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from core.db import ALL_RIGHTS, APP_ROLE
from tests.access import rights
from tests.factories.workplan import submit
from workplan.models import ReportVersion

pytestmark = pytest.mark.django_db


def _rights_in_database() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s",
            [APP_ROLE],
        )
        rights: dict[str, set[str]] = {}
        for table, right in cursor.fetchall():
            rights.setdefault(table, set()).add(right)
    return rights


def test_rights_are_those_of_the_models():
    held = _rights_in_database()
    wanted = {
        model._meta.db_table: set(getattr(model, "app_rights", ALL_RIGHTS))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed  # those of the sealed area: tests/victims/test_wall.py
    }
    wanted["django_migrations"] = {"SELECT"}
    assert {table: rights for table, rights in held.items() if table in wanted} == wanted


def test_every_function_has_a_fixed_search_path():
    assert rights.unpinned_functions() == []


def test_the_tests_run_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APP_ROLE,)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_submitted_version_is_immutable(cast, open_round, change):
    report = submit(open_round.reports.get(state=cast.costa_rica), cast.ana, cast.bruno)
    version = ReportVersion.objects.filter(report=report)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        version.update(sha256="0") if change == "update" else version._raw_delete(version.db)
    assert version.count() == 1
