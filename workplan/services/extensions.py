"""More time for one report: asked for, decided, never overwritten."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import RoleAssignment, User
from core import audit
from core.exceptions import NotAllowed, PortalError, StepRefused
from workplan import permissions
from workplan.enums import Decision, NotificationKind, RoundStatus
from workplan.models import Extension, Notification, Report
from workplan.services.locks import locked_report


@dataclass(frozen=True)
class Verdict:
    """What the Secretariat decides; `new_date` where it grants, `reason` where it refuses."""

    decision: str
    new_date: date | None = None
    reason: str = ""


@transaction.atomic
def request_extension(*, report: Report, requested_date: date, reason: str, actor: User) -> Extension:
    """Ask for more time. One request waits at a time; the same one sent twice is one."""
    report = locked_report(report.pk)
    if not permissions.can_ask_for_time(actor, report):
        raise NotAllowed(_("You cannot ask for more time for this report."))
    if not reason.strip():
        raise PortalError(_("Say why you need more time."))
    _check_date(report, requested_date)
    waiting = report.extensions.undecided().first()
    if waiting is not None:
        if (waiting.requested_date, waiting.reason) == (requested_date, reason):
            return waiting
        raise StepRefused(_("A request for more time is already waiting for the Secretariat’s decision."))
    extension = Extension.objects.create(
        report=report, requested_by=actor, requested_date=requested_date, reason=reason
    )
    _audit("extension.requested", extension, actor, until=requested_date.isoformat())
    return extension


def _check_date(report: Report, day: date) -> None:
    if day <= report.due_on:
        raise PortalError(_("The new date must be later than the one in force."))
    if day < report.today:
        raise PortalError(_("The new date must not be over already."))


@transaction.atomic
def decide_extension(*, extension: Extension, verdict: Verdict, actor: User) -> Extension:
    """Grant or refuse. Raises StepRefused where somebody has decided already, or the round is frozen."""
    report = locked_report(extension.report_id)
    extension = Extension.objects.select_for_update().get(pk=extension.pk)
    extension.report = report
    if not permissions.can_decide_extension(actor, extension):
        raise NotAllowed(_("Only the Secretariat decides on more time."))
    if extension.decision:
        raise StepRefused(_("This request was already decided."))
    if report.round.status == RoundStatus.FROZEN:
        raise StepRefused(_("The period is frozen."))
    _decide(extension, verdict, actor)
    _tell(extension)
    _audit(f"extension.{extension.decision}", extension, actor, until=report.due_on.isoformat())
    return extension


def _decide(extension: Extension, verdict: Verdict, actor: User) -> None:
    granted = Decision(verdict.decision) == Decision.GRANTED
    if not granted and not verdict.reason.strip():
        raise PortalError(_("Say why the request is refused."))
    if granted:
        if verdict.new_date is None:
            raise PortalError(_("Give the new date."))
        _check_date(extension.report, verdict.new_date)
        extension.report.extended_to = extension.new_date = verdict.new_date
        extension.report.save(update_fields=["extended_to", "updated_at"])
    extension.decision, extension.decision_reason = verdict.decision, verdict.reason
    extension.decided_by, extension.decided_at = actor, timezone.now()
    extension.save()


def _tell(extension: Extension) -> None:
    """The focal points of the State, in the digest of the day."""
    report = extension.report
    roles = RoleAssignment.objects.current().filter(institution__state=report.state, role=Role.FOCAL_POINT)
    people = {*roles.values_list("user", flat=True), extension.requested_by_id}
    number = report.extensions.count()  # two decisions on one date are two things to tell
    Notification.objects.bulk_create(
        (
            Notification(
                user_id=user, kind=NotificationKind.EXTENSION, report=report, due_on=report.due_on, offset=number
            )
            for user in sorted(people)
        ),
        ignore_conflicts=True,
    )


def _audit(verb: str, extension: Extension, actor: User, **data: str) -> None:
    report = extension.report
    audit.record(
        actor=actor, verb=verb, obj=extension, chain=report.chain, data={"reference": report.reference, **data}
    )
