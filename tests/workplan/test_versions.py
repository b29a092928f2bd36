"""Versions of a report: the list of them, and what changed between any two, for each reader."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from tests.factories.workplan import answer, make_open_round
from tests.support import assert_same_queries
from tests.workplan.pages import post_as, sent, url
from workplan import delivery, services
from workplan.delivery.wording import answer_parts
from workplan.enums import EntryField
from workplan.models import Report, ReportEntry, ReviewOpening
from workplan.presenters import versions as words
from workplan.queries import changed_parts, report_content

CR = "CR-2014-1"
ACTION = services.ActionData("campaign", "Semana", date(2014, 3, 3), None, "Limón")


@pytest.fixture
def before(cast: Any) -> None:
    """The period before, sent."""
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    report = Report.objects.get(reference="CR-2013-2")
    answer(report.entries.get(activity__code="PRV-01"), cast.ana, narrative="Hubo una campaña en Heredia.")
    sent(report, cast.ana, cast.beto)


@pytest.fixture
def report(cast: Any, before: None, open_round: Any) -> Report:
    """Sent twice; the second time one word is another, and then changed again and not yet sent."""
    report = Report.objects.get(reference=CR)
    answer(entry_of(report), cast.ana, narrative="Hubo una campaña en Limón.", actions=[ACTION])
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="One number.")
    answer(entry_of(report), cast.ana, narrative="Hubo otra campaña en Limón.", status="full", actions=[ACTION])
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="Another.")
    answer(entry_of(report), cast.ana, narrative="Hubo otra campaña en Cartago.", status="full", actions=[ACTION])
    report.refresh_from_db()
    return report


def entry_of(report: Report) -> ReportEntry:
    return report.entries.select_related("activity").get(activity__code="PRV-01")


def shown(response: Any) -> dict[str, list[str]]:
    """What changed, by activity and part, with [-…-] and {+…+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return {
        f"{answer.code} {change.label}": [
            "".join(marks[run.kind].format(run.text) for run in line) for line in change.lines
        ]
        for area in response.context["areas"]
        for answer in area.answers
        for change in answer.changes
    }


def compare(client: Client, reference: str = CR, **asked: str) -> Any:
    return client.get(url("report_compare", reference), asked)


# --- the list ------------------------------------------------------------------------------------


def test_every_version_is_listed_with_who_when_and_what_became_of_it(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    rows = client.get(url("report_versions", CR)).context["rows"]
    assert [(row.version.number, row.before, [event.title for event in row.events]) for row in rows] == [
        (2, "2014-1.1", ["Approved and sent to the Secretariat", "Returned to the State"]),
        (1, "", ["Approved and sent to the Secretariat", "Returned to the State"]),
    ]
    assert rows[0].version.submitted_by == cast.beto


def test_an_accepted_version_says_so_and_stays_when_the_report_is_reopened(
    cast: Any, client: Client, before: None, open_round: Any
) -> None:
    report = Report.objects.get(reference=CR)
    answer(entry_of(report), cast.ana)
    sent(report, cast.ana, cast.beto)
    services.accept(report=report, ratings={}, actor=cast.denise)
    services.reopen(report=report, note="A late figure.", actor=cast.denise)
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.beto)
    rows = client.get(url("report_versions", CR)).context["rows"]
    steps = [[event.title for event in row.events] for row in rows]
    assert steps == [
        ["Approved and sent to the Secretariat"],
        ["Approved and sent to the Secretariat", "Accepted", "Reopened for a new version"],
    ]
    assert client.get(url("report_version", CR, 1)).status_code == 200


def test_what_was_taken_back_is_listed_for_the_state_alone(cast: Any, client: Client, open_round: Any) -> None:
    report = Report.objects.get(reference=CR)
    answer(entry_of(report), cast.ana)
    sent(report, cast.ana, cast.beto)
    services.withdraw(report=report, actor=cast.beto)
    sent(report, cast.ana, cast.beto)
    seen = {}
    for person in ("ana", "denise"):
        client.force_login(getattr(cast, person))
        seen[person] = [row.version.number for row in client.get(url("report_versions", CR)).context["rows"]]
    assert seen == {"ana": [2, 1], "denise": [2]}
    client.force_login(cast.denise)
    assert compare(client, **{"with": "2014-1.1"}).status_code == 404


def test_the_secretariats_own_report_speaks_of_who_reviews_it(cast: Any, client: Client, open_round: Any) -> None:
    report = Report.objects.get(reference="SG-2014-1")
    answer(report.entries.select_related("activity")[0], cast.denise)
    services.send_to_coordinator(report=report, actor=cast.denise)
    client.force_login(cast.didier)
    page = client.get(url("report_approve", "SG-2014-1"))
    assert "sent to the officers of the Meeting in the name of the Secretariat" in page.content.decode()
    form = page.context["approval"]
    assert form.initial["on_behalf_of"] in form.fields["on_behalf_of"].queryset
    services.approve(report=report, actor=cast.didier)
    services.return_report(report=report, actor=cast.evan, note="One number.")
    rows = client.get(url("report_versions", "SG-2014-1")).context["rows"]
    assert [event.title for event in rows[0].events] == [
        "Approved and sent to the officers of the Meeting",
        "Returned to the Secretariat",
    ]


# --- what changed --------------------------------------------------------------------------------


def test_since_the_last_submission(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    response = compare(client)
    assert shown(response) == {"PRV-01 What was done": ["Hubo otra campaña en [-Limón-]{+Cartago+}."]}
    assert response.context["count"] == 1


def test_since_the_last_period(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    links = {shortcut.label: shortcut.key for shortcut in compare(client).context["shortcuts"]}
    assert links == {"Since the last submission": "2014-1.2", "Since the last period": "2013-2.1"}
    assert shown(compare(client, **{"with": links["Since the last period"]})) == {
        "PRV-01 Status": ["[-Partially implemented-]", "{+Fully implemented+}"],
        "PRV-01 What was done": ["Hubo [-una-]{+otra+} campaña en [-Heredia-]{+Cartago+}."],
        "PRV-01 Actions in the period": ["{+Campaign, Semana, Limón, 3 March 2014+}"],
    }


def test_any_two_whichever_way_they_are_named(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.denise)
    there = compare(client, **{"with": "2014-1.1", "of": "2014-1.2"})
    back = compare(client, **{"with": "2014-1.2", "of": "2014-1.1"})
    expected = {
        "PRV-01 Status": ["[-Partially implemented-]", "{+Fully implemented+}"],
        "PRV-01 What was done": ["Hubo [-una-]{+otra+} campaña en Limón."],
    }
    assert shown(there) == shown(back) == expected


def test_one_activity_alone(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    assert [*shown(compare(client, activity="PRV-01"))] == ["PRV-01 What was done"]
    assert shown(compare(client, activity="PRV-02")) == {}
    assert compare(client, activity="NOTHING").status_code == 404


def test_a_reader_of_the_secretariat_never_sees_the_working_answers(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.denise)
    response = compare(client)
    assert {side.key for side in response.context["found"]} == {"2013-2.1", "2014-1.1", "2014-1.2"}
    assert b"Cartago" not in response.content
    assert compare(client, of=words.NOW).status_code == 404


def test_nothing_to_compare_with_is_a_sentence(cast: Any, client: Client, open_round: Any) -> None:
    client.force_login(cast.ana)
    response = compare(client)
    assert response.context["pair"] is None
    assert b"There is nothing to compare with yet." in response.content


def test_changes_are_told_by_words_and_lines_not_by_colour_alone(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    page = compare(client).content.decode()
    language = entry_of(report).language
    assert f'[taken out: </span><del lang="{language}">Limón</del>' in page
    assert f'[added: </span><ins lang="{language}">Cartago</ins>' in page


def test_looking_at_a_version_here_is_opening_it(cast: Any, client: Client, before: None, open_round: Any) -> None:
    report = Report.objects.get(reference=CR)
    answer(entry_of(report), cast.ana)
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.denise)
    compare(client)
    assert ReviewOpening.objects.filter(version__report=report).exists()


def test_good_practice_is_told_where_there_is_one_and_older_versions_read_as_before(cast: Any, report: Report) -> None:
    """An answer without one is stored as it was before there was the question: nothing seems to have changed."""
    old = report_content(report)
    assert not any("good_practice" in entry for entry in old["entries"])
    answer(entry_of(report), cast.ana, narrative="Hubo otra.", status="full", good_practice="Una ventanilla.")
    new = report_content(report)
    assert changed_parts(old, new)["PRV-01"] == [EntryField.NARRATIVE, EntryField.PRACTICE, EntryField.ACTIONS]
    with translation.override("en"):
        told = [
            (part.label, part.lines)
            for content in (old, new)
            for part in answer_parts(content["entries"][0], all_evidence=True)
            if part.label == EntryField.PRACTICE.label
        ]
    assert told == [("Good practice", []), ("Good practice", ["Una ventanilla."])]


def test_titles_of_evidence_for_the_state_and_the_secretariat_are_not_the_meetings() -> None:
    row = {
        "activity": "PRV-01", "status": "partial", "reason": "", "narrative": "", "results": "", "obstacles": "",
        "obstacle_kinds": [], "language": "es", "actions": [],
    }  # fmt: skip
    files = [
        {"type": "law", "title": f"Ley {visibility}", "visibility": visibility, "url": "", "sha256": "ab" * 32}
        for visibility in ("secretariat", "public")
    ]
    after = {**row, "evidence": files}
    with translation.override("en"):
        both = [change.lines for change in delivery.part_changes(row, after, all_evidence=True)]
        public = [change.lines for change in delivery.part_changes(row, after, all_evidence=False)]
    texts = [["".join(run.text for run in line) for line in lines] for lines in (*both, *public)]
    assert texts == [
        ["Law: Ley secretariat (SHA-256 abababababababab)", "Law: Ley public (SHA-256 abababababababab)"],
        ["Law: Ley public (SHA-256 abababababababab)"],
    ]


# --- where they are shown ------------------------------------------------------------------------


def test_the_approver_reads_the_changes_word_by_word(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.beto)
    changes = client.get(url("report_approve", CR)).context["changes"]
    assert [(answer.code, [change.label for change in answer.changes]) for answer in changes] == [
        ("PRV-01", [str(EntryField.NARRATIVE.label)])
    ]


def test_the_reviewer_reads_them_beside_each_answer(cast: Any, client: Client, report: Report) -> None:
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.denise)
    areas = client.get(url("review_detail", CR)).context["areas"]
    changed = {a.code: a.extra["changes"] for area in areas for a in area.answers if a.extra["changes"]}
    assert [*changed] == ["PRV-01"]
    assert [change.label for change in changed["PRV-01"].changes] == ["What was done"]


def test_the_check_page_leads_to_the_changes_of_each_answer(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    areas = client.get(url("report_check", CR)).context["areas"]
    links = {a.code: a.changes_url for area in areas for a in area.answers if a.changes_url}
    assert links == {"PRV-01": f"{url('report_compare', CR)}?with=2014-1.2&of=now&activity=PRV-01"}
    assert client.get(links["PRV-01"]).context["count"] == 1


# --- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["report_versions", "report_compare"])
def test_the_pages_cost_the_same_with_one_entry_and_with_all(
    cast: Any, client: Client, open_round: Any, page: str
) -> None:
    small, large = (Report.objects.get(reference=reference) for reference in ("GT-2014-1", CR))
    ReportEntry.objects.filter(report=small).exclude(activity__code="PRV-01").delete()
    for report, writer, approver in ((small, cast.carla, cast.ciro), (large, cast.ana, cast.beto)):
        for text in ("Uno.", "Dos."):
            ReportEntry.objects.filter(report=report).update(status="partial", narrative=text)
            sent(report, writer, approver)
            services.return_report(report=report, actor=cast.denise, note="Again.")
    client.force_login(cast.denise)
    asked = "?with=2014-1.1&of=2014-1.2" if page == "report_compare" else ""
    small_url, large_url = (f"{url(page, reference)}{asked}" for reference in ("GT-2014-1", CR))
    client.get(large_url)
    assert_same_queries(client, small_url, lambda: None, more_url=large_url)


def test_posting_to_them_is_no_method(cast: Any, client: Client, report: Report) -> None:
    for page in ("report_versions", "report_compare"):
        assert post_as(client, cast.ana, url(page, CR)).status_code == 405


# --- from an entry -------------------------------------------------------------------------------


def test_an_entry_leads_to_its_changes_and_to_the_history(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    links = {link.text: link.url for link in client.get(url("entry_edit", CR, "PRV-01")).context["links"]}
    assert list(links) == ["Since the last submission", "Since the last period", "History of this report"]
    found = {text: shown(client.get(address)) for text, address in links.items() if "compare" in address}
    changed = ["Hubo otra campaña en [-Limón-]{+Cartago+}."]
    assert found["Since the last submission"] == {"PRV-01 What was done": changed}
    assert "PRV-01 Actions in the period" in found["Since the last period"]
    assert client.get(links["History of this report"]).status_code == 200


def test_who_was_handed_one_entry_is_led_nowhere_else(cast: Any, client: Client, report: Report) -> None:
    terms = services.GrantTerms(reason="R", valid_to=timezone.localdate())
    services.grant_entries(entries=[entry_of(report)], person=cast.marta, terms=terms, actor=cast.beto)
    client.force_login(cast.marta)
    assert client.get(url("entry_edit", CR, "PRV-01")).context["links"] == []
