"""Where figures are read: from a standby that follows, and otherwise from the database itself, without a word."""

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, InternalError, OperationalError, connection, connections, router
from django.db.utils import ConnectionHandler, ConnectionRouter
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import RoleAssignment, State
from core import doctor, replica
from core.models import OutboxMessage
from tests.factories.workplan import make_round, only_a_few_take_part
from tests.support import sign_in_fresh
from tests.workplan.pages import url
from victims.models import Case
from workplan import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Another connection to the same server, which is no standby: only what is committed is seen there."""
    given = connections["default"].settings_dict
    read_only = {**given["OPTIONS"], "options": "-c default_transaction_read_only=on"}
    alias = {**given, "ATOMIC_REQUESTS": False, "OPTIONS": read_only}
    settings.REPLICA_DATABASE = replica.ALIAS
    # Not among the known ones, where Django forbids it to a test that is rolled back.
    connections[replica.ALIAS] = ConnectionHandler({"default": alias, replica.ALIAS: alias})[replica.ALIAS]
    monkeypatch.setattr(router, "routers", areas().routers)
    monkeypatch.setattr(replica, "_known", replica.Standing(replica.STANDBY))
    yield connections[replica.ALIAS]
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS]


def areas() -> ConnectionRouter:
    return ConnectionRouter(["core.db.AreaRouter", "core.replica.ReplicaRouter"])


def believe(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now() if answer == replica.STANDBY else None
    monkeypatch.setattr(replica, "_known", replica.Standing(answer, at, until=float("inf")))


def counted(answer: str) -> float:
    return float(replica.READS.labels(answer)._value.get())


def where() -> str:
    return State.objects.all().db


def test_without_a_standby_nothing_is_asked_and_nothing_else_is_read() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert replica.read(where) == "default"
    assert list(queries) == []
    assert doctor.standby()[0] == doctor.OK


def test_reads_go_there_inside_alone_and_writes_never(second: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    believe(replica.STANDBY, monkeypatch)

    def inside() -> dict[str, Any]:
        return {
            "read": router.db_for_read(State),
            "written": router.db_for_write(State),
            "sealed": router.db_for_read(Case),
            "again": replica.read(where),
            "row": State.objects.get(iso2="CR"),
        }

    found = replica.read(inside)
    row = found.pop("row")
    assert found == {"read": "replica", "written": "default", "sealed": "sealed", "again": "replica"}
    assert (where(), row._state.db) == ("default", "replica")
    # What came from there goes on with the database itself.
    assert {router.db_for_read(State, instance=row), router.db_for_write(State, instance=row)} == {"default"}
    assert router.allow_relation(row, State.objects.get(iso2="GT"))
    assert not router.allow_migrate("replica", "accounts")
    assert router.allow_migrate("default", "accounts")
    with pytest.raises(InternalError, match="read-only"):
        OutboxMessage.objects.using(replica.ALIAS).create(task="x", queue="mail", key="k")


def test_what_follows_nothing_is_not_read_and_not_asked_each_time(second: Any) -> None:
    """As after a fail-over: the server answers, and is a database of its own by now."""
    before = counted(replica.AWAY)
    assert replica.read(where) == "default"
    with CaptureQueriesContext(second) as there, CaptureQueriesContext(connection) as here:
        assert replica.read(where) == "default"
    assert (list(there), list(here), counted(replica.AWAY) - before) == ([], [], 2)
    assert doctor.standby()[0] == doctor.WARN


def test_one_that_cannot_be_reached_is_logged_once(second: Any, caplog: pytest.LogCaptureFixture) -> None:
    second.close()
    second.settings_dict["HOST"] = "/nonexistent"
    caplog.set_level(logging.INFO, "core.replica")
    assert [replica.read(where), replica.examine().answer, replica.read(where)] == ["default", "away", "default"]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("WARNING", "Figures: away")]


def test_what_breaks_off_is_asked_of_the_database_itself(second: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    believe(replica.STANDBY, monkeypatch)

    def question() -> str:
        if where() == replica.ALIAS:
            second.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return where()

    assert replica.read(question) == "default"
    assert replica.read(where) == "default"  # not tried again at once


def test_a_fault_of_the_database_itself_is_not_hidden(second: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    believe(replica.STANDBY, monkeypatch)

    def question() -> None:
        raise OperationalError

    with pytest.raises(DatabaseError):
        replica.read(question)


def test_the_dashboard_reads_figures_there_and_who_asks_here(
    cast: Any, client: Client, second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_a_few_take_part()
    services.open_round(round=make_round("2014-1", date(2014, 1, 1), date(2014, 6, 30)), actor=cast.denise)
    believe(replica.STANDBY, monkeypatch)
    sign_in_fresh(client, cast.denise)
    people = RoleAssignment._meta.db_table
    for name, arguments in (("dashboard", ()), ("dashboard_export", ("csv",)), ("dashboard_answers", ())):
        with CaptureQueriesContext(second) as there, CaptureQueriesContext(connection) as here:
            response = client.get(url(name, *arguments))
        assert response.status_code == 200
        asked, kept = (" ".join(query["sql"] for query in queries) for queries in (there, here))
        assert "READ ONLY" in asked
        assert ("jsonb_array_length" in asked, "jsonb_array_length" in kept) == (True, False)
        assert (people in asked, people in kept) == (False, True)
        if name == "dashboard":
            assert response.context["page"].at == replica.standing_now().complete_at
