"""Pages of reports cost the same with one row and with many."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import State, StateMembership
from tests.factories.workplan import answer, make_open_round, make_round
from tests.support import assert_same_queries
from tests.workplan.pages import sent, url
from workplan import services
from workplan.models import Report, ReportEntry, ReportVersion
from workplan.queries import report_content

CR = "CR-2014-1"


def more_rounds(cast: Any, how_many: int = 29) -> None:
    """Rounds of one month each, so that a State has one more report with each."""
    for number in range(how_many):
        year, month = 2010 + number // 12, number % 12 + 1
        round_ = make_round(f"{year}-m{month:02}", date(year, month, 1), date(year, month, 28))
        services.open_round(round=round_, actor=cast.denise)


def submitted(report: Report) -> None:
    """As if it had been sent: only what the lists read."""
    now = timezone.now()
    version = report_content(report)
    ReportVersion.objects.create(
        report=report, number=1, content=version, sha256="0" * 64, submitted_by=report.sent_by, submitted_at=now
    )
    Report.objects.filter(pk=report.pk).update(status="submitted", submitted_at=now)


def all_submitted(cast: Any) -> None:
    for report in Report.objects.filter(status="in_preparation", state__isnull=False).select_related("round"):
        report.sent_by = cast.ana
        submitted(report)


@pytest.fixture
def one_state(cast: Any) -> None:
    """Only Costa Rica and Guatemala take part, so that thirty rounds are made in a moment."""
    StateMembership.objects.filter(kind="participates").exclude(state__iso2__in=("CR", "GT")).delete()
    assert State.objects.participating().count() == 2


def test_lists_of_reports(cast: Any, client: Client, one_state: None, open_round: Any) -> None:
    client.force_login(cast.ana)
    assert_same_queries(client, url("report_list"), lambda: more_rounds(cast))
    assert len(client.get(url("report_list")).context["rows"]) == 30


def test_the_start_page(cast: Any, client: Client, one_state: None, open_round: Any) -> None:
    client.force_login(cast.beto)
    assert_same_queries(client, url("home"), lambda: more_rounds(cast))
    assert len(client.get(url("home")).context["items"]) == 30


def test_the_review_queue(cast: Any, client: Client) -> None:
    make_open_round(cast)
    sent(Report.objects.get(reference=CR), cast.ana, cast.beto)
    client.force_login(cast.denise)
    assert assert_same_queries(client, url("review_queue"), lambda: all_submitted(cast)) <= 15
    assert len(client.get(url("review_queue")).context["rows"]) >= 30


@pytest.mark.parametrize("page", ["report_detail", "report_check", "report_approve", "report_history"])
def test_pages_of_one_report_with_one_entry_and_with_all(cast: Any, client: Client, open_round: Any, page: str) -> None:
    """Guatemala's report is cut to one entry; Costa Rica's has them all, answered, with actions."""
    small, large = (Report.objects.get(reference=ref) for ref in ("GT-2014-1", CR))
    ReportEntry.objects.filter(report=small).exclude(activity__code="PRV-01").delete()
    action = services.ActionData("study", "Estudio", date(2014, 2, 1))
    for report, writer in ((small, cast.carla), (large, cast.ana)):
        for entry in report.entries.all():
            answer(entry, writer, actions=[action])
        services.send_to_coordinator(report=report, actor=writer)

    def as_costa_rica() -> None:
        client.force_login(cast.beto)
        client.get(url("home"))  # the first page of a session also writes the session

    client.force_login(cast.ciro)
    assert_same_queries(client, url(page, "GT-2014-1"), as_costa_rica, more_url=url(page, CR))


@pytest.mark.parametrize("page", ["review_detail", "report_version"])
def test_pages_of_one_version_with_one_entry_and_with_all(
    cast: Any, client: Client, open_round: Any, page: str
) -> None:
    small, large = (Report.objects.get(reference=ref) for ref in ("GT-2014-1", CR))
    ReportEntry.objects.filter(report=small).exclude(activity__code="PRV-01").delete()
    for report, writer, approver in ((small, cast.carla, cast.ciro), (large, cast.ana, cast.beto)):
        sent(report, writer, approver)
        for code in report.entries.values_list("activity__code", flat=True):
            activity = report.round.catalogue.activities.get(code=code)
            asked = services.ask_question(
                report=report, activity=activity, field="results", text="How many?", actor=cast.denise
            )
            services.answer_question(question=asked, text="Seis.", actor=approver)
    client.force_login(cast.denise)
    more = [1] if page == "report_version" else []
    for reference in ("GT-2014-1", CR):
        client.get(url(page, reference, *more))  # the first opening of a version may leave a trace of its own
    assert_same_queries(client, url(page, "GT-2014-1", *more), lambda: None, more_url=url(page, CR, *more))
