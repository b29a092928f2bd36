"""Steps of a report. Each locks the report, is written to its history and to the trail."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from workplan import permissions
from workplan.enums import TRANSITIONS, ImplementationStatus, QuestionStatus, Step
from workplan.models import Activity, Evidence, Rating, Report, ReportVersion, StatusChange
from workplan.queries import report_content
from workplan.services.locks import locked_report


@dataclass(frozen=True)
class RatingData:
    status: str
    reason: str = ""


def _lock_for_step(report: Report, step: str, actor: User) -> Report:
    """Lock the report and refuse what the table of transitions or the person's roles do not allow."""
    locked = locked_report(report.pk)
    if locked.status not in TRANSITIONS[step].sources:
        raise StepRefused(_("The report is no longer at this step. Reload the page to see where it stands."))
    if not permissions.round_takes(locked):
        raise StepRefused(_("The round is closed: this report can no longer be changed."))
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
    """Raises PortalError without a note: the author must learn what to change."""
    report = _lock_for_step(report, Step.RETURN_TO_AUTHOR, actor)
    if not note.strip():
        raise PortalError(_("Write to the author what is to be changed."))
    _move(report, Step.RETURN_TO_AUTHOR, actor, note)
    return report


@transaction.atomic
def approve(*, report: Report, actor: User, seen: str | None = None) -> ReportVersion:
    """Approve and send to the Secretariat: writes an immutable version of exactly what is sent.

    `seen` is the hash of what the approver read. Raises StaleVersion where the answers changed since.
    """
    report = _lock_for_step(report, Step.APPROVE, actor)
    content = report_content(report)
    if seen is not None and seen != content_hash(content):
        raise StaleVersion(_("The answers changed while you were reading. Read them again before you approve."))
    report.approved_by = actor
    report.one_person_office = bool(report.state and report.state.one_person_office)
    report.submitted_at = report.submitted_at or timezone.now()
    version = ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        content=content,
        sha256=content_hash(content),
        submitted_by=actor,
    )
    sent = Evidence.objects.filter(entry__report=report, first_version=None).to_be_sent()
    sent.update(first_version=version)
    _move(report, Step.APPROVE, actor)
    return version


@transaction.atomic
def return_report(*, report: Report, actor: User, note: str, version: int | None = None) -> Report:
    """Send the report back to the State, with the questions asked on its fields and a cover note."""
    report = _lock_for_step(report, Step.RETURN, actor)
    _version_under_review(report, version)
    if not note.strip() and not report.questions.filter(status=QuestionStatus.OPEN).exists():
        raise PortalError(_("Ask at least one question or write a note before you return the report."))
    _move(report, Step.RETURN, actor, note)
    return report


def _version_under_review(report: Report, read: int | None) -> ReportVersion:
    """The last version; raises StaleVersion where the reviewer read another one."""
    version = report.versions.latest("number")
    if read is not None and read != version.number:
        raise StaleVersion(_("A newer version arrived while you were reading. Read it before you decide."))
    return version


@transaction.atomic
def accept(*, report: Report, actor: User, ratings: Mapping[str, RatingData], version: int | None = None) -> Report:
    """Accept the last version and fix the Secretariat's rating of each activity (by code).

    An activity without a rating keeps the self-rating. Raises PortalError while a question is open, or
    where a rating differs without a reason; StaleVersion where `version`, the number of the one that was
    read, is not the last.
    """
    report = _lock_for_step(report, Step.ACCEPT, actor)
    under_review = _version_under_review(report, version)
    if report.questions.exclude(status=QuestionStatus.RESOLVED).exists():
        raise PortalError(_("Resolve every question before you accept the report."))
    Rating.objects.bulk_create(_ratings(under_review, ratings, actor))
    report.accepted_version, report.accepted_at = under_review, timezone.now()
    _move(report, Step.ACCEPT, actor)
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
        raise PortalError(_("%(code)s: say why your rating differs from the State's.") % {"code": activity.code})
    return Rating(
        version=version, activity=activity, status=given.status, self_status=own, reason=given.reason, rated_by=actor
    )
