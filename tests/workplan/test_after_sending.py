"""After a report was sent: taking back, asking for return, reopening, filing for a State, freezing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import AuditEvent
from evaluations.models import Evaluation
from evaluations.queries.snapshot import build_snapshot
from tests.factories.workplan import answer, submit
from tests.workplan.pages import post_as, sent, url
from workplan import services
from workplan.enums import Step
from workplan.models import Evidence, Question, Rating, Report, ReportVersion, ReviewOpening
from workplan.services import Filing

FILING = Filing(channel="letter", received_on=date(2014, 7, 2), received_as="DM-114-2014")


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference="CR-2014-1")


def standing(report: Report) -> tuple[str, bool]:
    report.refresh_from_db()
    return report.status, report.submitted_at is not None


# --- taking back ---------------------------------------------------------------------------------


def test_a_report_can_be_taken_back_until_somebody_opens_it(cast: Any, report: Report, client: Client) -> None:
    sent(report, cast.ana, cast.beto)
    post_as(client, cast.beto, url("report_step", report.reference, "withdraw"))
    assert standing(report) == ("in_preparation", False)
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.denise)
    client.get(url("review_detail", report.reference))
    assert [(o.version.number, o.by) for o in ReviewOpening.objects.all()] == [(2, cast.denise)]
    client.force_login(cast.beto)
    page = client.get(url("report_detail", report.reference)).content.decode()
    assert "Take back from the Secretariat" not in page
    assert url("report_reason", report.reference, "ask_return") in page
    with pytest.raises(StepRefused):
        services.withdraw(report=report, actor=cast.beto)
    assert standing(report) == ("submitted", True)


def test_only_a_reviewers_look_counts_as_opening(cast: Any, report: Report, client: Client) -> None:
    sent(report, cast.ana, cast.beto)
    for person in (cast.ana, cast.beto, cast.bruno, cast.evan):
        client.force_login(person)
        assert client.get(url("report_version", report.reference, 1)).status_code == 200
    assert not ReviewOpening.objects.exists()
    client.force_login(cast.didier)
    client.get(url("report_version", report.reference, 1))
    assert ReviewOpening.objects.get().by == cast.didier


def test_what_was_taken_back_unread_stays_unread(cast: Any, report: Report, client: Client) -> None:
    entry = report.entries.get(activity__code="PRV-01")
    answer(entry, cast.ana, narrative="Cifra equivocada.")
    services.attach_address(
        entry=entry, data=services.EvidenceData("web_page", "Nota", "es"), url="https://example.org/a", actor=cast.ana
    )
    sent(report, cast.ana, cast.beto)
    services.withdraw(report=report, actor=cast.beto)
    assert not Evidence.objects.visible_to(cast.denise).exists()
    entry.refresh_from_db()
    answer(entry, cast.ana, narrative="Cifra corregida.")
    sent(report, cast.ana, cast.beto)
    seen = {
        name: set(ReportVersion.objects.visible_to(getattr(cast, name)).values_list("number", flat=True))
        for name in ("ana", "bruno", "denise", "evan", "carla")
    }
    assert seen == {"ana": {1, 2}, "bruno": {1, 2}, "denise": {2}, "evan": {2}, "carla": set()}
    assert Evidence.objects.visible_to(cast.denise).get().first_version.number == 2
    client.force_login(cast.denise)
    for address in (
        url("review_detail", report.reference),
        url("report_history", report.reference),
        url("report_detail", report.reference),
        url("report_version", report.reference, 2),
    ):
        page = client.get(address).content.decode()
        assert "equivocada" not in page
        assert url("report_version", report.reference, 1) not in page
    assert client.get(url("report_version", report.reference, 1)).status_code == 404


def test_after_closing_nothing_is_taken_back_that_could_not_be_sent_again(cast: Any, report: Report) -> None:
    sent(report, cast.ana, cast.beto)
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(StepRefused, match="could not send it again"):
        services.withdraw(report=report, actor=cast.beto)
    assert standing(report) == ("submitted", True)


def test_a_second_version_is_taken_back_even_after_closing(cast: Any, report: Report) -> None:
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="Más.")
    services.close_round(round=report.round, actor=cast.denise)
    sent(report, cast.ana, cast.beto)
    services.withdraw(report=report, actor=cast.beto)
    assert standing(report) == ("in_preparation", True)
    sent(report, cast.ana, cast.beto)


# --- asking for return ---------------------------------------------------------------------------


def test_the_state_asks_once_and_the_reviewer_reads_why(cast: Any, report: Report, client: Client) -> None:
    sent(report, cast.ana, cast.beto)
    address = url("report_reason", report.reference, "ask_return")
    assert post_as(client, cast.ana, address, {"note": "x"}).status_code == 403
    assert post_as(client, cast.beto, address, {"note": " "}).status_code == 422
    for _ in range(2):  # a double click is one wish
        assert post_as(client, cast.beto, address, {"note": "Falta una ley."}).status_code == 302
    assert list(report.changes.filter(step=Step.ASK_RETURN).values_list("note", flat=True)) == ["Falta una ley."]
    assert standing(report) == ("submitted", True)
    client.force_login(cast.denise)
    assert "Falta una ley." in client.get(url("review_detail", report.reference)).content.decode()
    services.return_report(report=report, actor=cast.denise, note="Here it is.")
    assert standing(report) == ("returned", True)


# --- reopening -----------------------------------------------------------------------------------


def test_a_reopened_report_gets_a_new_version_and_the_accepted_one_stays(
    cast: Any, report: Report, client: Client
) -> None:
    submit(report, cast.ana, cast.beto)
    services.accept(report=report, actor=cast.denise, ratings={})
    address = url("report_reason", report.reference, "reopen")
    assert post_as(client, cast.beto, address, {"note": "x"}).status_code == 403
    assert post_as(client, cast.denise, address, {"note": ""}).status_code == 422
    assert post_as(client, cast.denise, address, {"note": "Sentencia nueva."}).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.accepted_version, report.accepted_at) == ("returned", None, None)
    client.force_login(cast.beto)
    assert "Sentencia nueva." in client.get(url("report_detail", report.reference)).content.decode()
    for person in (cast.ana, cast.denise, cast.evan):
        client.force_login(person)
        assert client.get(url("report_version", report.reference, 1)).status_code == 200
    sent(report, cast.ana, cast.beto)
    services.accept(report=report, actor=cast.denise, ratings={})
    report.refresh_from_db()
    assert report.accepted_version.number == 2
    assert set(Rating.objects.values_list("version__number", flat=True)) == {1, 2}


def test_an_evaluation_counts_a_reopened_report_as_sent_and_not_as_accepted(cast: Any, report: Report) -> None:
    evaluation = Evaluation.objects.create(
        plan=report.round.plan, round=report.round, created_by=cast.denise, symbol="RTP-IV/doc.6/14", states=["CR"]
    )

    def in_evaluation() -> dict[str, Any]:
        found = build_snapshot(evaluation)
        return dict(next(r for r in found["rounds"] if r["code"] == "2014-1")["reports"]["CR"])

    submit(report, cast.ana, cast.beto)
    services.accept(report=report, actor=cast.denise, ratings={})
    assert in_evaluation()["standing"] == "accepted"
    services.reopen(report=report, actor=cast.denise, note="Sentencia nueva.")
    assert in_evaluation() == {"standing": "submitted"}


# --- filing for a State --------------------------------------------------------------------------


def fill_for(report: Report, officer: Any) -> None:
    """As an import on behalf leaves it."""
    report.entries.filter(activity__code="PRV-01").update(
        status="planned", narrative="Según la carta.", version=2, updated_by=officer
    )


def test_the_secretariat_files_what_came_by_letter(cast: Any, report: Report) -> None:
    fill_for(report, cast.denise)
    with pytest.raises(StepRefused):
        services.file_for_state(report=report, filing=FILING, actor=cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    for person in (cast.ana, cast.beto, cast.bruno, cast.carla, cast.evan):
        with pytest.raises(NotAllowed):
            services.file_for_state(report=report, filing=FILING, actor=person)
    version = services.file_for_state(report=report, filing=FILING, actor=cast.denise)
    assert (version.channel, version.received_on, version.received_as) == ("letter", date(2014, 7, 2), "DM-114-2014")
    event = AuditEvent.objects.get(verb="report.file_for_state")
    assert (event.chain, event.actor, event.data["channel"]) == ("CR", cast.denise, "letter")
    with pytest.raises(NotAllowed):  # who filed it does not review it
        services.accept(report=report, actor=cast.denise, ratings={})
    services.accept(report=report, actor=cast.didier, ratings={})


@pytest.mark.parametrize(
    "filing",
    [
        Filing("letter", date(2014, 7, 2), "  "),
        Filing("letter", timezone.localdate() + timedelta(days=3), "DM-114-2014"),
    ],
)
def test_a_filing_says_what_it_rests_on(cast: Any, report: Report, filing: Filing) -> None:
    fill_for(report, cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(PortalError):
        services.file_for_state(report=report, filing=filing, actor=cast.denise)
    assert standing(report) == ("in_preparation", False)


def test_an_empty_report_is_not_filed(cast: Any, report: Report) -> None:
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(PortalError):
        services.file_for_state(report=report, filing=FILING, actor=cast.denise)


def test_a_draft_of_the_state_is_never_filed_by_others(cast: Any, report: Report) -> None:
    answer(report.entries.get(activity__code="PRV-02"), cast.ana)
    fill_for(report, cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(NotAllowed):
        services.file_for_state(report=report, filing=FILING, actor=cast.denise)


def test_the_database_wants_the_whole_filing_or_none(cast: Any, report: Report) -> None:
    fields = {"report": report, "number": 1, "content": {}, "sha256": "0" * 64, "submitted_by": cast.denise}
    for filed in ({"channel": "letter"}, {"received_as": "x"}, {"channel": "letter", "received_as": "x"}):
        with pytest.raises(DatabaseError, match="report_version_filed_says_how"), transaction.atomic():
            ReportVersion.objects.create(**fields, **filed)


# --- freezing ------------------------------------------------------------------------------------


def freeze(report: Report, actor: Any) -> None:
    services.close_round(round=report.round, actor=actor)
    services.freeze_round(round=report.round, actor=actor)


def test_only_a_closed_period_is_frozen_and_only_by_the_secretariat(cast: Any, report: Report) -> None:
    with pytest.raises(StepRefused):
        services.freeze_round(round=report.round, actor=cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    for person in (cast.beto, cast.evan, cast.iris):
        with pytest.raises(NotAllowed):
            services.freeze_round(round=report.round, actor=person)
    services.freeze_round(round=report.round, actor=cast.denise)
    report.round.refresh_from_db()
    assert (report.round.status, report.round.frozen_at is not None) == ("frozen", True)


def test_nothing_moves_in_a_frozen_period(cast: Any, report: Report) -> None:
    submit(report, cast.ana, cast.beto)
    activity = report.entries.all()[0].activity
    question = services.ask_question(
        report=report, activity=activity, field="results", text="How many?", actor=cast.denise
    )
    freeze(report, cast.denise)
    other = Report.objects.get(reference="GT-2014-1")
    attempts = {
        "accept": lambda: services.accept(report=report, actor=cast.denise, ratings={}),
        "return": lambda: services.return_report(report=report, actor=cast.denise, note="x"),
        "withdraw": lambda: services.withdraw(report=report, actor=cast.beto),
        "ask return": lambda: services.ask_return(report=report, actor=cast.beto, note="x"),
        "ask": lambda: services.ask_question(
            report=report, activity=activity, field="status", text="x", actor=cast.denise
        ),
        "answer": lambda: services.answer_question(question=question, text="x", actor=cast.ana),
        "resolve": lambda: services.resolve_question(question=question, actor=cast.denise),
        "write": lambda: answer(other.entries.all()[0], cast.carla),
        "file": lambda: services.file_for_state(report=other, filing=FILING, actor=cast.denise),
        "more time": lambda: services.request_extension(
            report=other, requested_date=date(2030, 1, 1), reason="x", actor=cast.ciro
        ),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (StepRefused, NotAllowed):
            continue
        pytest.fail(name)
    assert standing(report) == ("submitted", True)


def test_the_database_itself_refuses_to_change_a_frozen_period(cast: Any, report: Report) -> None:
    submit(report, cast.ana, cast.beto)
    freeze(report, cast.denise)
    writes = {
        "round": lambda: type(report.round).objects.filter(pk=report.round_id).update(status="open", frozen_at=None),
        "report": lambda: Report.objects.filter(pk=report.pk).update(status="returned"),
        "entry": lambda: report.entries.update(narrative="x"),
        "entry away": lambda: report.entries.all()._raw_delete("default"),
        "version": lambda: ReportVersion.objects.create(
            report=report, number=9, content={}, sha256="0" * 64, submitted_by=cast.beto
        ),
        "question": lambda: Question.objects.create(
            report=report,
            activity=report.entries.all()[0].activity,
            version=report.versions.get(),
            field="status",
            text="x",
            language="en",
            asked_by=cast.denise,
        ),
    }
    for name, write in writes.items():
        with pytest.raises(DatabaseError, match="is frozen") as refusal, transaction.atomic():
            write()
        assert refusal.value, name
