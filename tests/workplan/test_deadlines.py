"""More time for a report: who asks, who decides, what it changes and where it shows."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import AuditEvent
from tests.factories.workplan import answer, make_open_round
from tests.support import assert_same_queries
from tests.workplan.pages import post_as, sent, url
from workplan import permissions, presenters, services
from workplan.models import Extension, Notification, Report, ReportEntry
from workplan.services import Verdict

PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")
LATER = timezone.localdate() + timedelta(days=40)


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference="CR-2014-1")


@pytest.fixture
def extension(cast: Any, report: Report) -> Extension:
    return services.request_extension(report=report, requested_date=LATER, reason="Elecciones.", actor=cast.beto)


def able(cast: Any, act: Any) -> set[str]:
    """Who may, everything undone."""
    found = set()
    for name in PEOPLE:
        try:
            with transaction.atomic():
                act(getattr(cast, name))
                transaction.set_rollback(True)
        except NotAllowed:
            continue
        found.add(name)
    return found


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


# --- who -----------------------------------------------------------------------------------------


def test_the_focal_point_asks_and_the_secretariat_decides(cast: Any, report: Report) -> None:
    def ask(user: Any) -> Any:
        return services.request_extension(report=report, requested_date=LATER, reason="Elecciones.", actor=user)

    assert able(cast, ask) == {"beto"}
    extension = ask(cast.beto)
    verdict = Verdict("granted", LATER)
    decide = lambda user: services.decide_extension(extension=extension, verdict=verdict, actor=user)  # noqa: E731
    assert able(cast, decide) == {"denise", "didier"}


def test_each_person_sees_exactly_these_requests(cast: Any, report: Report, extension: Extension) -> None:
    other = Report.objects.get(reference="GT-2014-1")
    foreign = services.request_extension(report=other, requested_date=LATER, reason="Sismo.", actor=cast.ciro)
    seen = {name: set(Extension.objects.visible_to(getattr(cast, name))) for name in PEOPLE}
    own = {name: {extension} for name in ("ana", "beto", "bruno")} | {name: {foreign} for name in ("carla", "ciro")}
    both = {name: {extension, foreign} for name in ("denise", "didier", "evan")}
    assert seen == {name: set() for name in PEOPLE} | own | both


# --- asking --------------------------------------------------------------------------------------


def test_one_request_waits_at_a_time_and_a_double_click_is_one(cast: Any, report: Report, client: Client) -> None:
    address = url("extension_new", report.reference)
    typed = {**parts("requested_date", LATER), "reason": "Elecciones."}
    for _ in range(2):
        assert post_as(client, cast.beto, address, typed).status_code == 302
    assert post_as(client, cast.beto, address, {**typed, "reason": "Otra."}).status_code == 422
    assert Extension.objects.get().reason == "Elecciones."


@pytest.mark.parametrize("day", [date(2014, 6, 30), date(2014, 6, 1), date(2015, 1, 1)])
def test_the_date_asked_for_lies_after_the_one_in_force_and_ahead(cast: Any, report: Report, day: date) -> None:
    with pytest.raises(PortalError):
        services.request_extension(report=report, requested_date=day, reason="x", actor=cast.beto)


def test_a_report_that_was_sent_needs_no_time(cast: Any, report: Report, client: Client) -> None:
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.beto)
    assert client.get(url("extension_new", report.reference)).status_code == 403


def test_a_stranger_learns_nothing(cast: Any, report: Report, extension: Extension, client: Client) -> None:
    client.force_login(cast.ciro)
    assert client.get(url("extension_new", report.reference)).status_code == 404
    assert client.get(url("extension_decide", extension.public_id)).status_code == 404


# --- deciding ------------------------------------------------------------------------------------


def test_a_granted_date_holds_for_this_report_alone(cast: Any, report: Report, extension: Extension) -> None:
    services.decide_extension(extension=extension, verdict=Verdict("granted", LATER - timedelta(5)), actor=cast.denise)
    report.refresh_from_db()
    other = Report.objects.get(reference="GT-2014-1")
    assert (report.due_on, other.due_on) == (LATER - timedelta(5), date(2014, 6, 30))
    assert (presenters.is_overdue(report), presenters.is_overdue(other)) == (False, True)
    events = AuditEvent.objects.filter(verb__startswith="extension.").values_list("verb", "chain", "actor")
    assert set(events) == {
        ("extension.requested", "CR", cast.beto.pk),
        ("extension.granted", "CR", cast.denise.pk),
    }


def test_a_refusal_says_why_and_changes_nothing(cast: Any, report: Report, extension: Extension) -> None:
    with pytest.raises(PortalError):
        services.decide_extension(extension=extension, verdict=Verdict("refused"), actor=cast.denise)
    verdict = Verdict("refused", None, "The Meeting cannot wait.")
    services.decide_extension(extension=extension, verdict=verdict, actor=cast.denise)
    report.refresh_from_db()
    assert report.due_on == date(2014, 6, 30)
    with pytest.raises(StepRefused):
        services.decide_extension(extension=extension, verdict=Verdict("granted", LATER), actor=cast.denise)


def test_the_state_is_told_of_each_decision(cast: Any, report: Report, extension: Extension) -> None:
    verdict = Verdict("refused", None, "No.")
    services.decide_extension(extension=extension, verdict=verdict, actor=cast.denise)
    again = services.request_extension(report=report, requested_date=LATER, reason="Sismo.", actor=cast.beto)
    services.decide_extension(extension=again, verdict=verdict, actor=cast.denise)
    assert list(Notification.objects.values_list("user", "kind")) == [(cast.beto.pk, "extension")] * 2


def test_the_page_of_the_decision(cast: Any, report: Report, extension: Extension, client: Client) -> None:
    address = url("extension_decide", extension.public_id)
    assert post_as(client, cast.denise, address, {"decision": "granted"}).status_code == 422
    assert post_as(client, cast.denise, address, {"decision": "refused"}).status_code == 422
    assert post_as(client, cast.beto, address, {"decision": "granted"}).status_code == 403
    typed = {"decision": "granted", **parts("new_date", LATER)}
    assert post_as(client, cast.denise, address, typed).status_code == 302
    report.refresh_from_db()
    assert report.extended_to == LATER
    assert post_as(client, cast.denise, address, typed).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "granted"},
        {"decision": "granted", "new_date": LATER},
        {"decision": "refused", "decision_reason": "x", "new_date": LATER},
        {"decision": "refused"},
        {"new_date": LATER},
        {"reason": ""},
    ],
)
def test_the_database_keeps_a_decision_whole(cast: Any, extension: Extension, fields: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Extension.objects.filter(pk=extension.pk).update(**fields)


def test_the_database_refuses_that_somebody_decides_on_their_own_request(cast: Any, extension: Extension) -> None:
    decided = {"decision": "granted", "decided_at": timezone.now(), "new_date": LATER}
    with pytest.raises(DatabaseError, match="extension_decided_by_another"), transaction.atomic():
        Extension.objects.filter(pk=extension.pk).update(decided_by=cast.beto, **decided)
    Extension.objects.filter(pk=extension.pk).update(decided_by=cast.denise, **decided)


# --- what it changes -----------------------------------------------------------------------------


def test_more_time_outlasts_the_closing_of_the_round(cast: Any, report: Report, extension: Extension) -> None:
    services.decide_extension(extension=extension, verdict=Verdict("granted", LATER), actor=cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    answer(report.entries.all()[0], cast.ana)
    with pytest.raises(NotAllowed):
        answer(Report.objects.get(reference="GT-2014-1").entries.all()[0], cast.carla)
    for lists in (Report.objects.written_by(cast.ana), ReportEntry.objects.open_for_writing().filter(report=report)):
        assert lists.exists()
    assert not Report.objects.written_by(cast.carla).exists()
    with pytest.raises(StepRefused, match="still has time"):
        services.freeze_round(round=report.round, actor=cast.denise)
    sent(Report.objects.get(pk=report.pk), cast.ana, cast.beto)
    services.freeze_round(round=report.round, actor=cast.denise)


def test_a_round_is_not_frozen_over_an_open_request(cast: Any, report: Report, extension: Extension) -> None:
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(StepRefused, match="Decide"):
        services.freeze_round(round=report.round, actor=cast.denise)


@pytest.mark.parametrize("zone", ["America/Mexico_City", "America/Barbados", "America/St_Johns"])
def test_a_day_lasts_to_midnight_where_the_state_is(cast: Any, report: Report, zone: str, monkeypatch: Any) -> None:
    """In Python and in SQL alike, whatever day it is in Greenwich."""
    cast.costa_rica.time_zone = zone
    cast.costa_rica.save()
    Report.objects.filter(pk=report.pk).update(extended_to=date(2014, 7, 31))
    services.close_round(round=report.round, actor=cast.denise)
    midnight = datetime(2014, 8, 1, tzinfo=ZoneInfo(zone))
    for moment, expected in ((midnight - timedelta(minutes=1), True), (midnight + timedelta(minutes=1), False)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        fresh = Report.objects.select_related("round", "state").get(pk=report.pk)
        assert permissions.round_takes(fresh) is expected
        assert ReportEntry.objects.open_for_writing().filter(report=report).exists() is expected
        assert presenters.is_overdue(fresh) is not expected


# --- where it shows ------------------------------------------------------------------------------


def test_the_date_in_force_shows_everywhere(cast: Any, report: Report, extension: Extension, client: Client) -> None:
    def pages(person: Any, *addresses: str) -> list[str]:
        client.force_login(person)
        return [" ".join(client.get(address).content.decode().split()) for address in addresses]

    matrix, periods = url("submission_matrix", "2014-1"), url("period_matrix")
    assert "asks for more time" in pages(cast.denise, matrix)[0]
    services.decide_extension(extension=extension, verdict=Verdict("granted", LATER), actor=cast.denise)
    shown = pages(cast.denise, matrix, periods)
    shown += pages(cast.beto, url("report_detail", report.reference), url("report_list"), url("home"))
    for page in shown:
        assert "extended to" in page.lower()


def test_the_matrix_of_periods_costs_the_same_for_more_periods(cast: Any, report: Report, client: Client) -> None:
    client.force_login(cast.denise)

    def grow() -> None:
        make_open_round(cast, "2013-1", start=date(2013, 1, 1), end=date(2013, 6, 30))
        make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))

    assert_same_queries(client, url("period_matrix"), grow)
    page = client.get(url("period_matrix")).content.decode()
    assert page.index("2013-1") < page.index("2013-2") < page.index("2014-1")


def test_the_matrix_of_periods_is_for_those_who_follow(cast: Any, report: Report, client: Client) -> None:
    able_to = set()
    for name in PEOPLE[:-1]:
        client.force_login(getattr(cast, name))
        if client.get(url("period_matrix")).status_code == 200:
            able_to.add(name)
    assert able_to == {"denise", "didier", "evan"}


def test_the_matrix_links_only_what_was_sent(cast: Any, report: Report, client: Client) -> None:
    client.force_login(cast.denise)
    address = report.get_absolute_url()
    assert "CR-2014-1" not in client.get(url("period_matrix")).content.decode()
    sent(report, cast.ana, cast.beto)
    assert "CR-2014-1" in client.get(url("period_matrix")).content.decode(), address
