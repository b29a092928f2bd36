"""Before a build: who is missing, remind them, leave them out with a reason, and what follows for the figures."""

import random
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Institution, State
from core.canonical import content_hash
from core.models import AuditEvent
from evaluations import services
from evaluations.delivery.sentences import Narrator
from evaluations.enums import UnitKind
from evaluations.models import Evaluation, Exclusion
from evaluations.queries.figures import answers, reporters, summarize
from evaluations.queries.preflight import preflight
from evaluations.queries.snapshot import build_snapshot, build_written
from evaluations.queries.statistics import ToldLess, changed
from evaluations.queries.translations import units_of
from indicators.enums import CATALOGUE, releases_of
from tests.factories.evaluations import accept, make_evaluation
from workplan.models import Notification, Question, Report, ReportVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    return make_evaluation(cast, accepted=4, submitted=2)


def missing(evaluation: Evaluation) -> State:
    report = Report.objects.filter(round=evaluation.round, submitted_at=None, state__isnull=False).first()
    assert report is not None
    assert report.state is not None
    return report.state


def address(name: str, evaluation: Evaluation, state: State) -> str:
    return reverse(name, args=[evaluation.public_id, state.iso2.lower()])


def exclude(evaluation: Evaluation, state: State, actor: Any) -> Exclusion:
    return services.exclude_state(
        evaluation=evaluation, state=state, reason="Pidió no ser incluido.", language="es", actor=actor
    )


def test_preflight_counts_who_is_accepted_late_and_left_out(evaluation: Evaluation, cast: Any) -> None:
    exclude(evaluation, missing(evaluation), cast.denise)
    found = preflight(evaluation)
    reports = Report.objects.filter(round=evaluation.round, state__isnull=False)
    assert (found.total, found.accepted, found.excluded) == (reports.count(), 4, 1)
    assert {row.report.pk for row in found.awaited} == set(
        reports.filter(accepted_version=None).values_list("pk", flat=True)
    )
    assert found.late == reports.filter(submitted_at=None).count()  # the date was in 2014
    assert found.told_less is None  # nothing published


def test_page_says_it(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    state = missing(evaluation)
    page = client.get(reverse("evaluation_preflight", args=[evaluation.public_id])).content.decode()
    assert address("evaluation_remind", evaluation, state) in page
    assert address("evaluation_exclude", evaluation, state) in page
    assert "No release of statistics is used" in page
    assert "0 questions to States are not settled." in page


def test_page_names_translations_and_tables_and_leads_to_the_questions(
    evaluation: Evaluation, cast: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first build; what is not reviewed counts in each language but its own."""
    exclude(evaluation, missing(evaluation), cast.denise)
    found = preflight(evaluation)
    assert found.unreviewed == {"es": 0, "en": 1, "fr": 1, "pt-br": 1}
    report = Report.objects.get(round=evaluation.round, state=missing_sent(evaluation))
    version = ReportVersion.objects.create(report=report, number=1, content={}, sha256="0" * 64, submitted_by=cast.beto)
    Question.objects.create(
        report=version.report, activity=evaluation.round.catalogue.activities.first(), version=version,
        field="status", text="¿Qué?", language="es", asked_by=cast.denise,
    )  # fmt: skip
    told = [ToldLess(3, 2013, "victims", "victims-by-sex-and-age")]
    monkeypatch.setattr("evaluations.queries.preflight.told_less", lambda _evaluation: told)
    client.force_login(cast.denise)
    page = client.get(reverse("evaluation_preflight", args=[evaluation.public_id])).content.decode()
    assert version.report.state is not None
    assert f"{reverse('review_queue')}?status=all&amp;round=2014-1&amp;state={version.report.state.iso2}" in page
    assert reverse("data_table", args=[3, "victims-by-sex-and-age", 2013]) in page
    assert "Français: 1" in page
    client.force_login(cast.evan)  # an officer of the Meeting is not told which figures the audit touched
    page = client.get(reverse("evaluation_preflight", args=[evaluation.public_id])).content.decode()
    assert reverse("data_table", args=[3, "victims-by-sex-and-age", 2013]) not in page


def test_tables_told_less_are_those_of_the_steps() -> None:
    measure = CATALOGUE["victims-by-sex-and-age"].source.measure
    steps = {f"2012/{measure}": [["merge", "CR", "victims-by-sex-and-age"]], f"2013/{measure}": []}
    assert changed(3, steps) == [ToldLess(3, 2012, measure, "victims-by-sex-and-age")]
    every = {row.table for row in changed(3, {f"2013/{measure}": [["hide", "X", ""]]})}
    assert every == {table.code for table in releases_of(measure)}


def test_page_needs_as_many_queries_for_many_states(
    evaluation: Evaluation, cast: Any, django_assert_max_num_queries: Any
) -> None:
    fresh = Evaluation.objects.with_page_data().get(pk=evaluation.pk)
    with django_assert_max_num_queries(18):
        preflight(fresh)


def test_texts_that_wait_are_those_of_the_whole_data(evaluation: Evaluation, cast: Any) -> None:
    """Read without the rest of it."""
    exclude(evaluation, missing(evaluation), cast.denise)
    report = Report.objects.filter(round=evaluation.round, accepted_version=None, state__isnull=False).last()
    assert report is not None
    accept(report, cast, random.Random(7), "Se abrió una línea de atención.")
    services.save_element(
        evaluation=evaluation, key="PRV-02", seen=0, suggestion="amend", text="Precisar los grupos.", language="es",
        is_draft=False, actor=cast.denise,
    )  # fmt: skip
    whole = build_snapshot(evaluation)
    assert {unit.kind for unit in units_of(whole)} == {UnitKind.QUOTE, UnitKind.EXCLUSION, UnitKind.ELEMENT}
    assert units_of(build_written(evaluation)) == units_of(whole)


def test_left_out_state_is_in_no_figure_and_named_with_its_reason(evaluation: Evaluation, cast: Any) -> None:
    before = build_snapshot(evaluation)
    state = missing(evaluation)
    exclude(evaluation, state, cast.denise)
    after = build_snapshot(evaluation)
    assert set(reporters(before["rounds"][0])) - set(reporters(after["rounds"][0])) == {state.iso2}
    then, now = summarize(before).response, summarize(after).response
    assert (now.total, now.left_out, now.asked, now.rate) == (then.total - 1, (state.iso2,), then.asked, then.rate)
    assert summarize(after).overall.distribution.total == summarize(before).overall.distribution.total - 36
    assert [(row["iso2"], row["reason"]) for row in after["excluded"]] == [(state.iso2, "Pidió no ser incluido.")]
    services.include_state(evaluation=evaluation, state=state, actor=cast.denise)
    assert content_hash(build_snapshot(evaluation)) == content_hash(before)


def test_accepted_report_stays_in(evaluation: Evaluation, cast: Any) -> None:
    accepted = Report.objects.filter(round=evaluation.round, status="accepted", state__isnull=False).first()
    assert accepted is not None
    assert accepted.state is not None
    with pytest.raises(services.StepRefused):
        exclude(evaluation, accepted.state, cast.denise)


def test_exclusion_ends_with_acceptance_and_is_seen(evaluation: Evaluation, cast: Any, client: Client) -> None:
    state = missing(evaluation)
    exclude(evaluation, state, cast.denise)
    accept(Report.objects.get(round=evaluation.round, state=state), cast, random.Random("late"))
    found, data = preflight(evaluation), build_snapshot(evaluation)
    assert (found.accepted, found.excluded, [row.state for row in found.overtaken]) == (5, 0, [state])
    assert data["excluded"] == []
    assert state.iso2 in summarize(data).response.accepted
    assert {answer.reporter for answer in answers(data["rounds"][0], ["PRV-01"], [state.iso2])} == {state.iso2}
    assert state.iso2 in data["answers"]
    client.force_login(cast.denise)
    page = client.get(reverse("evaluation_preflight", args=[evaluation.public_id])).content.decode()
    assert address("evaluation_include", evaluation, state) in page
    services.include_state(evaluation=evaluation, state=state, actor=cast.denise)
    assert preflight(evaluation).overtaken == []
    assert content_hash(build_snapshot(evaluation)) == content_hash(data)


def test_states_left_out_make_participating_states_no_fewer(evaluation: Evaluation, cast: Any) -> None:
    body = Institution.objects.filter(kind="authority", state__isnull=False).select_related("state").first()
    assert body is not None
    Institution.objects.filter(kind="authority").exclude(pk=body.pk).update(confidence="background")
    Institution.objects.filter(pk=body.pk).update(confidence="confirmed", valid_from=None, valid_to=None)
    report = Report.objects.get(round=evaluation.round, state=body.state)
    Report.objects.filter(pk=report.pk).update(
        status="in_preparation", submitted_at=None, accepted_version=None, accepted_at=None, approved_by=None
    )
    assert body.state is not None
    exclude(evaluation, body.state, cast.denise)
    data = build_snapshot(evaluation)
    summary = summarize(data)
    with override("en"):
        told = {s.text: s.figures for s in Narrator(data, summary).tell()}
    accepted, asked = len(summary.response.accepted), Report.objects.filter(round=evaluation.round).count() - 1
    words = f"{accepted} of {asked} participating States have an accepted report for the period 2014-1"
    assert any(text.startswith(words) for text in told)
    assert told[f"For none of the {asked - 1} States is the national authority confirmed or found in a source."] == {
        "n": 0, "total": asked - 1,
    }  # fmt: skip


def test_page_leaves_a_state_out_and_takes_it_in_again(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    state = missing(evaluation)
    page = address("evaluation_exclude", evaluation, state)
    assert client.post(page, {"reason": "", "language": "es"}).status_code == 422
    assert client.post(page, {"reason": "Sin datos.", "language": "es"}).status_code == 302
    assert Exclusion.objects.get().state == state
    assert client.post(address("evaluation_include", evaluation, state)).status_code == 302
    assert not Exclusion.objects.exists()
    verbs = set(AuditEvent.objects.filter(verb__startswith="evaluation.state").values_list("verb", flat=True))
    assert verbs == {"evaluation.state_excluded", "evaluation.state_included"}


def test_state_that_was_not_asked_is_not_found(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    for name in ("evaluation_remind", "evaluation_include"):
        assert client.post(reverse(name, args=[evaluation.public_id, "cu"])).status_code == 404


def test_reminder_reaches_the_state_once_a_day(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    state = cast.ana.role_assignments.first().institution.state
    report = Report.objects.get(round=evaluation.round, state=state)
    Report.objects.filter(pk=report.pk).update(
        status="in_preparation", submitted_at=None, accepted_version=None, accepted_at=None, approved_by=None
    )
    for _time in range(2):
        client.post(address("evaluation_remind", evaluation, state))
    told = Notification.objects.filter(report=report)
    assert cast.ana.pk in set(told.values_list("user", flat=True))
    assert told.count() == told.values("user").distinct().count()
    assert AuditEvent.objects.filter(verb="evaluation.state_reminded").count() == 1
    assert services.remind_state(evaluation=evaluation, state=missing_sent(evaluation), actor=cast.denise) == 0


def missing_sent(evaluation: Evaluation) -> State:
    """A State that has sent and waits: nobody there is reminded."""
    report = Report.objects.filter(round=evaluation.round, status="submitted", state__isnull=False).first()
    assert report is not None
    assert report.state is not None
    return report.state


def test_database_refuses_a_second_exclusion_and_one_without_reason(evaluation: Evaluation, cast: Any) -> None:
    state = missing(evaluation)
    exclude(evaluation, state, cast.denise)
    for reason in ("again", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Exclusion.objects.create(evaluation=evaluation, state=state, reason=reason, language="es", by=cast.denise)


def test_original_language_is_one_of_the_languages(evaluation: Evaluation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(languages=["en"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(formats=[])
