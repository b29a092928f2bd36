"""An entry handed to a colleague of a ministry: they see it alone, propose, and the report's own writers accept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.exceptions import PortalError
from core.templatetags.portal import month_date
from tests.factories.workplan import answer
from tests.workplan.pages import typed, url
from workplan import services
from workplan.models import Report, ReportEntry
from workplan.queries import submission_overview

CR = "CR-2014-1"


@pytest.fixture
def handed(cast: Any, open_round: Any) -> ReportEntry:
    entry = Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")
    terms = services.GrantTerms(reason="R", valid_to=timezone.localdate() + timedelta(days=3))
    services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    return entry


@pytest.fixture
def proposed(cast: Any, handed: ReportEntry) -> ReportEntry:
    return answer(handed, cast.marta, narrative="Del ministerio.")


def test_the_colleague_sees_that_entry_and_nothing_else(cast: Any, client: Client, handed: ReportEntry) -> None:
    client.force_login(cast.marta)
    assert client.get(url("entry_edit", CR, "PRV-01")).status_code == 200
    others = [url("entry_edit", CR, "PRV-02"), url("report_detail", CR), url("report_spreadsheet", CR)]
    assert [client.get(address).status_code for address in others] == [404] * 3


def test_what_they_write_is_a_proposal_until_a_writer_saves_it(
    cast: Any, client: Client, proposed: ReportEntry
) -> None:
    assert (proposed.proposed_by, proposed.progress) == (cast.marta, "proposed")
    client.force_login(cast.ana)
    assert "Proposal to accept" in client.get(url("report_detail", CR)).content.decode()
    page = url("entry_edit", CR, "PRV-01")
    assert "proposes this answer" in client.get(page).content.decode()
    assert client.post(page, typed(proposed, narrative="Del ministerio, con cambios.")).status_code == 302
    proposed.refresh_from_db()
    assert (proposed.proposed_by, proposed.progress) == (None, "ready")
    assert proposed.narrative == "Del ministerio, con cambios."


def test_the_colleague_is_not_asked_to_accept_their_own(cast: Any, client: Client, proposed: ReportEntry) -> None:
    client.force_login(cast.marta)
    assert "proposes this answer" not in client.get(url("entry_edit", CR, "PRV-01")).content.decode()


def test_a_report_is_not_sent_with_a_proposal_nobody_accepted(cast: Any, proposed: ReportEntry) -> None:
    with pytest.raises(PortalError, match="PRV-01"):
        services.send_to_coordinator(report=proposed.report, actor=cast.ana)
    answer(proposed, cast.ana)
    services.send_to_coordinator(report=proposed.report, actor=cast.ana)


def test_a_proposal_counts_as_ready_once_it_is_accepted(cast: Any, client: Client, proposed: ReportEntry) -> None:
    def counts() -> tuple[Any, ...]:
        client.force_login(cast.ana)
        page = client.get(url("report_detail", CR)).context
        row = client.get(url("report_list")).context["rows"][0]
        overview = {state.iso2: state.ready_count for state in submission_overview(proposed.report.round)}
        home = client.get(url("home")).context["items"][0].title
        return page["ready"], page["areas"][0].ready, row.ready, overview["CR"], home.rpartition(": ")[2]

    assert proposed.is_ready
    assert counts() == ("0 of 36 ready", 0, "0 of 36 ready", 0, "0 of 36 ready")
    answer(proposed, cast.ana)
    assert counts() == ("1 of 36 ready", 1, "1 of 36 ready", 1, "1 of 36 ready")


def test_the_coordinator_sees_in_the_list_with_whom_an_entry_is(cast: Any, client: Client, handed: ReportEntry) -> None:
    hints = {}
    for person in (cast.beto, cast.ana):
        client.force_login(person)
        page = client.get(url("report_detail", CR))
        hints[str(person)] = [task.hint for area in page.context["areas"] for task in area.items if task.hint]
        assert (url("grant_new") in page.content.decode()) == (person == cast.beto)
    until = month_date(timezone.localdate() + timedelta(days=3))
    assert hints == {"Beto": [f"with Marta until {until}"], "Ana": []}


def test_the_colleague_is_told_the_day_they_were_given(cast: Any, client: Client, handed: ReportEntry) -> None:
    day = timezone.localdate() + timedelta(days=3)
    client.force_login(cast.marta)
    (item,) = client.get(url("home")).context["items"]
    assert (item.due, item.note) == (day, f"Report 2014-1, yours until {month_date(day)}")
    assert f"2014-1, yours until {month_date(day)}" in client.get(url("report_list")).content.decode()
