"""An answer that is late is told to the coordinator and then to the Secretariat: once each, at the right moment."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import State
from core.models import OutboxMessage
from core.testing import record_proof
from networks import services
from networks.enums import urgency_terms
from networks.models import CooperationRequest, Escalation
from networks.services.requests import deadlines
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.networks import make_sent, note
from tests.workplan.pages import url

# West, middle, and one whose summer time begins at midnight (Brazil, 19 October 2014).
STATES = ("MX", "GT", "BR")
SENT = datetime(2014, 10, 9, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def receivers(cast: Any) -> dict[str, Any]:
    found = {"GT": cast.authority_gt}
    for code in ("MX", "BR"):
        state = State.objects.get(iso2=code)
        found[code] = make_institution("authority", f"Autoridad {code}", state)
        give_role(make_user(f"focal-{code.lower()}"), found[code], "focal_point")
    return found


def sent_then(cast: Any, receiver: Any, urgency: str) -> CooperationRequest:
    with patch("django.utils.timezone.now", return_value=SENT):
        return make_sent(cast.ana, cast.authority_cr, receiver, urgency=urgency)


def end_of(day: date, zone: str) -> datetime:
    """The first moment of the next day there, found by walking instead of by arithmetic."""
    moment = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    while moment.astimezone(ZoneInfo(zone)).date() == day:
        moment += MINUTE
    return moment


def escalated(request: CooperationRequest) -> list[tuple[str, datetime]]:
    return sorted(request.escalations.values_list("level", "at"))


def test_each_level_once_at_the_right_moment_in_three_time_zones(cast: Any, receivers: dict[str, Any]) -> None:
    cases, wrong = 0, []
    for code, receiver in receivers.items():
        zone = receiver.state.time_zone
        for urgency, terms in urgency_terms().items():
            request = sent_then(cast, receiver, urgency)
            day = SENT.astimezone(ZoneInfo(zone)).date() + timedelta(days=terms.answer_days)
            first, second = end_of(day, zone), end_of(day + timedelta(days=terms.secretariat_days), zone)
            expected: list[tuple[str, datetime]] = []
            for now, level in (
                (first - MINUTE, ""), (first, "coordinator"), (first + MINUTE, ""), (second - MINUTE, ""),
                (second, "secretariat"), (second + timedelta(days=400), ""),
            ):  # fmt: skip
                services.escalate_overdue(now=now)
                expected += [(level, now)] if level else []
                cases += 1
                if escalated(request) != sorted(expected) or request.answer_by != day:
                    wrong.append((code, urgency, now, escalated(request)))
    cases, wrong = _after_a_pause(cast, receivers, cases, wrong)
    cases, wrong = _where_nothing_is_due(cast, receivers, cases, wrong)
    record_proof("escalation", cases=cases, wrong=len(wrong))
    assert wrong == []
    assert cases >= 80


def _after_a_pause(cast: Any, receivers: dict[str, Any], cases: int, wrong: list[Any]) -> tuple[int, list[Any]]:
    """The scheduler was down over one deadline, or over both."""
    for receiver in receivers.values():
        for pause in (timedelta(hours=5), timedelta(days=3), timedelta(days=90)):
            request = sent_then(cast, receiver, "urgent")
            assert request.coordinator_due_at
            assert request.secretariat_due_at
            back = request.coordinator_due_at + pause
            levels = ["coordinator"] + (["secretariat"] if back >= request.secretariat_due_at else [])
            services.escalate_overdue(now=back)
            services.escalate_overdue(now=back)
            cases += 1
            if [level for level, _at in escalated(request)] != levels:
                wrong.append((receiver, pause, escalated(request)))
    return cases, wrong


def _where_nothing_is_due(cast: Any, receivers: dict[str, Any], cases: int, wrong: list[Any]) -> tuple[int, list[Any]]:
    """Answered, declined or withdrawn in time: nobody is told, however late the clock comes."""
    for way in ("answered", "declined", "withdrawn"):
        request = sent_then(cast, receivers["GT"], "urgent")
        if way == "answered":
            services.acknowledge(request=request, actor=cast.ciro)
            services.answer(request=request, note=note(), actor=cast.ciro)
        elif way == "declined":
            services.decline(request=request, reason="law", note=note(), actor=cast.ciro)
        else:
            services.withdraw(request=request, actor=cast.ana)
        services.escalate_overdue(now=SENT + timedelta(days=900))
        cases += 1
        if escalated(request):
            wrong.append((way, escalated(request)))
    return cases, wrong


def test_the_clock_of_a_transferred_request_goes_on(cast: Any) -> None:
    request = sent_then(cast, cast.authority_gt, "urgent")
    agency = make_institution("agency", "Fiscalía", cast.guatemala)
    services.transfer(request=request, to=agency, note=note(), actor=cast.ciro)
    assert request.coordinator_due_at
    services.escalate_overdue(now=request.coordinator_due_at)
    assert [level for level, _at in escalated(request)] == ["coordinator"]


def test_the_coordinator_and_then_the_secretariat_are_told_by_mail_once(cast: Any) -> None:
    request = sent_then(cast, cast.authority_gt, "immediate")
    OutboxMessage.objects.all().delete()
    for days in (2, 3, 40):
        services.escalate_overdue(now=SENT + timedelta(days=days))
    told = sorted((args[0], args[1]) for args in OutboxMessage.objects.values_list("args", flat=True))
    assert told == sorted([(cast.ciro.pk, "request_late"), (cast.denise.pk, "request_escalated")])
    notices = OutboxMessage.objects.filter(args__1="request_escalated").values_list("args", flat=True)
    assert [args[2] for args in notices] == [0]  # not even which request it is
    assert request.pk


def test_the_secretariat_sees_states_kinds_and_dates_and_not_a_word_of_it(cast: Any, client: Client) -> None:
    request = sent_then(cast, cast.authority_gt, "immediate")
    services.escalate_overdue(now=SENT + timedelta(days=40))
    client.force_login(cast.denise)
    page = client.get(url("escalation_list"))
    row = page.context["rows"][0]
    assert (row.sender, row.receiver, row.kind) == (cast.costa_rica, cast.guatemala, "Information")
    text = page.content.decode()
    for secret in (request.reference, request.subject, request.text, cast.authority_gt.name):
        assert secret not in text
    assert client.get(url("request_detail", request.reference)).status_code == 404
    client.force_login(cast.ciro)
    assert client.get(url("escalation_list")).status_code == 403


def test_two_schedulers_at_once_tell_once(cast: Any) -> None:
    request = sent_then(cast, cast.authority_gt, "immediate")
    due = CooperationRequest.objects.filter(pk=request.pk).values_list("pk", flat=True)
    from networks.services import requests as rules

    late = SENT + timedelta(days=40)
    first = [rules._escalate(pk, "coordinator", "coordinator_due_at", late) for pk in due]
    second = [rules._escalate(pk, "coordinator", "coordinator_due_at", late) for pk in due]
    assert (first, second) == ([True], [False])
    assert Escalation.objects.count() == 1


def test_days_come_from_the_table() -> None:
    terms = urgency_terms()
    assert list(terms) == ["immediate", "urgent", "priority", "routine"]
    zone = ZoneInfo("America/Costa_Rica")
    for urgency, row in terms.items():
        answer_by, _first, _second = deadlines(SENT, zone, urgency)
        assert answer_by == date(2014, 10, 9) + timedelta(days=row.answer_days)
