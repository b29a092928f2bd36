"""Steps of a report: every step from every status by everybody, and what the database holds on its own."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import AuditEvent
from tests.conftest import owner_cursor
from tests.factories.accounts import give_role, make_cast
from tests.factories.workplan import answer, make_open_round, submit
from workplan import services
from workplan.enums import TRANSITIONS, ReportStatus, Step
from workplan.models import Activity, Rating, Report, ReportVersion, StatusChange

PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")
TAKE: dict[str, Callable[..., Any]] = {
    Step.SEND_TO_COORDINATOR: services.send_to_coordinator,
    Step.TAKE_BACK: services.take_back,
    Step.RETURN_TO_AUTHOR: lambda **kw: services.return_to_author(note="Falta el texto.", **kw),
    Step.APPROVE: services.approve,
    Step.RETURN: lambda **kw: services.return_report(note="Please say more.", **kw),
    Step.ACCEPT: lambda **kw: services.accept(ratings={}, **kw),
    Step.WITHDRAW: services.withdraw,
    Step.ASK_RETURN: lambda **kw: services.ask_return(note="Una cifra está mal.", **kw),
    Step.REOPEN: lambda **kw: services.reopen(note="A court ruling changes two answers.", **kw),
    Step.FILE_FOR_STATE: lambda **kw: services.file_for_state(filing=FILING, **kw),
}
FILING = services.Filing(channel="note_verbale", received_on=date(2014, 7, 1), received_as="NV 14/2014")
STATES_OWN = {"ana", "beto", "bruno"}
# Who takes which step on Costa Rica's report. Ana sends it in this set-up.
MAY_COSTA_RICA = {
    Step.SEND_TO_COORDINATOR: {"ana", "beto"},
    Step.TAKE_BACK: {"ana", "beto"},
    Step.RETURN_TO_AUTHOR: {"beto", "bruno"},
    Step.APPROVE: {"beto", "bruno"},
    Step.RETURN: {"denise", "didier"},
    Step.ACCEPT: {"denise", "didier"},
    Step.WITHDRAW: {"beto", "bruno"},
    Step.ASK_RETURN: {"beto", "bruno"},
    Step.REOPEN: {"denise", "didier"},
    Step.FILE_FOR_STATE: set(),
}
# And on the Secretariat's own, which Denise sends.
MAY_SECRETARIAT = {
    Step.SEND_TO_COORDINATOR: {"denise", "didier"},
    Step.TAKE_BACK: {"denise", "didier"},
    Step.RETURN_TO_AUTHOR: {"didier"},
    Step.APPROVE: {"didier"},
    Step.RETURN: {"evan"},
    Step.ACCEPT: {"evan"},
    Step.WITHDRAW: {"didier"},
    Step.ASK_RETURN: {"didier"},
    Step.REOPEN: {"evan"},
    Step.FILE_FOR_STATE: set(),
}


def bring_to(report: Report, status: str, author: Any, approver: Any, reviewer: Any) -> Report:
    """Take the steps that lead there, as people would."""
    way: dict[str, list[tuple[str, Any]]] = {
        ReportStatus.IN_PREPARATION: [],
        ReportStatus.WITH_COORDINATOR: [(Step.SEND_TO_COORDINATOR, author)],
        ReportStatus.SUBMITTED: [(Step.SEND_TO_COORDINATOR, author), (Step.APPROVE, approver)],
        ReportStatus.RETURNED: [
            (Step.SEND_TO_COORDINATOR, author),
            (Step.APPROVE, approver),
            (Step.RETURN, reviewer),
        ],
        ReportStatus.ACCEPTED: [
            (Step.SEND_TO_COORDINATOR, author),
            (Step.APPROVE, approver),
            (Step.ACCEPT, reviewer),
        ],
    }
    for step, actor in way[status]:
        TAKE[step](report=report, actor=actor)
    report.refresh_from_db()
    assert report.status == status
    return report


def outcome(report: Report, step: str, actor: Any) -> str:
    """What the step does: "done", "too early or late" or "refused"; whatever it did is undone."""
    try:
        with transaction.atomic():
            TAKE[step](report=report, actor=actor)
            raise InterruptedError
    except InterruptedError:
        return "done"
    except StepRefused:
        return "too early or late"
    except NotAllowed:
        return "refused"


def check_matrix(cast: Any, report: Report, may: dict[str, set[str]], *way: Any) -> None:
    for status in ReportStatus.values:
        with transaction.atomic():
            bring_to(report, status, *way)
            for step, transition in TRANSITIONS.items():
                found = {name: outcome(report, step, getattr(cast, name)) for name in PEOPLE}
                # Filing for a State comes after the round; see below.
                if status in transition.sources and step != Step.FILE_FOR_STATE:
                    expected = {name: "done" if name in may[step] else "refused" for name in PEOPLE}
                else:
                    expected = dict.fromkeys(PEOPLE, "too early or late")
                assert found == expected, (status, step)
            transaction.set_rollback(True)
        report.refresh_from_db()


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference="CR-2014-1")


def test_every_step_from_every_status_by_everybody(cast: Any, report: Report) -> None:
    check_matrix(cast, report, MAY_COSTA_RICA, cast.ana, cast.beto, cast.denise)


def test_every_step_of_the_secretariats_own_report(cast: Any, open_round: Any) -> None:
    own = Report.objects.get(reference="SG-2014-1")
    check_matrix(cast, own, MAY_SECRETARIAT, cast.denise, cast.didier, cast.evan)


def test_a_step_leaves_one_change_and_one_audit_event(cast: Any, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    changes = StatusChange.objects.values_list("step", "from_status", "to_status", "by__full_name")
    assert list(changes) == [("send_to_coordinator", "in_preparation", "with_coordinator", "Ana")]
    events = AuditEvent.objects.filter(chain="CR", verb__startswith="report.")
    assert [(event.verb, event.actor_id) for event in events] == [("report.send_to_coordinator", cast.ana.pk)]


# --- two people ----------------------------------------------------------------------------------


def test_who_sent_a_report_does_not_approve_it(cast: Any, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.beto)
    with pytest.raises(NotAllowed):
        services.approve(report=report, actor=cast.beto)
    services.approve(report=report, actor=cast.bruno)


def test_a_declared_one_person_office_does_both_and_the_record_says_so(cast: Any, report: Report) -> None:
    cast.costa_rica.one_person_office = True
    cast.costa_rica.save()
    services.send_to_coordinator(report=report, actor=cast.beto)
    services.approve(report=report, actor=cast.beto)
    report.refresh_from_db()
    assert (report.sent_by, report.approved_by, report.one_person_office) == (cast.beto, cast.beto, True)


def test_the_database_refuses_an_approval_by_the_sender(cast: Any, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.beto)
    with pytest.raises(IntegrityError, match="report_author_is_not_approver"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(approved_by=cast.beto)
    Report.objects.filter(pk=report.pk).update(approved_by=cast.bruno)


def test_nobody_reviews_what_they_approved_in_an_earlier_role(cast: Any, report: Report) -> None:
    bring_to(report, ReportStatus.SUBMITTED, cast.ana, cast.beto, cast.denise)
    today = timezone.localdate()
    cast.beto.role_assignments.update(valid_to=today - timedelta(days=1))
    give_role(cast.beto, cast.secretariat, "secretariat_officer", valid_from=today)
    with pytest.raises(NotAllowed):
        services.accept(report=report, actor=cast.beto, ratings={})
    services.accept(report=report, actor=cast.denise, ratings={})


# --- closed rounds -------------------------------------------------------------------------------


def test_after_closing_only_what_was_submitted_goes_on(cast: Any, report: Report) -> None:
    late = Report.objects.get(reference="GT-2014-1")
    bring_to(report, ReportStatus.RETURNED, cast.ana, cast.beto, cast.denise)
    services.close_round(round=report.round, actor=cast.denise)
    answer(report.entries.all()[0], cast.ana)
    bring_to(report, ReportStatus.WITH_COORDINATOR, cast.ana, cast.beto, cast.denise)
    with pytest.raises(StepRefused):
        services.send_to_coordinator(report=late, actor=cast.carla)
    with pytest.raises(NotAllowed):
        answer(late.entries.all()[0], cast.carla)


# --- what was sent -------------------------------------------------------------------------------


def test_a_version_is_exactly_what_stood_there_and_stays_so(cast: Any, report: Report) -> None:
    entry = report.entries.get(activity__code="PRV-01")
    answer(entry, cast.ana, narrative="Primera.", actions=[])
    bring_to(report, ReportStatus.RETURNED, cast.ana, cast.beto, cast.denise)
    entry.refresh_from_db()
    answer(entry, cast.ana, narrative="Segunda.")
    bring_to(report, ReportStatus.SUBMITTED, cast.ana, cast.beto, cast.denise)
    texts = {version.number: version.content["entries"][0]["narrative"] for version in report.versions.all()}
    assert texts == {1: "Primera.", 2: "Segunda."}
    for version in report.versions.all():
        assert version.sha256 == content_hash(version.content)


@pytest.mark.parametrize("model", [ReportVersion, StatusChange, Rating])
def test_the_application_can_neither_change_nor_delete_what_was_recorded(cast: Any, report: Report, model: Any) -> None:
    bring_to(report, ReportStatus.ACCEPTED, cast.ana, cast.beto, cast.denise)
    assert model.objects.exists()
    for write in (lambda: model.objects.update(id=F("id")), lambda: model.objects.all()._raw_delete("default")):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            write()


def test_an_approval_of_text_that_changed_meanwhile_is_refused(cast: Any, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    with pytest.raises(StaleVersion):
        services.approve(report=report, actor=cast.beto, seen="0" * 64)
    report.refresh_from_db()
    assert (report.status, report.versions.count()) == ("with_coordinator", 0)


def test_a_decision_on_an_older_version_is_refused(cast: Any, report: Report) -> None:
    bring_to(report, ReportStatus.RETURNED, cast.ana, cast.beto, cast.denise)
    bring_to(report, ReportStatus.SUBMITTED, cast.ana, cast.beto, cast.denise)
    for decide in (
        lambda: services.accept(report=report, actor=cast.didier, ratings={}, version=1),
        lambda: services.return_report(report=report, actor=cast.didier, note="Read.", version=1),
    ):
        with pytest.raises(StaleVersion):
            decide()
    services.accept(report=report, actor=cast.didier, ratings={}, version=2)


# --- returning and accepting ---------------------------------------------------------------------


def test_a_report_goes_back_with_a_word(cast: Any, report: Report) -> None:
    bring_to(report, ReportStatus.WITH_COORDINATOR, cast.ana, cast.beto, cast.denise)
    with pytest.raises(PortalError):
        services.return_to_author(report=report, actor=cast.beto, note="  ")
    services.approve(report=report, actor=cast.beto)
    with pytest.raises(PortalError):
        services.return_report(report=report, actor=cast.denise, note="")


def test_ratings_stand_beside_the_self_rating(cast: Any, report: Report) -> None:
    submit(report, cast.ana, cast.beto)
    given = {"PRV-01": services.RatingData("planned", "Nothing was carried out.")}
    services.accept(report=report, actor=cast.denise, ratings=given)
    rows = {r.activity.code: (r.self_status, r.status) for r in Rating.objects.select_related("activity")}
    assert rows.pop("PRV-01") == ("partial", "planned")
    assert set(rows.values()) == {("partial", "partial")}
    assert len(rows) == report.entries.count() - 1


@pytest.mark.parametrize(
    "given",
    [
        {"PRV-01": services.RatingData("planned")},
        {"PRV-01": services.RatingData("planned", "  ")},
        {"PRV-01": services.RatingData("excellent", "No such word.")},
        {"NOT-99": services.RatingData("partial")},
    ],
)
def test_a_rating_that_breaks_a_rule_accepts_nothing(cast: Any, report: Report, given: Any) -> None:
    submit(report, cast.ana, cast.beto)
    with pytest.raises(PortalError):
        services.accept(report=report, actor=cast.denise, ratings=given)
    report.refresh_from_db()
    assert (report.status, Rating.objects.count()) == ("submitted", 0)


def test_the_database_wants_a_reason_for_a_difference(cast: Any, report: Report) -> None:
    submit(report, cast.ana, cast.beto)
    rating = Rating(
        version=report.versions.get(),
        activity=Activity.objects.get(code="PRV-01", catalogue=report.round.catalogue),
        status="planned",
        self_status="partial",
        rated_by=cast.denise,
    )
    with pytest.raises(IntegrityError, match="rating_difference_has_reason"), transaction.atomic():
        rating.save()


# --- questions -----------------------------------------------------------------------------------


@pytest.fixture
def asked(cast: Any, report: Report) -> Any:
    bring_to(report, ReportStatus.SUBMITTED, cast.ana, cast.beto, cast.denise)
    activity = report.entries.all()[0].activity
    return services.ask_question(
        report=report, activity=activity, field="narrative", text="How many?", actor=cast.denise
    )


def test_who_asks_answers_and_resolves(cast: Any, report: Report, asked: Any) -> None:
    def who(act: Callable[[Any], Any]) -> set[str]:
        able = set()
        for name in PEOPLE:
            try:
                with transaction.atomic():
                    act(getattr(cast, name))
                    transaction.set_rollback(True)
            except NotAllowed:
                continue
            able.add(name)
        return able

    ask = {"report": report, "activity": asked.activity, "field": "results", "text": "Why?"}
    assert who(lambda user: services.ask_question(**ask, actor=user)) == {"denise", "didier"}
    assert who(lambda user: services.answer_question(question=asked, text="Seis.", actor=user)) == STATES_OWN
    assert who(lambda user: services.resolve_question(question=asked, actor=user)) == {"denise", "didier"}


def test_a_report_is_not_accepted_with_a_question_open(cast: Any, report: Report, asked: Any) -> None:
    with pytest.raises(PortalError):
        services.accept(report=report, actor=cast.denise, ratings={})
    services.answer_question(question=asked, text="Seis.", actor=cast.ana)
    with pytest.raises(PortalError):
        services.accept(report=report, actor=cast.denise, ratings={})
    services.resolve_question(question=asked, actor=cast.denise)
    services.accept(report=report, actor=cast.denise, ratings={})


def test_a_question_or_answer_sent_twice_is_one(cast: Any, report: Report, asked: Any) -> None:
    again = services.ask_question(
        report=report, activity=asked.activity, field="narrative", text="How many?", actor=cast.denise
    )
    assert again == asked
    for _ in range(2):
        services.answer_question(question=asked, text="Seis.", actor=cast.ana)
    assert (report.questions.count(), asked.replies.count()) == (1, 1)
    services.answer_question(question=asked, text="Siete.", actor=cast.ana)
    assert asked.replies.count() == 2


# --- at the same moment --------------------------------------------------------------------------


def race(*acts: Callable[[], Any]) -> list[str]:
    """Run the acts at once, each on its own connection; the names of what they raised, or "done"."""
    results: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            act()
            results.append("done")
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_the_same_moment_make_one_version() -> None:
    cast = make_cast()
    make_open_round(cast)
    report = Report.objects.get(reference="CR-2014-1")
    services.send_to_coordinator(report=report, actor=cast.ana)
    results = race(
        lambda: services.approve(report=report, actor=cast.beto),
        lambda: services.approve(report=report, actor=cast.bruno),
    )
    assert results == ["StepRefused", "done"]
    assert list(report.versions.values_list("number", flat=True)) == [1]


@pytest.mark.django_db(transaction=True)
def test_accepting_and_returning_at_the_same_moment_do_one() -> None:
    cast = make_cast()
    make_open_round(cast)
    report = Report.objects.get(reference="CR-2014-1")
    bring_to(report, ReportStatus.SUBMITTED, cast.ana, cast.beto, cast.denise)
    results = race(
        lambda: services.accept(report=report, actor=cast.denise, ratings={}),
        lambda: services.return_report(report=report, actor=cast.didier, note="More."),
    )
    assert results == ["StepRefused", "done"]
    report.refresh_from_db()
    assert (report.status == "accepted") == Rating.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_saves_of_one_entry_at_the_same_moment_keep_one_and_tell_the_other() -> None:
    cast = make_cast()
    make_open_round(cast)
    entry = Report.objects.get(reference="CR-2014-1").entries.all()[0]
    texts = {"ana": "De Ana.", "beto": "De Beto."}
    results = race(
        lambda: answer(entry, cast.ana, narrative=texts["ana"]),
        lambda: answer(entry, cast.beto, narrative=texts["beto"]),
    )
    entry.refresh_from_db()
    assert (results, entry.version, entry.narrative in texts.values()) == (["StaleVersion", "done"], 2, True)


def test_the_owner_alone_could_touch_a_version(cast: Any, report: Report) -> None:
    """The refusals above come from the database's rights, not from an empty table."""
    with owner_cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('workplan_reportversion', 'UPDATE')")
        assert cursor.fetchone()[0]
