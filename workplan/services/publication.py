"""A State publishes what was accepted, and takes it back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, StepRefused
from workplan import permissions
from workplan.models import PublicConsent, Report
from workplan.services.locks import locked_report


@transaction.atomic
def publish_report(*, report: Report, actor: User) -> PublicConsent:
    """Show the accepted version to everybody, without its evidence. Done twice, it is done once."""
    report = _own(report, actor)
    if report.accepted_version_id is None:
        raise StepRefused(_("Only an accepted report is published."))
    consent, is_new = PublicConsent.objects.get_or_create(
        version_id=report.accepted_version_id, ended_at=None, defaults={"given_by": actor}
    )
    if is_new:
        _record("report.published", report, actor)
    return consent


@transaction.atomic
def unpublish_report(*, report: Report, actor: User) -> None:
    """From now on nobody is shown it; what was copied meanwhile is out."""
    report = _own(report, actor)
    in_force = PublicConsent.objects.filter(version__report=report, ended_at=None)
    if in_force.update(ended_at=timezone.now(), ended_by=actor):
        _record("report.unpublished", report, actor)


def _own(report: Report, actor: User) -> Report:
    report = locked_report(report.pk)
    if not permissions.can_publish(actor, report):
        raise NotAllowed(_("The national focal point decides what the State publishes."))
    return report


def _record(verb: str, report: Report, actor: User) -> None:
    audit.record(actor=actor, verb=verb, obj=report, chain=report.chain, data={"reference": report.reference})
