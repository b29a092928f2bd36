"""Steps of a report. Each locks the report, is written to its history and to the trail."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import HookKind
from accounts.models import Institution, User
from accounts.services import Audience, Happened, announce
from core import audit
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from workplan import permissions
from workplan.enums import TRANSITIONS, ImplementationStatus, QuestionStatus, ReportStatus, Step
from workplan.models import Activity, Evidence, Rating, Report, ReportPaper, ReportVersion, ReviewOpening, StatusChange
from workplan.queries import bodies_of, own_body, report_content
from workplan.services.locks import locked_report
from workplan.services.papers import ask_receipt

# Steps that systems of the two sides are told of.
TOLD = {
    Step.APPROVE: HookKind.REPORT_SUBMITTED,
    Step.FILE_FOR_STATE: HookKind.REPORT_SUBMITTED,
    Step.RETURN: HookKind.REPORT_RETURNED,
    Step.ACCEPT: HookKind.REPORT_ACCEPTED,
    Step.REOPEN: HookKind.REPORT_REOPENED,
}


@dataclass(frozen=True)
class RatingData:
    status: str
    reason: str = ""


def _lock_for_step(report: Report, step: str, actor: User) -> Report:
    """Lock the report and refuse what the table of transitions or the person's roles do not allow."""
    locked = locked_report(report.pk)
    if locked.status not in TRANSITIONS[step].sources:
        raise StepRefused(_("The report is no longer at this step. Reload the page to see where it stands."))
    if not permissions.round_takes(locked, step):
        raise StepRefused(_("The round is closed: this report can no longer be changed."))
    if not permissions.can_take_step(actor, locked, step):
        raise NotAllowed(_("You cannot take this step."))
    return locked


def _move(
    report: Report, step: str, actor: User, note: str = "", *, version: ReportVersion | None = None, **data: Any
) -> None:
    """`version` is the one that the step sent or is about; `data` are further codes for the trail."""
    target = TRANSITIONS[step].target
    before, report.status = report.status, target
    report.save()
    StatusChange.objects.create(
        report=report, step=step, from_status=before, to_status=target, version=version, note=note, by=actor
    )
    audit.record(
        actor=actor,
        verb=f"report.{step}",
        obj=report,
        chain=report.chain,
        data={"from": before, "to": target, "reference": report.reference, **data},
    )
    if kind := TOLD.get(Step(step)):
        tell_systems(kind, report)


def tell_systems(kind: HookKind, report: Report) -> None:
    """Systems of the State that reports and of the Secretariat, by the reference alone."""
    happened = Happened("report", report.reference, reverse("api_report", args=[report.reference]))
    announce(kind, happened, Audience(states=[report.state_id] if report.state_id else [], secretariat=True))


@transaction.atomic
def send_to_coordinator(*, report: Report, actor: User) -> Report:
    report = _lock_for_step(report, Step.SEND_TO_COORDINATOR, actor)
    unconfirmed = report.entries.exclude(carried_from=None).values_list("activity__code", flat=True)
    if unconfirmed:
        codes = {"codes": ", ".join(unconfirmed)}
        raise PortalError(_("Copied from the period before and not confirmed yet: %(codes)s.") % codes)
    proposed = report.entries.exclude(proposed_by=None).values_list("activity__code", flat=True)
    if proposed:
        raise PortalError(_("Proposed by colleagues and not accepted yet: %(codes)s.") % {"codes": ", ".join(proposed)})
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
    """Raises PortalError without a note: the author must learn what to change."""
    report = _lock_for_step(report, Step.RETURN_TO_AUTHOR, actor)
    if not note.strip():
        raise PortalError(_("Write to the author what is to be changed."))
    _move(report, Step.RETURN_TO_AUTHOR, actor, note)
    return report


@transaction.atomic
def approve(
    *, report: Report, actor: User, seen: str | None = None, on_behalf_of: Institution | None = None
) -> ReportVersion:
    """Approve and send to the Secretariat: writes an immutable version of exactly what is sent, and asks for its
    receipt.

    `seen` is the hash of what the approver read. Raises StaleVersion where the answers changed since. It is sent in
    the name of `on_behalf_of`, a body of the reporter's, or of the approver's own.
    """
    report = _lock_for_step(report, Step.APPROVE, actor)
    content = report_content(report)
    if seen is not None and seen != content_hash(content):
        raise StaleVersion(_("The answers changed while you were reading. Read them again before you approve."))
    report.approved_by = actor
    report.one_person_office = bool(report.state and report.state.one_person_office)
    body = on_behalf_of or own_body(actor, report)
    if body is None or not bodies_of(report).filter(pk=body.pk).exists():
        raise PortalError(_("Choose in whose name the report is sent."))
    version = _submit(report, content, actor, on_behalf_of=body.name)
    _move(report, Step.APPROVE, actor, version=version)
    return version


def _submit(report: Report, content: dict[str, Any], actor: User, **facts: Any) -> ReportVersion:
    """Keep what is sent; its evidence goes along."""
    report.submitted_at = report.submitted_at or timezone.now()
    version = ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        content=content,
        sha256=content_hash(content),
        submitted_by=actor,
        **facts,
    )
    sent = Evidence.objects.filter(entry__report=report, first_version=None).to_be_sent()
    sent.update(first_version=version)
    ask_receipt(version=version, actor=actor)
    return version


@dataclass(frozen=True)
class Filing:
    """How a State's report came to the Secretariat."""

    channel: str
    received_on: date
    received_as: str  # number or other name of the letter


@transaction.atomic
def file_for_state(*, report: Report, filing: Filing, actor: User) -> ReportVersion:
    """Send, in the name of a State, what it handed in by other means; the version says how it came.

    Only in closed rounds and where nobody of the State has begun. Whoever files does not review it.
    """
    report = _lock_for_step(report, Step.FILE_FOR_STATE, actor)
    if not filing.received_as.strip():
        raise PortalError(_("Say under which number or name the report was received."))
    if filing.received_on > report.today:
        raise PortalError(_("The day on which it was received cannot lie ahead."))
    content = report_content(report)
    if all(entry["status"] == ImplementationStatus.NO_INFORMATION for entry in content["entries"]):
        raise PortalError(_("There is no answer to file yet. Import the State’s report first."))
    report.sent_by, report.approved_by = actor, None
    body = bodies_of(report).first() or report.state
    version = _submit(report, content, actor, on_behalf_of=str(body), **asdict(filing))
    _move(report, Step.FILE_FOR_STATE, actor, version=version, channel=filing.channel)
    return version


# --- between sending and accepting ---------------------------------------------------------------


@transaction.atomic
def note_opening(*, version: ReportVersion, actor: User) -> None:
    """A reviewer has the version on the screen. The first one counts; others and reporters leave no trace."""
    is_open = ReviewOpening.objects.filter(version=version).exists()
    if is_open or not permissions.can_review(actor, version.report):
        return
    report = locked_report(version.report_id)
    if report.status == ReportStatus.SUBMITTED:
        _open(report, version, actor)


def _open(report: Report, version: ReportVersion, actor: User) -> None:
    """With the report locked, so that nobody takes back what is just being read."""
    _opening, is_first = ReviewOpening.objects.get_or_create(version=version, defaults={"by": actor})
    if is_first:
        data = {"reference": report.reference, "version": version.number}
        audit.record(actor=actor, verb="report.opened", obj=report, chain=report.chain, data=data)


@transaction.atomic
def note_paper(*, paper: ReportPaper, actor: User) -> None:
    """Whoever takes a copy of a report leaves a trace; a reviewer who takes it away has read it."""
    for version in filter(None, (paper.version, paper.compared)):
        note_opening(version=version, actor=actor)
    report = paper.version.report
    data = {"reference": report.reference, "version": paper.version.number, "sha256": paper.sha256}
    audit.record(actor=actor, verb="report.paper_taken", obj=report, chain=report.chain, data=data)


@transaction.atomic
def withdraw(*, report: Report, actor: User) -> Report:
    """Take back what nobody at the Secretariat has opened; nobody there will read that version.

    Raises StepRefused once it was opened, and where the round is closed so that it could not be sent again.
    """
    report = _lock_for_step(report, Step.WITHDRAW, actor)
    version = report.versions.latest("number")
    if ReviewOpening.objects.filter(version=version).exists():
        raise StepRefused(_("The review has begun. Ask for the report’s return instead."))
    if not ReviewOpening.objects.filter(version__report=report).exists():
        report.submitted_at = None
    if not permissions.round_takes(report):
        raise StepRefused(_("The period is closed: you could not send it again. Ask for the report’s return instead."))
    Evidence.objects.filter(first_version=version).update(first_version=None)
    _move(report, Step.WITHDRAW, actor, version=version)
    return report


@transaction.atomic
def ask_return(*, report: Report, actor: User, note: str) -> Report:
    """Ask the reviewer to send the report back. Once for each version."""
    report = _lock_for_step(report, Step.ASK_RETURN, actor)
    if not note.strip():
        raise PortalError(_("Write why you need the report back."))
    version = report.versions.latest("number")
    if report.changes.filter(step=Step.ASK_RETURN, version=version).exists():
        raise StepRefused(_("The report’s return was already asked for."))
    _move(report, Step.ASK_RETURN, actor, note, version=version)
    return report


@transaction.atomic
def return_report(*, report: Report, actor: User, note: str, version: int | None = None) -> Report:
    """Send the report back to the State, with the questions asked on its fields and a cover note."""
    report = _lock_for_step(report, Step.RETURN, actor)
    under_review = _version_under_review(report, version, actor)
    if not note.strip() and not report.questions.filter(status=QuestionStatus.OPEN).exists():
        raise PortalError(_("Ask at least one question or write a note before you return the report."))
    _move(report, Step.RETURN, actor, note, version=under_review)
    return report


def _version_under_review(report: Report, read: int | None, actor: User) -> ReportVersion:
    """The last version; raises StaleVersion where the reviewer read another one."""
    version = report.versions.latest("number")
    if read is not None and read != version.number:
        raise StaleVersion(_("A newer version arrived while you were reading. Read it before you decide."))
    _open(report, version, actor)  # whoever decides has read it, by whichever way
    return version


@transaction.atomic
def accept(*, report: Report, actor: User, ratings: Mapping[str, RatingData], version: int | None = None) -> Report:
    """Accept the last version and fix the Secretariat's rating of each activity (by code).

    An activity without a rating keeps the self-rating. Raises PortalError while a question is open, or
    where a rating differs without a reason; StaleVersion where `version`, the number of the one that was
    read, is not the last.
    """
    report = _lock_for_step(report, Step.ACCEPT, actor)
    under_review = _version_under_review(report, version, actor)
    if report.questions.exclude(status=QuestionStatus.RESOLVED).exists():
        raise PortalError(_("Resolve every question before you accept the report."))
    Rating.objects.bulk_create(_ratings(under_review, ratings, actor))
    report.accepted_version, report.accepted_at = under_review, timezone.now()
    _move(report, Step.ACCEPT, actor, version=under_review)
    return report


@transaction.atomic
def reopen(*, report: Report, actor: User, note: str) -> Report:
    """Give an accepted report back for a new version. What was accepted can still be read, with its ratings; the
    report counts as sent and not accepted until a new version is."""
    report = _lock_for_step(report, Step.REOPEN, actor)
    if not note.strip():
        raise PortalError(_("Write why the report is reopened."))
    version = report.accepted_version
    report.accepted_version, report.accepted_at = None, None
    _move(report, Step.REOPEN, actor, note, version=version)
    return report


def _ratings(version: ReportVersion, ratings: Mapping[str, RatingData], actor: User) -> list[Rating]:
    entries = {entry["activity"]: entry["status"] for entry in version.content["entries"]}
    if ratings.keys() - entries.keys():
        raise PortalError(_("A rating names an activity that is not in the report."))
    activities = {activity.code: activity for activity in version.report.round.catalogue.activities.all()}
    return [
        _rating(version, activities[code], own, ratings.get(code, RatingData(status=own)), actor)
        for code, own in entries.items()
    ]


def _rating(version: ReportVersion, activity: Activity, own: str, given: RatingData, actor: User) -> Rating:
    if given.status not in ImplementationStatus.values:
        raise PortalError(_("%(code)s: choose a rating from the list.") % {"code": activity.code})
    if given.status != own and not given.reason.strip():
        raise PortalError(_("%(code)s: say why your rating differs from the self-rating.") % {"code": activity.code})
    return Rating(
        version=version, activity=activity, status=given.status, self_status=own, reason=given.reason, rated_by=actor
    )
