"""Where a report stands, and its list of tasks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.portal import month_date
from workplan.enums import (
    ReportStatus,
)
from workplan.models import (
    EntryUserObjectPermission,
    Report,
    ReportEntry,
)
from workplan.querysets import ReportEntryQuerySet

LONG_AGO = 365  # days: beyond, a date says more than a count
PROGRESS_WORDS = {
    "not_started": gettext_lazy("Not started"),
    "in_progress": gettext_lazy("In progress"),
    "problem": gettext_lazy("Question to answer"),
    "proposed": gettext_lazy("Proposal to accept"),
    "ready": gettext_lazy("Ready"),
}


def is_overdue(report: Report) -> bool:
    """Past the date in force for this report, to midnight in the reporter's own time zone."""
    return report.submitted_at is None and report.today > report.due_on


def due_words(report: Report) -> str:
    """The date in force; where it was moved, the word says so."""
    if not report.extended_to:
        return day_due(report.round.due_on, report.today)
    words = {"date": month_date(report.extended_to)}
    if report.extended_to < report.today:
        return _("was extended to %(date)s") % words
    return _("extended to %(date)s") % words


def day_due(day: date, today: date) -> str:
    words = {"date": month_date(day)}
    return _("was due %(date)s") % words if day < today else _("due %(date)s") % words


def handed_words(entry: ReportEntry) -> str:
    """Until when a colleague answers: the last day they were given, or the report's date."""
    until = entry.until  # type: ignore[attr-defined]
    return _("yours until %(date)s") % {"date": month_date(until)} if until else due_words(entry.report)


def report_tag(report: Report) -> tuple[str, str]:
    """Code and word of a report's status. Overdue is a label on what is due, not a status of its own."""
    if is_overdue(report):
        return "overdue", _("Overdue")
    if report.status == ReportStatus.IN_PREPARATION:
        return "due", _("Due")
    return report.status, str(report.get_status_display())


def reporter_name(report: Report) -> str:
    return report.state.name if report.state else _("General Secretariat")


def ready_words(ready: int, total: int) -> str:
    return ngettext("%(ready)d of %(total)d ready", "%(ready)d of %(total)d ready", ready) % {
        "ready": ready,
        "total": total,
    }


@dataclass(frozen=True)
class ReportRow:
    """A line of a list of reports. `ready` stays empty where the working answers are not the reader's."""

    report: Report
    name: str
    url: str
    tag: tuple[str, str]
    ready: str
    waiting_days: int | None = None

    @property
    def waits(self) -> str:
        """Days while they say something; after a year the date beside them says more."""
        days = self.waiting_days
        return "" if days is None else str(days) if days <= LONG_AGO else _("over a year")


def report_rows(reports: Iterable[Report], own: Iterable[int]) -> list[ReportRow]:
    mine = set(own)
    return [
        ReportRow(
            report=report,
            name=reporter_name(report),
            url=report.get_absolute_url(),
            tag=report_tag(report),
            ready=ready_words(report.ready_count, report.entry_count) if report.pk in mine else "",  # type: ignore[attr-defined]
        )
        for report in reports
    ]


def review_rows(reports: Iterable[Report]) -> list[ReportRow]:
    return [
        ReportRow(
            report=report,
            name=reporter_name(report),
            url=reverse("review_detail", args=[report.reference]),
            tag=(report.status, report.get_status_display()),
            ready="",
            waiting_days=(timezone.now() - report.waiting_since).days,  # type: ignore[attr-defined]
        )
        for report in reports
    ]


@dataclass(frozen=True)
class Task:
    title: str
    url: str
    hint: str
    status: str
    status_label: str


@dataclass(frozen=True)
class TaskArea:
    code: str
    title: str
    items: list[Task]
    ready: int

    @property
    def count(self) -> str:
        return ready_words(self.ready, len(self.items))


def holders(grants: Iterable[EntryUserObjectPermission]) -> dict[int, str]:
    """With whom an entry is, and until when. By entry."""
    found: dict[int, list[str]] = {}
    for grant in grants:
        words = {"person": grant.user, "date": month_date(grant.valid_to)}
        text = _("with %(person)s until %(date)s") if grant.valid_to else _("with %(person)s")
        found.setdefault(grant.content_object_id, []).append(text % words)
    return {entry: ", ".join(texts) for entry, texts in found.items()}


def task_areas(
    entries: ReportEntryQuerySet, open_activities: Iterable[int] = (), held: Mapping[int, str] | None = None
) -> list[TaskArea]:
    """Entries by area; `open_activities` are those with a question that waits for an answer, `held` those with a
    colleague."""
    waiting = set(open_activities)
    rows = list(entries)
    return [
        TaskArea(
            code=area.code,
            title=area.title,
            items=[_task(entry, waiting, (held or {}).get(entry.pk, "")) for entry in group],
            ready=sum(entry.progress == "ready" for entry in rows if entry.activity.area_id == area.pk),
        )
        for area, group in groupby(rows, key=lambda entry: entry.activity.area)
    ]


def _task(entry: ReportEntry, waiting: set[int], holder: str) -> Task:
    progress = "problem" if entry.activity_id in waiting else entry.progress
    return Task(
        title=f"{entry.activity.number} {entry.activity.title}",
        url=entry.get_absolute_url(),
        hint=" · ".join(filter(None, (entry.get_status_display() if entry.status else "", holder))),
        status="returned" if progress in ("problem", "proposed") else progress,
        status_label=str(PROGRESS_WORDS[progress]),
    )
