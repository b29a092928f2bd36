"""Reminders: on the right day where the State is, once each, whatever happens to the clock."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.models import OutboxMessage
from core.testing import record_proof
from tests.factories.accounts import give_role, make_cast, make_user
from tests.factories.workplan import make_open_round
from tests.workplan.pages import post_as, sent, url
from workplan import services, tasks
from workplan.enums import REMINDER_OFFSETS
from workplan.models import Digest, Notification, Report
from workplan.queries import count_unread
from workplan.services import Verdict, due_offset

DUE = date(2014, 6, 30)
LONG_AGO = datetime(2014, 1, 2, tzinfo=UTC)
# A clock at UTC-6 without summer time, one at UTC-4, and one at UTC-3:30 with summer time.
ZONES = ["America/Costa_Rica", "America/Barbados", "America/St_Johns"]


@pytest.fixture
def at(monkeypatch: Any) -> Callable[[datetime], None]:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_clock


@pytest.fixture
def report(open_round: Any) -> Report:
    """Costa Rica's, alone: the others are out of the way."""
    Report.objects.exclude(reference="CR-2014-1").update(status="submitted", submitted_at=LONG_AGO)
    type(open_round).objects.filter(pk=open_round.pk).update(opened_at=LONG_AGO)
    return Report.objects.get(reference="CR-2014-1")


def local(zone: str, day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def deliver() -> None:
    """What the relay and a worker do, three times over: a message is delivered more than once."""
    for message in OutboxMessage.objects.filter(task="workplan.send_digest").order_by("created_at", "pk"):
        for _ in range(3):
            tasks.send_digest(str(message.pk), *message.args)


def tell(at: Any, moment: datetime) -> None:
    at(moment)
    services.remind()
    deliver()


# --- the day -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("offset", REMINDER_OFFSETS)
def test_a_reminder_comes_on_the_morning_of_its_day(zone: str, offset: int) -> None:
    day = DUE + timedelta(days=offset)
    before = due_offset(DUE, LONG_AGO, ZoneInfo(zone), local(zone, day, 6, 59))
    assert before != offset
    assert due_offset(DUE, LONG_AGO, ZoneInfo(zone), local(zone, day, 7)) == offset


@pytest.mark.parametrize("change", [date(2014, 3, 9), date(2014, 11, 2)])  # St John's puts its clocks on and back
def test_summer_time_moves_no_reminder(change: date) -> None:
    zone = "America/St_Johns"
    for offset in REMINDER_OFFSETS:
        due = change - timedelta(days=offset)
        assert due_offset(due, LONG_AGO, ZoneInfo(zone), local(zone, change, 6, 59)) != offset
        assert due_offset(due, LONG_AGO, ZoneInfo(zone), local(zone, change, 7)) == offset


def test_before_the_first_and_long_after_the_last_there_is_none() -> None:
    zone = ZoneInfo(ZONES[0])
    for days in (-400, -31, 15, 400):
        assert due_offset(DUE, LONG_AGO, zone, local(ZONES[0], DUE + timedelta(days=days), 12)) is None


def test_a_date_set_later_than_a_reminders_day_is_not_recalled_at_once() -> None:
    zone, noon = ZoneInfo(ZONES[0]), local(ZONES[0], DUE - timedelta(days=10), 12)
    assert due_offset(DUE, noon, zone, noon) is None
    later = local(ZONES[0], DUE - timedelta(days=3), 12)
    assert due_offset(DUE, noon, zone, later) == -3


# --- once ----------------------------------------------------------------------------------------


def test_each_reminder_is_sent_once_however_often_the_clock_runs(cast: Any, report: Report, at: Any) -> None:
    """Several times a day from five weeks before to three weeks after, three zones, each run twice."""
    asked = 0
    for zone, iso2 in zip(ZONES, ("CR", "GT", "BB"), strict=True):
        Report.objects.filter(state__iso2=iso2).update(status="in_preparation", submitted_at=None)
        type(cast.costa_rica).objects.filter(iso2=iso2).update(time_zone=zone)
    first = datetime(2014, 5, 26, tzinfo=UTC)
    mornings = [9, 12, 14, 23]  # of Greenwich: before, between and after the three mornings
    for day in range(56):
        for hour in mornings:
            at(first + timedelta(days=day, hours=hour))
            for _ in range(2):
                services.remind()
                asked += 1
    deliver()
    subjects = Counter((tuple(message.to), _attached(message)) for message in mail.outbox)
    told = Notification.objects.values_list("user__full_name", "offset")
    expected = {(name, offset) for name in ("Ana", "Beto", "Bruno", "Carla", "Ciro") for offset in REMINDER_OFFSETS}
    assert (set(told), len(told)) == (expected, 25)
    assert len(mail.outbox) == 25
    repeated = len(mail.outbox) - Digest.objects.exclude(sent_at=None).count()
    record_proof("reminders", sent=len(mail.outbox), repeated=repeated, runs=asked, zones=len(ZONES))
    assert repeated == 0
    assert all(count == 5 for count in Counter(to for to, _ics in subjects.elements()).values())


def _attached(message: Any) -> str:
    return str(message.attachments[0][0])


def test_a_clock_that_stood_still_sends_the_last_reminder_and_no_pile(cast: Any, report: Report, at: Any) -> None:
    tell(at, local(ZONES[0], DUE - timedelta(days=31), 12))
    assert mail.outbox == []
    tell(at, local(ZONES[0], DUE - timedelta(days=2), 15))  # missed: thirty, fourteen and three days before
    assert Counter(Notification.objects.values_list("offset", flat=True)) == {-3: 3}
    assert len(mail.outbox) == 3
    tell(at, local(ZONES[0], DUE + timedelta(days=5), 12))  # missed: the day after
    tell(at, local(ZONES[0], DUE + timedelta(days=5), 18))
    assert Counter(Notification.objects.values_list("offset", flat=True)) == {-3: 3, 1: 3}
    assert len(mail.outbox) == 6


@pytest.mark.django_db(transaction=True)
def test_three_clocks_at_the_same_moment_tell_once(monkeypatch: Any) -> None:
    cast = make_cast()
    round_ = make_open_round(cast)
    type(round_).objects.filter(pk=round_.pk).update(opened_at=LONG_AGO)
    moment = local(ZONES[0], DUE - timedelta(days=3), 15)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    gate, failures = threading.Barrier(3), []

    def run() -> None:
        try:
            gate.wait()
            services.remind()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    clocks = [threading.Thread(target=run) for _ in range(3)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert failures == []
    people = Counter(Notification.objects.values_list("user__full_name", flat=True))
    assert people == dict.fromkeys(("Ana", "Beto", "Bruno", "Carla", "Ciro", "Denise", "Didier"), 1)
    assert OutboxMessage.objects.filter(task="workplan.send_digest").count() == 7


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_fails_is_tried_again(at: Any, settings: Any) -> None:
    cast = make_cast()
    round_ = make_open_round(cast)
    type(round_).objects.filter(pk=round_.pk).update(opened_at=LONG_AGO)
    Report.objects.exclude(reference="CR-2014-1").update(status="submitted", submitted_at=LONG_AGO)
    at(local(ZONES[0], DUE - timedelta(days=3), 12))
    services.remind()
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "nowhere.Backend"
    message = OutboxMessage.objects.filter(task="workplan.send_digest")[0]
    tasks.send_digest(str(message.pk), *message.args)
    assert not Digest.objects.exclude(sent_at=None).exists()
    settings.EMAIL_BACKEND = works
    deliver()
    assert len(mail.outbox) == 3


# --- to whom -------------------------------------------------------------------------------------


def test_who_works_on_the_report_is_told_and_nobody_else(cast: Any, report: Report, at: Any) -> None:
    entry = report.entries.all()[0]
    terms = services.GrantTerms("Estadísticas", timezone.localdate() + timedelta(days=30))
    services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    give_role(make_user("mateo"), cast.ministry_cr, "contributor")  # of the ministry, with nothing in hand
    tell(at, local(ZONES[0], DUE - timedelta(days=3), 12))
    told = set(Notification.objects.values_list("user__full_name", flat=True))
    assert told == {"Ana", "Beto", "Bruno", "Marta"}
    assert {message.to[0] for message in mail.outbox} == {f"{name.lower()}@example.org" for name in told}
    of_marta = next(message for message in mail.outbox if message.to == ["marta@example.org"])
    assert "/reports/CR-2014-1/" not in of_marta.body


def test_the_secretariats_own_report_reminds_the_secretariat(cast: Any, report: Report, at: Any) -> None:
    Report.objects.filter(state=None).update(status="in_preparation", submitted_at=None)
    Report.objects.filter(pk=report.pk).update(status="submitted", submitted_at=LONG_AGO)
    tell(at, local("America/New_York", DUE - timedelta(days=3), 12))
    assert set(Notification.objects.values_list("user__full_name", flat=True)) == {"Denise", "Didier"}


def test_a_report_that_was_sent_needs_no_reminder(cast: Any, report: Report, at: Any) -> None:
    at(local(ZONES[0], DUE - timedelta(days=3), 12))
    services.remind()
    sent(report, cast.ana, cast.beto)  # between the clock and the mail
    deliver()
    assert mail.outbox == []
    tell(at, local(ZONES[0], DUE + timedelta(days=1), 12))
    assert Counter(Notification.objects.values_list("offset", flat=True)) == {-3: 3}


def test_a_date_that_moved_is_spoken_of_anew(cast: Any, report: Report, at: Any) -> None:
    tell(at, local(ZONES[0], DUE - timedelta(days=3), 12))
    at(local(ZONES[0], DUE - timedelta(days=2), 12))
    moved = DUE + timedelta(days=20)
    extension = services.request_extension(report=report, requested_date=moved, reason="Sismo.", actor=cast.beto)
    services.decide_extension(extension=extension, verdict=Verdict("granted", moved), actor=cast.denise)
    mail.outbox.clear()
    services.remind()
    deliver()
    assert [(message.to, "decided" in message.body) for message in mail.outbox] == [(["beto@example.org"], True)]
    tell(at, local(ZONES[0], DUE + timedelta(days=1), 12))  # not the old date's
    assert len(mail.outbox) == 1
    tell(at, local(ZONES[0], moved - timedelta(days=3), 12))
    last = Notification.objects.filter(kind="deadline", due_on=moved)
    assert Counter(last.values_list("offset", flat=True)) == {-3: 3}
    assert len(mail.outbox) == 4


def test_what_comes_after_the_mail_of_the_day_goes_into_the_next(cast: Any, report: Report, at: Any) -> None:
    tell(at, local(ZONES[0], DUE - timedelta(days=3), 9))
    mail.outbox.clear()
    at(local(ZONES[0], DUE - timedelta(days=3), 11))
    moved = DUE + timedelta(days=60)
    extension = services.request_extension(report=report, requested_date=moved, reason="Sismo.", actor=cast.beto)
    services.decide_extension(extension=extension, verdict=Verdict("granted", moved), actor=cast.denise)
    tell(at, local(ZONES[0], DUE - timedelta(days=3), 12))
    assert mail.outbox == []
    tell(at, local(ZONES[0], DUE - timedelta(days=2), 9))
    assert [(message.to, "decided" in message.body) for message in mail.outbox] == [(["beto@example.org"], True)]


# --- the mail ------------------------------------------------------------------------------------


def test_a_mail_says_which_report_by_when_and_where_and_nothing_else(cast: Any, report: Report, at: Any) -> None:
    User.objects.filter(pk=cast.beto.pk).update(language="en")
    report.entries.filter(activity__code="PRV-01").update(narrative="SECRETO")
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    message = next(m for m in mail.outbox if m.to == ["beto@example.org"])
    assert message.subject == "A deadline in the portal"
    assert "Report CR-2014-1 is due on 30 June 2014, in 14 days." in message.body
    assert "midnight (America/Costa_Rica)" in message.body
    assert "/en/reports/CR-2014-1/" in message.body
    assert "SECRETO" not in message.message().as_string()
    headers = message.message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe"].endswith("/en/notifications/#by-mail>")
    assert headers["Message-ID"].startswith("<digest-")
    assert headers.get_content_type() == "multipart/mixed"


def test_the_calendar_holds_the_deadline_as_a_whole_day(cast: Any, report: Report, at: Any) -> None:
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    name, content, kind = mail.outbox[0].attachments[0]
    assert (name, kind) == ("deadlines.ics", "text/calendar")
    lines = content.split("\r\n")
    assert lines[-1] == ""
    assert {"DTSTART;VALUE=DATE:20140630", "DTEND;VALUE=DATE:20140701", "METHOD:PUBLISH"} <= set(lines)
    assert max(len(line.encode()) for line in lines) <= 75
    assert content.count("BEGIN:VEVENT") == content.count("END:VEVENT") == 1


def test_the_mail_speaks_the_persons_language(cast: Any, report: Report, at: Any) -> None:
    for person, language in (("ana", "es"), ("beto", "fr"), ("bruno", "pt-br")):
        User.objects.filter(pk=getattr(cast, person).pk).update(language=language)
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    months = {m.to[0].split("@")[0]: m.body for m in mail.outbox}
    assert "30 de junio de 2014" in months["ana"]
    assert "/es/reports/" in months["ana"]
    assert "30 juin 2014" in months["beto"]
    assert "30 de junho de 2014" in months["bruno"]


def test_two_deadlines_are_one_mail(cast: Any, report: Report, at: Any) -> None:
    before = make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    type(before).objects.update(opened_at=LONG_AGO)
    Report.objects.filter(reference="CR-2013-2").update(extended_to=DUE)
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    of_beto: list[EmailMessage] = [m for m in mail.outbox if m.to == ["beto@example.org"]]
    assert len(of_beto) == 1
    assert of_beto[0].body.count("due on 30 June") == 2
    assert of_beto[0].attachments[0][1].count("BEGIN:VEVENT") == 2


def test_somebody_who_left_gets_no_mail(cast: Any, report: Report, at: Any) -> None:
    at(local(ZONES[0], DUE - timedelta(days=14), 12))
    services.remind()
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    deliver()
    assert {m.to[0] for m in mail.outbox} == {"beto@example.org", "bruno@example.org"}


# --- the page ------------------------------------------------------------------------------------


def test_the_page_lists_ones_own_and_counts_what_is_new(cast: Any, report: Report, at: Any, client: Client) -> None:
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    assert [count_unread(user) for user in (cast.ana, cast.carla)] == [1, 0]
    client.force_login(cast.ana)
    assert "CR-2014-1" in client.get(url("notification_list")).content.decode()
    client.force_login(cast.carla)
    assert "CR-2014-1" not in client.get(url("notification_list")).content.decode()
    assert post_as(client, cast.ana, url("notifications_read")).status_code == 302
    assert [count_unread(user) for user in (cast.ana, cast.beto)] == [0, 1]


def test_who_wants_no_mail_gets_none_and_no_pile_later(cast: Any, report: Report, at: Any, client: Client) -> None:
    post_as(client, cast.ana, url("digest_choice"), {"by_mail": "no"})
    tell(at, local(ZONES[0], DUE - timedelta(days=14), 12))
    assert {m.to[0] for m in mail.outbox} == {"beto@example.org", "bruno@example.org"}
    assert count_unread(cast.ana) == 1
    post_as(client, cast.ana, url("digest_choice"), {"by_mail": "yes"})
    mail.outbox.clear()
    tell(at, local(ZONES[0], DUE - timedelta(days=13), 12))
    assert mail.outbox == []
    tell(at, local(ZONES[0], DUE - timedelta(days=3), 12))
    assert "ana@example.org" in {m.to[0] for m in mail.outbox}
