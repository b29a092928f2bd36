"""What those who run the portal see: findings, figures, logs and mails, and nothing of anybody's data in them."""

import io
import json
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import RoleAssignment
from core import doctor
from core.jobs import try_again
from core.logs import JsonFormatter, time_queries
from core.models import AuditEvent, OutboxMessage, SentForm
from core.schedule import sweep_ended
from core.watch import watch
from tests.conftest import owner_cursor
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
SECRET = "maria.lopez@example.org"


def message(**fields: Any) -> OutboxMessage:
    return OutboxMessage.objects.create(task="core.send_alert", queue="mail", key=f"k{fields}", **fields)


def levels(*names: str) -> dict[str, str]:
    return {finding.name: finding.level for finding in doctor.examine(set(names))}


# --- the doctor ---


@pytest.mark.django_db(databases=["default", "sealed", "keys"])
def test_a_sound_installation_has_no_fault(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "anchors.jsonl")]
    settings.AUDIT_KEY_FILE = str(tmp_path / "key.pem")
    settings.OAS_DEMO = True
    found = {finding.name: finding for finding in doctor.examine()}
    assert set(found) == set(doctor.CHECKS)
    assert [finding for finding in found.values() if finding.level == doctor.FAIL] == []


def test_work_that_waits_too_long_is_a_fault() -> None:
    waiting = message()
    assert levels("queue") == {"queue": "ok"}
    OutboxMessage.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    assert levels("queue") == {"queue": "FAIL"}


def test_work_that_was_given_up_is_shown() -> None:
    message(dead_at=timezone.now())
    assert levels("dead letters") == {"dead letters": "warn"}


def test_a_stale_anchor_a_full_disk_and_a_wrong_clock(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    anchor = tmp_path / "anchors.jsonl"
    anchor.touch()
    settings.AUDIT_ANCHOR_FILES = [str(anchor)]
    assert levels("anchors", "disk", "clock") == {"anchors": "ok", "disk": "ok", "clock": "ok"}
    monkeypatch.setattr(doctor, "FREE_BYTES_WANTED", 10**18)
    monkeypatch.setattr(doctor, "CLOCK_SECONDS", -1)
    settings.AUDIT_ANCHOR_SECONDS = -1
    assert levels("anchors", "disk", "clock") == dict.fromkeys(("anchors", "disk", "clock"), "FAIL")


def test_a_secret_that_others_may_read_is_a_fault(settings: Any, tmp_path: Path) -> None:
    key = tmp_path / "audit_key.pem"
    key.touch(mode=0o600)
    settings.AUDIT_KEY_FILE = str(key)
    assert levels("secrets") == {"secrets": "ok"}
    key.chmod(0o640)
    assert levels("secrets") == {"secrets": "FAIL"}


def test_a_table_of_the_sealed_area_without_its_guard_is_a_fault() -> None:
    assert levels("isolation") == {"isolation": "ok"}
    with owner_cursor() as cursor:
        cursor.execute("SET ROLE oas_sealed_owner; ALTER TABLE sealed.identity NO FORCE ROW LEVEL SECURITY")
    try:
        assert levels("isolation") == {"isolation": "FAIL"}
    finally:
        with owner_cursor() as cursor:
            cursor.execute("SET ROLE oas_sealed_owner; ALTER TABLE sealed.identity FORCE ROW LEVEL SECURITY")


def test_what_cannot_be_asked_has_failed_and_is_named_by_its_kind(monkeypatch: Any) -> None:
    def broken() -> tuple[str, str]:
        raise ConnectionError(SECRET)

    monkeypatch.setitem(doctor.CHECKS, "broker", broken)
    (finding,) = doctor.examine({"broker"})
    assert (finding.level, SECRET in finding.text) == (doctor.FAIL, False)


# --- the watch ---


def test_trouble_is_told_once_an_hour_and_without_anybodys_data(
    settings: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "none")]
    cache.delete_many([f"watch:{name}" for name in doctor.QUICK])
    assert watch() == []
    monkeypatch.setattr(doctor, "FREE_BYTES_WANTED", 10**18)
    assert [finding.name for finding in watch()] == ["disk"]
    assert watch() == []
    assert [(sent.to, sent.body.startswith("disk: ")) for sent in mail.outbox] == [(["operator@example.org"], True)]
    cache.delete("watch:disk")


def test_trouble_that_could_not_be_told_is_told_at_the_next_look(
    settings: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "none")]
    cache.delete_many([f"watch:{name}" for name in doctor.QUICK])
    monkeypatch.setattr(doctor, "FREE_BYTES_WANTED", 10**18)
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _no_mail)
        with pytest.raises(ConnectionError):
            watch()
    assert [finding.name for finding in watch()] == ["disk"]
    assert len(mail.outbox) == 1
    cache.delete("watch:disk")


def _no_mail(*_args: Any) -> int:
    raise ConnectionError


# --- what only grows ---


@pytest.mark.django_db
def test_sessions_and_forms_that_are_over_go() -> None:
    now, user = timezone.now(), make_user("ana")
    for number, age in enumerate((timedelta(hours=25), timedelta(hours=23))):
        SentForm.objects.create(user=user, key=f"{number}", sent_at=now - age)
        Session.objects.create(session_key=f"{number}", session_data="", expire_date=now + timedelta(days=1) - age)
    sweep_ended()
    assert [row.key for row in SentForm.objects.all()] == ["1"]
    assert [row.session_key for row in Session.objects.all()] == ["1"]


# --- logs ---


def _record(**more: Any) -> dict[str, Any]:
    record = logging.LogRecord("core", logging.ERROR, __file__, 1, "Task failed", (), more.get("exc_info"))
    record.__dict__.update(more)
    return dict(json.loads(JsonFormatter().format(record)))


def test_a_line_is_an_object_and_an_error_never_quotes_a_row() -> None:
    try:
        raise IntegrityError(f"Key (email)=({SECRET}) already exists.")
    except IntegrityError:
        line = _record(exc_info=sys.exc_info())
    assert (line["level"], line["message"], line["error"]) == ("ERROR", "Task failed", "IntegrityError")
    assert line["at"]
    assert SECRET not in json.dumps(line)


def test_a_slow_query_is_logged_without_its_values(settings: Any, caplog: Any) -> None:
    settings.SLOW_QUERY_SECONDS = -1
    with caplog.at_level("WARNING", logger="core.slow_query"), connection.execute_wrapper(time_queries):
        OutboxMessage.objects.filter(key=SECRET).exists()
    figures = [record.figures for record in caplog.records]
    assert figures
    assert all(SECRET not in str(figure) for figure in figures)
    assert any("core_outboxmessage" in figure["sql"] for figure in figures)


# --- metrics ---


def test_metrics_are_for_whoever_holds_the_token(client: Client, settings: Any) -> None:
    address = reverse("metrics")
    assert client.get(address).status_code == 404
    settings.METRICS_TOKEN = "a-token"
    for header in ({}, {"authorization": "Bearer x"}, {"authorization": "Bearer "}):
        assert client.get(address, headers=header).status_code == 404
    message(dead_at=timezone.now())
    client.get(reverse("help"))
    client.get("/en/nothing/a-secret-token/")
    answer = client.get(address, headers={"authorization": "Bearer a-token"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'portal_outbox_dead{queue="mail"} 1.0' in text
    assert 'portal_check_failing{check="database"} 0.0' in text
    assert 'page="help"' in text
    assert 'page="none"' in text
    assert "a-secret-token" not in text


# --- when it cannot answer ---


def test_maintenance_closes_every_page_and_opens_it_again(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    call_command("maintenance", "on", stdout=io.StringIO())
    pages = [reverse("help"), reverse("account_login"), "/api/v1/"]
    answers = [client.get(page) for page in pages]
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert {answer.headers["Retry-After"] for answer in answers} == {"60"}
    assert client.get(reverse("health_ready")).status_code == 200
    call_command("maintenance", "off", stdout=io.StringIO())
    assert client.get(reverse("help")).status_code == 200


# --- the page ---


@pytest.fixture
def administrator(cast: Any) -> Client:
    user, theirs = make_user("administrator"), RoleAssignment.objects.filter(user=cast.denise).first()
    RoleAssignment.objects.create(user=user, institution=theirs.institution, role=Role.SECRETARIAT_ADMIN)
    client = Client()
    client.force_login(user)
    return client


def test_given_up_work_is_tried_again_from_the_page(administrator: Client) -> None:
    dead = message(dead_at=timezone.now(), attempts=3, last_error="OSError")
    page = administrator.get(reverse("operations"))
    assert b"OSError" in page.content
    answer = administrator.post(reverse("operations_try_again", args=[dead.pk]))
    assert answer.headers["Location"] == reverse("operations")
    dead.refresh_from_db()
    assert (dead.dead_at, dead.attempts, dead.last_error) == (None, 0, "")
    assert AuditEvent.objects.filter(verb="job.tried_again").count() == 1


def test_work_that_is_done_is_not_done_again(cast: Any) -> None:
    done = message(done_at=timezone.now())
    assert try_again(message=done, actor=cast.denise) is False


def test_the_page_costs_the_same_with_few_and_many(administrator: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            administrator.get(reverse("operations"))
        return len(queries)

    message(dead_at=timezone.now())
    cost()  # the first page of a session writes its activity
    few = cost()
    for number in range(30):
        message(dead_at=timezone.now(), last_error=str(number))
    assert cost() == few
