"""What the Secretariat does with evaluations."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import HookKind, Language
from accounts.models import State, User
from accounts.services import Audience, Happened, announce
from core import audit, jobs
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import Job
from evaluations import permissions, tasks
from evaluations.enums import FOURTH_MEETING, DocumentFormat, Stage
from evaluations.models import (
    Artefact,
    Document,
    Evaluation,
    Exclusion,
    FurtherRound,
    Meeting,
    Publication,
    StatePaper,
)
from evaluations.queries.consulted import changed_since_asked
from evaluations.queries.snapshot import final_comments
from evaluations.queries.statistics import default_releases
from indicators.enums import ReleaseStatus
from indicators.models import Release
from workplan.models import Report, Round
from workplan.services import remind_now

KIND = tasks.build.name


@transaction.atomic
def create_evaluation(
    *,
    round: Round,  # noqa: A002 - the field's own word
    compared_round: Round | None,
    symbol: str,
    original_language: str,
    actor: User,
    languages: Sequence[str] = Language.values,
    formats: Sequence[str] = DocumentFormat.values,
    with_contributions: bool = True,
    with_papers: bool = True,
    states: Iterable[State] | None = None,
    releases: Iterable[Release] | None = None,
    meeting: Meeting | None = None,
    further_rounds: Iterable[Round] = (),
) -> Evaluation:
    """Define an evaluation; nothing is read until it is built. The compared round must be an earlier one, and so must
    each of the further ones.

    Unless others are named, it covers all States asked to report, uses the last release of each year in the period, and
    is for the Fourth Meeting, if the register holds it.
    """
    _require_preparer(actor)
    if compared_round is not None and not _comes_before(compared_round, round):
        raise PortalError(_("Compare with an earlier period of the same Work Plan."))
    further = _further(further_rounds, round, compared_round)
    evaluation = Evaluation(
        plan=round.plan,
        round=round,
        compared_round=compared_round,
        symbol=symbol,
        original_language=original_language,
        languages=[code for code in Language.values if code in {*languages, original_language}],
        formats=list(formats),
        with_contributions=with_contributions,
        with_papers=with_papers,
        states=_asked(round, states),
        meeting=meeting or Meeting.objects.filter(number=FOURTH_MEETING).first(),
        created_by=actor,
    )
    evaluation.full_clean()
    evaluation.save()
    evaluation.releases.set(default_releases(round) if releases is None else _published(releases))
    FurtherRound.objects.bulk_create([FurtherRound(evaluation=evaluation, round=each) for each in further])
    rounds = {"round": round.code, "compared_round": compared_round.code if compared_round else ""}
    _audit("evaluation.created", evaluation, actor, **rounds, further_rounds=", ".join(each.code for each in further))
    return evaluation


def _further(chosen: Iterable[Round], round_: Round, compared: Round | None) -> list[Round]:
    """In the order of time, each once."""
    found = sorted(set(chosen), key=lambda each: each.period_start)
    if any(each == compared or not _comes_before(each, round_) for each in found):
        raise PortalError(_("Further periods are earlier ones of the same Work Plan, beside the one compared with."))
    return found


def _asked(round_: Round, states: Iterable[State] | None) -> list[str]:
    """Codes of those that were asked to report in the round: of others there is nothing to evaluate."""
    reports = Report.objects.filter(round=round_, state__isnull=False)
    wanted = reports if states is None else reports.filter(state__in=[state.pk for state in states])
    codes = sorted(wanted.values_list("state__iso2", flat=True))
    if not codes:
        raise PortalError(_("None of these States was asked to report in this period."))
    return codes


def _published(releases: Iterable[Release]) -> list[Release]:
    """What is not published yet may still be stopped; no document may tell it."""
    chosen = list(releases)
    if any(release.status != ReleaseStatus.PUBLISHED for release in chosen):
        raise PortalError(_("Only published statistics can be used."))
    return chosen


def _comes_before(earlier: Round, later: Round) -> bool:
    return earlier.plan_id == later.plan_id and earlier.period_start < later.period_start


@transaction.atomic
def request_build(*, evaluation: Evaluation, actor: User) -> Job:
    """Ask for the documents. One build at a time: raises StepRefused while one is running."""
    _require_preparer(actor)
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("job").get(pk=evaluation.pk)
    if locked.is_building:
        raise StepRefused(_("The documents are already being generated."))
    job = jobs.create_job(kind=KIND, actor=actor)
    jobs.enqueue(KIND, str(locked.public_id), key=f"{KIND}:{job.public_id}", queue="documents", job=job)
    locked.job = job
    locked.save(update_fields=["job"])
    jobs.report_progress(job, stage=Stage.FREEZE, stage_number=1, stage_count=len(Stage), done=0, total=0)
    _audit("evaluation.build_requested", locked, actor)
    evaluation.refresh_from_db()
    return job


@transaction.atomic
def build_again(*, evaluation: Evaluation, actor: User) -> Job:
    """Go on with the last build where it was given up: with the data that it froze and the files that it wrote.

    Raises StepRefused where the last build was not given up; data of today are what request_build is for.
    """
    _require_preparer(actor)
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("job").get(pk=evaluation.pk)
    if locked.job is None or not jobs.revive(job=locked.job, actor=actor):
        raise StepRefused(_("The last generation was not given up, so there is nothing to try again."))
    _audit("evaluation.build_tried_again", locked, actor)
    return locked.job


@transaction.atomic
def exclude_state(*, evaluation: Evaluation, state: State, reason: str, language: str, actor: User) -> Exclusion:
    """Leave a State out; the reason stands in the document. A State whose report was accepted stays in."""
    _require_preparer(actor)
    report = Report.objects.filter(round=evaluation.round, state=state).first()
    if report is None or report.accepted_version_id is not None or state.iso2 not in evaluation.states:
        raise StepRefused(_("Only a State without an accepted report can be left out."))
    if Exclusion.objects.filter(evaluation=evaluation, state=state).exists():
        raise StepRefused(_("This State is left out already."))
    exclusion = Exclusion(evaluation=evaluation, state=state, reason=reason, language=language, by=actor)
    exclusion.full_clean()
    exclusion.save()
    _audit("evaluation.state_excluded", evaluation, actor, state=state.iso2)
    return exclusion


@transaction.atomic
def include_state(*, evaluation: Evaluation, state: State, actor: User) -> None:
    """Take an exclusion back."""
    _require_preparer(actor)
    if Exclusion.objects.filter(evaluation=evaluation, state=state).delete()[0]:
        _audit("evaluation.state_included", evaluation, actor, state=state.iso2)


@transaction.atomic
def remind_state(*, evaluation: Evaluation, state: State, actor: User) -> int:
    """Tell whoever works on the State's report that it is awaited; once a day. Returns how many people."""
    _require_preparer(actor)
    report = Report.objects.select_related("round", "state").get(round=evaluation.round, state=state)
    told = remind_now(report=report)
    if told:
        _audit("evaluation.state_reminded", evaluation, actor, state=state.iso2)
    return told


@transaction.atomic
def publish(*, evaluation: Evaluation, actor: User) -> Publication:
    """Give the documents of the last build to the public: once, complete, and by somebody who did not generate them."""
    _require_preparer(actor)
    rows = Evaluation.objects.select_for_update(of=("self",)).select_related("job", "snapshot__job__created_by")
    locked = rows.get(pk=evaluation.pk)
    if locked.snapshot is None or locked.is_building:
        raise StepRefused(_("There are no documents to publish, or new ones are being generated."))
    if Publication.objects.filter(evaluation=locked).exists():
        raise StepRefused(_("This evaluation is published already."))
    _require_consulted(locked)
    generated_by = locked.snapshot.job.created_by
    if generated_by == actor:
        raise NotAllowed(_("Somebody else publishes what you have generated."))
    published = Publication.objects.create(
        evaluation=locked, snapshot=locked.snapshot, generated_by=generated_by, published_by=actor
    )
    _audit("evaluation.published", locked, actor, content_hash=locked.snapshot.content_hash)
    happened = Happened("evaluation", str(locked.public_id), reverse("api_evaluations"))
    announce(HookKind.EVALUATION_PUBLISHED, happened, Audience(everybody=True))
    return published


def _require_consulted(evaluation: Evaluation) -> None:
    """Nothing is published over the head of a State: not while it may still comment, and not without what it said."""
    assert evaluation.snapshot is not None  # noqa: S101 - publish has looked
    if not evaluation.consultations.exists():
        raise StepRefused(_("Ask the States first: each reads its own part before anybody else."))
    if evaluation.consultations.still_open().exists():
        raise StepRefused(_("States may still comment. Publish when the consultation is over."))
    if changed := changed_since_asked(evaluation):
        words = _("Ask again the States whose part has changed since they were asked: %(states)s")
        raise StepRefused(words % {"states": ", ".join(changed)})
    if final_comments(evaluation) != evaluation.snapshot.content.get("comments", []):
        raise StepRefused(_("A State has commented since these documents were generated. Generate them again first."))


def _require_preparer(actor: User) -> None:
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))


def record_download(*, document: Document, actor: User) -> None:
    """Whoever takes a copy of an unpublished document leaves a trace."""
    data = {"sha256": document.sha256, "language": document.language, "format": document.format}
    audit.record(actor=actor, verb="document.downloaded", obj=document.snapshot.evaluation, data=data)


def record_written_download(
    *, evaluation: Evaluation, artefact: Artefact, language: str, format_: str, actor: User
) -> None:
    """Of a build that is not at its end."""
    data = {"sha256": artefact.sha256, "language": language, "format": format_}
    audit.record(actor=actor, verb="document.downloaded", obj=evaluation, data=data)


def record_paper_download(*, paper: StatePaper, actor: User) -> None:
    """In the trail of the State: who took a copy of what is not published yet."""
    audit.record(
        actor=actor,
        verb="document.downloaded",
        obj=paper.snapshot.evaluation,
        chain=paper.state.iso2,
        data={"sha256": paper.sha256, "language": paper.language, "state": paper.state.iso2},
    )


def _audit(verb: str, evaluation: Evaluation, actor: User, **more: str) -> None:
    audit.record(actor=actor, verb=verb, obj=evaluation, data={"symbol": evaluation.symbol, **more})
