"""What people do with rounds and reports. Every function is atomic, audited and says who acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Language
from accounts.models import State, User
from core import audit
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from workplan import permissions
from workplan.enums import (
    TRANSITIONS,
    ImplementationStatus,
    QuestionStatus,
    ReportStatus,
    RoundStatus,
    Step,
)
from workplan.models import (
    Action,
    Activity,
    Question,
    Rating,
    Reply,
    Report,
    ReportEntry,
    ReportVersion,
    Round,
    StatusChange,
)
from workplan.queries import report_content


@dataclass(frozen=True)
class ActionData:
    kind: str
    title: str
    starts_on: date
    ends_on: date | None = None
    place: str = ""


@dataclass(frozen=True)
class EntryData:
    """A validated answer; `actions` replaces those there were."""

    status: str
    reason: str = ""
    narrative: str = ""
    results: str = ""
    obstacles: str = ""
    obstacle_kinds: Sequence[str] = ()
    language: str = Language.EN
    is_ready: bool = False
    actions: Sequence[ActionData] = field(default_factory=tuple)


@dataclass(frozen=True)
class RatingData:
    status: str
    reason: str = ""


# --- rounds -------------------------------------------------------------------------------------


@transaction.atomic
def open_round(*, round: Round, actor: User) -> list[Report]:  # noqa: A002 - the field's own word
    """Open a round: one report per participating State and one for the Secretariat, an entry per activity.

    Raises StepRefused unless the round is a draft.
    """
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat opens a round."))
    locked = Round.objects.select_for_update().get(pk=round.pk)
    if locked.status != RoundStatus.DRAFT:
        raise StepRefused(_("This round is already open or over."))
    Round.objects.filter(pk=locked.pk).update(status=RoundStatus.OPEN, opened_at=timezone.now())
    reports = [_create_report(locked, state) for state in State.objects.participating()]
    reports.append(_create_report(locked, None))
    audit.record(actor=actor, verb="round.opened", obj=locked, data={"code": locked.code, "reports": len(reports)})
    round.refresh_from_db()
    return reports


def _create_report(round_: Round, state: State | None) -> Report:
    code, language = (state.iso2, state.language) if state else ("SG", Language.ES.value)
    report = Report.objects.create(round=round_, state=state, reference=f"{code}-{round_.code}", language=language)
    addressed = round_.catalogue.activities.all()
    addressed = addressed.addressed_to_states() if state else addressed.addressed_to_secretariat()
    ReportEntry.objects.bulk_create(
        ReportEntry(report=report, activity=activity, language=language) for activity in addressed
    )
    return report


@transaction.atomic
def close_round(*, round: Round, actor: User) -> None:  # noqa: A002
    """Close an open round; reports that were not submitted stay as they are and count as not submitted."""
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat closes a round."))
    changed = Round.objects.filter(pk=round.pk, status=RoundStatus.OPEN).update(
        status=RoundStatus.CLOSED, closed_at=timezone.now()
    )
    if not changed:
        raise StepRefused(_("Only an open round can be closed."))
    audit.record(actor=actor, verb="round.closed", obj=round, data={"code": round.code})
    round.refresh_from_db()


# --- entries ------------------------------------------------------------------------------------


@transaction.atomic
def save_entry(*, entry: ReportEntry, version: int, data: EntryData, actor: User) -> ReportEntry:
    """Write an answer if nobody saved since `version` was read.

    Raises StaleVersion (nothing is written), NotAllowed, or PortalError where the answer breaks a rule.
    """
    # Report before entry, as submitting does: the same order everywhere, so that nobody deadlocks.
    report = Report.objects.select_for_update(of=("self",)).select_related("round", "state").get(pk=entry.report_id)
    entry = ReportEntry.objects.select_for_update(of=("self",)).select_related("activity").get(pk=entry.pk)
    entry.report = report
    if not permissions.can_edit_entry(actor, entry):
        raise NotAllowed(_("This entry cannot be changed now."))
    if entry.version != version:
        raise StaleVersion(_("Somebody else saved this entry while you were writing."))
    _check_entry(report.round, data)
    _write_entry(entry, data, actor)
    audit.record(
        actor=actor,
        verb="entry.saved",
        obj=entry,
        chain=report.chain,
        data={"activity": entry.activity.code, "version": entry.version, "ready": entry.is_ready},
    )
    return entry


def _check_entry(round_: Round, data: EntryData) -> None:
    if data.status == ImplementationStatus.NO_INFORMATION:
        raise PortalError(_("“No information” is set by the portal, never chosen."))
    if data.status == ImplementationStatus.NOT_APPLICABLE and not data.reason.strip():
        raise PortalError(_("Say why the activity does not apply."))
    if data.is_ready and not data.status:
        raise PortalError(_("Choose a status before you mark the entry as completed."))
    for action in data.actions:
        if not round_.period_start <= action.starts_on <= round_.period_end:
            raise PortalError(_("The dates of an action must fall in the period of the round."))


def _write_entry(entry: ReportEntry, data: EntryData, actor: User) -> None:
    for name in ("status", "reason", "narrative", "results", "obstacles", "language", "is_ready"):
        setattr(entry, name, getattr(data, name))
    entry.obstacle_kinds = list(data.obstacle_kinds)
    entry.version += 1
    entry.updated_by = actor
    entry.save()
    entry.actions.all().delete()
    Action.objects.bulk_create(
        Action(
            entry=entry,
            kind=action.kind,
            title=action.title,
            starts_on=action.starts_on,
            ends_on=action.ends_on,
            place=action.place,
        )
        for action in data.actions
    )


# --- steps of a report --------------------------------------------------------------------------


def _lock_for_step(report: Report, step: str, actor: User) -> Report:
    """Lock the report and refuse what the table of transitions or the person's roles do not allow."""
    locked = Report.objects.select_for_update(of=("self",)).select_related("round", "state").get(pk=report.pk)
    if locked.status not in TRANSITIONS[step].sources:
        raise StepRefused(_("The report is no longer at this step. Reload the page to see where it stands."))
    if not permissions.can_take_step(actor, locked, step):
        raise NotAllowed(_("You cannot take this step."))
    return locked


def _move(report: Report, step: str, actor: User, note: str = "") -> None:
    target = TRANSITIONS[step].target
    before, report.status = report.status, target
    report.save()
    StatusChange.objects.create(report=report, step=step, from_status=before, to_status=target, note=note, by=actor)
    audit.record(
        actor=actor,
        verb=f"report.{step}",
        obj=report,
        chain=report.chain,
        data={"from": before, "to": target, "reference": report.reference},
    )


@transaction.atomic
def send_to_coordinator(*, report: Report, actor: User) -> Report:
    report = _lock_for_step(report, Step.SEND_TO_COORDINATOR, actor)
    report.sent_by, report.approved_by = actor, None
    _move(report, Step.SEND_TO_COORDINATOR, actor)
    return report


@transaction.atomic
def take_back(*, report: Report, actor: User) -> Report:
    report = _lock_for_step(report, Step.TAKE_BACK, actor)
    _move(report, Step.TAKE_BACK, actor)
    return report


@transaction.atomic
def return_to_author(*, report: Report, actor: User, note: str) -> Report:
    report = _lock_for_step(report, Step.RETURN_TO_AUTHOR, actor)
    _move(report, Step.RETURN_TO_AUTHOR, actor, note)
    return report


@transaction.atomic
def approve(*, report: Report, actor: User) -> ReportVersion:
    """Approve and send to the Secretariat: writes an immutable version of exactly what is sent."""
    report = _lock_for_step(report, Step.APPROVE, actor)
    report.approved_by = actor
    report.one_person_office = bool(report.state and report.state.one_person_office)
    report.submitted_at = report.submitted_at or timezone.now()
    content = report_content(report)
    version = ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        content=content,
        sha256=content_hash(content),
        submitted_by=actor,
    )
    _move(report, Step.APPROVE, actor)
    return version


@transaction.atomic
def return_report(*, report: Report, actor: User, note: str) -> Report:
    """Send the report back to the State, with the questions asked on its fields and a cover note."""
    report = _lock_for_step(report, Step.RETURN, actor)
    if not note.strip() and not report.questions.filter(status=QuestionStatus.OPEN).exists():
        raise PortalError(_("Ask at least one question or write a note before you return the report."))
    _move(report, Step.RETURN, actor, note)
    return report


@transaction.atomic
def accept(*, report: Report, actor: User, ratings: Mapping[str, RatingData]) -> Report:
    """Accept the last version and fix the Secretariat's rating of each activity (by code).

    An activity without a rating keeps the self-rating. Raises PortalError while a question is open, or
    where a rating differs without a reason.
    """
    report = _lock_for_step(report, Step.ACCEPT, actor)
    if report.questions.exclude(status=QuestionStatus.RESOLVED).exists():
        raise PortalError(_("Resolve every question before you accept the report."))
    version = report.versions.latest("number")
    Rating.objects.bulk_create(_ratings(version, ratings, actor))
    report.accepted_version, report.accepted_at = version, timezone.now()
    _move(report, Step.ACCEPT, actor)
    return report


def _ratings(version: ReportVersion, ratings: Mapping[str, RatingData], actor: User) -> list[Rating]:
    activities = {a.code: a for a in Activity.objects.filter(catalogue=version.report.round.catalogue_id)}
    rows = []
    for entry in version.content["entries"]:
        code, own = entry["activity"], entry["status"]
        rating = ratings.get(code, RatingData(status=own))
        if rating.status != own and not rating.reason.strip():
            raise PortalError(_("%(code)s: say why your rating differs from the State's.") % {"code": code})
        rows.append(
            Rating(
                version=version,
                activity=activities[code],
                status=rating.status,
                self_status=own,
                reason=rating.reason,
                rated_by=actor,
            )
        )
    return rows


# --- questions ----------------------------------------------------------------------------------


@transaction.atomic
def ask_question(*, report: Report, activity: Activity, field: str, text: str, actor: User) -> Question:
    """The reviewer asks about a field of the version under review."""
    report = Report.objects.select_for_update(of=("self",)).select_related("state").get(pk=report.pk)
    if report.status != ReportStatus.SUBMITTED:
        raise StepRefused(_("Questions are asked while the report is under review."))
    if not permissions.can_review(actor, report):
        raise NotAllowed(_("You do not review this report."))
    question = Question.objects.create(
        report=report,
        activity=activity,
        version=report.versions.latest("number"),
        field=field,
        text=text,
        language=actor.language,
        asked_by=actor,
    )
    _audit_question("question.asked", question, actor)
    return question


@transaction.atomic
def answer_question(*, question: Question, text: str, actor: User) -> Reply:
    question = Question.objects.select_for_update(of=("self",)).select_related("report__state").get(pk=question.pk)
    if question.status == QuestionStatus.RESOLVED:
        raise StepRefused(_("This question is already resolved."))
    if not permissions.can_answer(actor, question):
        raise NotAllowed(_("You cannot answer this question."))
    reply = Reply.objects.create(question=question, text=text, language=actor.language, by=actor)
    _set_question_status(question, QuestionStatus.ANSWERED, "question.answered", actor)
    return reply


@transaction.atomic
def resolve_question(*, question: Question, actor: User) -> None:
    question = Question.objects.select_for_update(of=("self",)).select_related("report__state").get(pk=question.pk)
    if not permissions.can_review(actor, question.report):
        raise NotAllowed(_("Only the reviewer resolves a question."))
    _set_question_status(question, QuestionStatus.RESOLVED, "question.resolved", actor)


def _set_question_status(question: Question, status: str, verb: str, actor: User) -> None:
    question.status = status
    question.save(update_fields=["status"])
    _audit_question(verb, question, actor)


def _audit_question(verb: str, question: Question, actor: User) -> None:
    data: dict[str, Any] = {"field": question.field, "reference": question.report.reference}
    audit.record(actor=actor, verb=verb, obj=question, chain=question.report.chain, data=data)
