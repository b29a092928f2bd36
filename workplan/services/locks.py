"""Rows locked in one order, report before entry, so that nobody deadlocks."""

from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import NotAllowed
from workplan import permissions
from workplan.models import Report, ReportEntry


def locked_report(report_id: int) -> Report:
    return Report.objects.select_for_update(of=("self",)).select_related("round", "state").get(pk=report_id)


def locked_entry(entry: ReportEntry, actor: User) -> ReportEntry:
    """The entry with its report, both locked: nothing is written into what is just being approved."""
    report = locked_report(entry.report_id)
    entry = ReportEntry.objects.select_for_update(of=("self",)).select_related("activity").get(pk=entry.pk)
    entry.report = report
    if not permissions.can_edit_entry(actor, entry):
        raise NotAllowed(_("This entry cannot be changed now."))
    return entry
