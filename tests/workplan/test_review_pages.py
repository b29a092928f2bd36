"""Pages of those who review: the queue holds exactly their reports, and no rating typed is lost on the way."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.exceptions import PortalError
from tests.factories.workplan import answer, make_open_round, submit
from tests.workplan.pages import post_as, sent, url
from workplan import services
from workplan.models import Question, Rating, Report, ReportVersion
from workplan.presenters import ReportRow

CR = "CR-2014-1"
PEOPLE = ("ana", "bruno", "carla", "marta", "denise", "didier", "evan", "paula")


@pytest.fixture
def report(cast: Any, open_round: Any) -> Report:
    report = Report.objects.get(reference=CR)
    answer(report.entries.get(activity__code="PRV-01"), cast.ana)
    return sent(report, cast.ana, cast.beto)


@pytest.fixture
def denise(cast: Any, client: Client) -> Client:
    client.force_login(cast.denise)
    return client


def review(client: Client, do: str, reference: str = CR, **more: str) -> Any:
    """Press one button of the review page with all its fields as they stand, changed by `more`."""
    address = url("review_detail", reference)
    page = client.get(address)
    fields: dict[str, str] = {}
    forms = [page.context["decision"]]
    for area in page.context["areas"]:
        for item in area.answers:
            forms += [item.extra["rating"], item.extra["ask"]]
    for form in forms:
        fields |= {bound.html_name: str(bound.value() or "") for bound in form}
    assert not more.keys() - fields.keys()
    return client.post(address, {**fields, **more, "do": do})


def references(response: Any) -> list[str]:
    return [row.report.reference for row in response.context["rows"]]


# --- queue ---------------------------------------------------------------------------------------


def test_each_queue_holds_exactly_what_waits_for_that_reviewer(cast: Any, client: Client, report: Report) -> None:
    sent(Report.objects.get(reference="SG-2014-1"), cast.denise, cast.didier)
    shown = {}
    for person in PEOPLE:
        client.force_login(getattr(cast, person))
        response = client.get(url("review_queue"))
        shown[person] = references(response) if response.status_code == 200 else response.status_code
    assert shown == {
        "ana": 403,
        "bruno": 403,
        "carla": 403,
        "marta": 403,
        "denise": [CR],
        "didier": [CR],
        "evan": ["SG-2014-1"],
        "paula": 403,
    }


def test_the_longest_wait_comes_first_and_filters_narrow(cast: Any, denise: Client, report: Report) -> None:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    older = sent(Report.objects.get(reference="GT-2013-2"), cast.carla, cast.ciro)
    sent(Report.objects.get(reference="CR-2013-2"), cast.ana, cast.beto)
    services.return_report(report=older, actor=cast.denise, note="Say more.")
    queue = url("review_queue")
    assert references(denise.get(queue)) == [CR, "CR-2013-2"]
    assert references(denise.get(queue + "?status=returned")) == ["GT-2013-2"]
    assert references(denise.get(queue + "?round=2013-2&status=all")) == ["GT-2013-2", "CR-2013-2"]
    sent(older, cast.carla, cast.ciro)
    assert references(denise.get(queue)) == [CR, "CR-2013-2", "GT-2013-2"]
    assert references(denise.get(queue + "?round=1999-1&status=nonsense")) == [CR, "CR-2013-2", "GT-2013-2"]


def test_days_are_counted_from_the_last_submission(denise: Client, report: Report, monkeypatch: Any) -> None:
    later = timezone.now() + timedelta(days=10, hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    # The session began before the clock was moved; a new one must not be idle.
    denise.force_login(report.versions.get().submitted_by.__class__.objects.get(full_name="Denise"))
    assert [row.waiting_days for row in denise.get(url("review_queue")).context["rows"]] == [10]


# --- one report ----------------------------------------------------------------------------------


def test_a_question_is_asked_on_a_field_and_the_ratings_typed_stay(denise: Client, report: Report) -> None:
    typed = {"rate-PRV-01-status": "planned", "rate-PRV-01-reason": "Nothing yet.", "note": "Dear colleagues,"}
    ask = {"ask-PRV-01-field": "results", "ask-PRV-01-text": "How many people?"}
    response = review(denise, "ask:PRV-01", **typed, **ask)
    assert response.url == f"{url('review_detail', CR)}#PRV-01"
    asked = Question.objects.get()
    assert (asked.activity.code, asked.field, asked.text, asked.version.number) == (
        "PRV-01",
        "results",
        "How many people?",
        1,
    )
    html = denise.get(url("review_detail", CR)).content.decode()
    assert "How many people?" in html
    assert "Nothing yet." in html
    assert "Dear colleagues," in html
    assert re.search(r'<option value="planned" selected>', html)


def test_a_question_without_words_is_asked_again_and_other_texts_stay(denise: Client, report: Report) -> None:
    response = review(denise, "ask:PRV-01", **{"ask-PRV-02-text": "Unfinished", "rate-PRV-03-reason": "Half a"})
    html = response.content.decode()
    assert (response.status_code, Question.objects.count()) == (422, 0)
    assert "<title>Error: " in html
    assert 'href="#id_ask-PRV-01-text"' in html
    assert "Unfinished" in html
    assert "Half a" in html


def test_returning_needs_a_question_or_a_note(denise: Client, report: Report) -> None:
    assert review(denise, "return").status_code == 422
    assert review(denise, "return", note="Say more on PRV-02.").url == url("review_queue")
    report.refresh_from_db()
    assert (report.status, report.changes.last().note) == ("returned", "Say more on PRV-02.")


def test_accepting_with_a_rating_of_ones_own(denise: Client, report: Report) -> None:
    other = {"rate-PRV-01-status": "planned"}
    refused = review(denise, "accept", **other)
    assert refused.status_code == 422
    assert 'href="#id_rate-PRV-01-reason"' in refused.content.decode()
    accepted = review(denise, "accept", **other, **{"rate-PRV-01-reason": "Only a draft exists."})
    assert accepted.url == url("review_queue")
    report.refresh_from_db()
    assert (report.status, report.accepted_version.number) == ("accepted", 1)
    rows = {r.activity.code: (r.self_status, r.status, r.reason) for r in Rating.objects.select_related("activity")}
    assert rows["PRV-01"] == ("partial", "planned", "Only a draft exists.")
    assert {row[:2] for code, row in rows.items() if code != "PRV-01"} == {("no_information", "no_information")}
    assert "review_drafts" not in denise.session or CR not in denise.session["review_drafts"]
    html = denise.get(url("report_version", CR, 1)).content.decode()
    assert "Only a draft exists." in html


def test_a_double_click_on_accept_is_one_acceptance(cast: Any, denise: Client, report: Report) -> None:
    data = {"do": "accept", "version": "1"}
    data |= {f"rate-{entry['activity']}-status": entry["status"] for entry in report.versions.get().content["entries"]}
    for _ in range(2):
        assert denise.post(url("review_detail", CR), data).url == url("review_queue")
    assert report.changes.filter(step="accept").count() == 1


def test_an_open_question_stands_in_the_way_until_it_is_resolved(cast: Any, denise: Client, report: Report) -> None:
    review(denise, "ask:PRV-01", **{"ask-PRV-01-text": "How many?"})
    response = review(denise, "accept")
    assert response.status_code == 422
    assert "Resolve every question" in response.content.decode()
    question = Question.objects.get()
    assert review(denise, f"resolve:{question.public_id}").status_code == 302
    question.refresh_from_db()
    assert question.status == "resolved"
    assert review(denise, "accept").url == url("review_queue")


def test_a_version_that_arrived_meanwhile_is_read_first(cast: Any, denise: Client, report: Report) -> None:
    services.return_report(report=report, actor=cast.didier, note="More.")
    sent(report, cast.ana, cast.beto)
    response = review(denise, "return", note="On the old one.", version="1")
    assert response.url == url("review_detail", CR)
    html = denise.get(response.url).content.decode()
    assert "A newer version arrived" in html
    assert "On the old one." in html
    report.refresh_from_db()
    assert report.status == "submitted"


def test_a_return_that_is_refused_asks_nothing(cast: Any, denise: Client, report: Report) -> None:
    services.return_report(report=report, actor=cast.didier, note="More.")
    sent(report, cast.ana, cast.beto)
    review(denise, "return", version="1", **{"ask-PRV-01-text": "How many?"})
    assert not Question.objects.exists()


def test_what_changed_since_the_version_before_is_marked(cast: Any, denise: Client, report: Report) -> None:
    services.return_report(report=report, actor=cast.denise, note="More.")
    answer(report.entries.get(activity__code="PRV-02"), cast.ana)
    sent(report, cast.ana, cast.beto)
    summary = denise.get(url("review_detail", CR)).context["summary"]
    assert {a.code: a.changed for a in summary.changed} == {"PRV-02": ["Status", "What was done"]}


@pytest.mark.parametrize("do", ["", "nonsense", "ask:NOT-99", "resolve:none"])
def test_a_forged_button_does_nothing(denise: Client, report: Report, do: str) -> None:
    response = denise.post(url("review_detail", CR), {"do": do})
    assert response.status_code in (302, 404)
    report.refresh_from_db()
    assert (report.status, Question.objects.count()) == ("submitted", 0)


def test_a_question_of_another_report_cannot_be_resolved_here(cast: Any, denise: Client, report: Report) -> None:
    other = sent(Report.objects.get(reference="GT-2014-1"), cast.carla, cast.ciro)
    activity = other.entries.all()[0].activity
    question = services.ask_question(report=other, activity=activity, field="status", text="Why?", actor=cast.denise)
    assert review(denise, f"resolve:{question.public_id}").status_code == 404
    question.refresh_from_db()
    assert question.status == "open"


def test_an_officer_of_the_meeting_reviews_the_secretariat_on_the_same_page(
    cast: Any, client: Client, report: Report
) -> None:
    own = sent(Report.objects.get(reference="SG-2014-1"), cast.denise, cast.didier)
    for person in ("denise", "didier"):
        client.force_login(getattr(cast, person))
        assert client.get(url("review_detail", "SG-2014-1")).status_code == 403
    client.force_login(cast.evan)
    assert review(client, "accept", "SG-2014-1").url == url("review_queue")
    own.refresh_from_db()
    assert own.status == "accepted"
    assert post_as(client, cast.evan, url("review_detail", CR), {"do": "accept"}).status_code == 403


def test_a_whole_cycle_ends_with_two_versions_and_one_accepted(cast: Any, denise: Client, open_round: Any) -> None:
    report = submit(Report.objects.get(reference=CR), cast.ana, cast.beto)
    review(denise, "ask:PRV-01", **{"ask-PRV-01-text": "How many?"})
    review(denise, "return", note="One question.")
    question = Question.objects.get()
    services.answer_question(question=question, text="Seis.", actor=cast.ana)
    answer(report.entries.get(activity__code="PRV-01"), cast.ana, results="Seis.")
    report.refresh_from_db()
    sent(report, cast.ana, cast.beto)
    denise.force_login(cast.denise)
    review(denise, f"resolve:{question.public_id}")
    review(denise, "accept")
    report.refresh_from_db()
    assert (report.status, report.accepted_version.number, ReportVersion.objects.count()) == ("accepted", 2, 2)


def test_what_was_typed_to_ask_goes_along_with_the_return(cast: Any, denise: Client, report: Report) -> None:
    wrong = review(denise, "return", **{"ask-PRV-01-text": "x" * 2001})
    assert (wrong.status_code, Question.objects.count()) == (422, 0)
    response = review(denise, "return", **{"ask-PRV-01-text": "How many?", "ask-PRV-02-text": "Where?"})
    assert response.url == url("review_queue")
    report.refresh_from_db()
    assert report.status == "returned"
    asked = set(Question.objects.values_list("activity__code", "text"))
    assert asked == {("PRV-01", "How many?"), ("PRV-02", "Where?")}


def test_a_question_that_was_typed_and_not_asked_is_not_dropped(denise: Client, report: Report) -> None:
    refused = review(denise, "accept", **{"ask-PRV-02-text": "What is left?"})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "PRV-02: this question is not asked yet" in html
    assert 'href="#id_ask-PRV-02-text"' in html
    assert "What is left?" in html
    assert Report.objects.get(reference=CR).status == "submitted"
    assert review(denise, "accept", **{"ask-PRV-02-text": ""}).status_code == 302


def test_a_long_wait_is_told_by_its_date_and_not_in_days() -> None:
    waits = {days: ReportRow(Report(), "", "", ("", ""), "", days).waits for days in (0, 365, 366, 4527)}
    assert waits == {0: "0", 365: "365", 366: "over a year", 4527: "over a year"}


# --- the Secretariat's own report ----------------------------------------------------------------


def test_the_words_of_a_review_fit_who_is_reviewed(cast: Any, client: Client, report: Report) -> None:
    """The officers of the Meeting review the Secretariat: there is no State in it."""
    own = Report.objects.get(reference="SG-2014-1")
    code = own.entries.select_related("activity")[0].activity.code
    answer(own.entries.get(activity__code=code), cast.denise)
    sent(own, cast.denise, cast.didier)
    labels = {}
    for person, reference, about in ((cast.denise, CR, "PRV-01"), (cast.evan, "SG-2014-1", code)):
        client.force_login(person)
        page = client.get(url("review_detail", reference))
        ratings = [answer.extra["rating"] for area in page.context["areas"] for answer in area.answers]
        labels[reference] = {str(rating.fields["status"].label) for rating in ratings}
        refused = review(client, "accept", reference, **{f"rate-{about}-status": "planned"})
        assert f"{about}: say why your rating differs from the self-rating" in refused.content.decode()
    assert labels == {CR: {"Secretariat’s rating"}, "SG-2014-1": {"Rating by the officers of the Meeting"}}
    text = page.content.decode()
    assert "the State" not in text
    with pytest.raises(PortalError, match="differs from the self-rating"):
        services.accept(report=own, actor=cast.evan, ratings={code: services.RatingData("planned")})
