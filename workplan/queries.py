"""Reads that join several models."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import State
from workplan.enums import ImplementationStatus, ReportStatus
from workplan.models import Action, Report, ReportEntry, Round


def report_content(report: Report) -> dict[str, Any]:
    """The report as it is sent: JSON-ready, entries in catalogue order, unanswered ones as no information.

    This is what ReportVersion keeps, what its hash covers and what reviews and evaluations read.
    """
    entries = report.entries.select_related("activity__area").prefetch_related("actions")
    return {
        "reference": report.reference,
        "round": report.round.code,
        "period": [report.round.period_start.isoformat(), report.round.period_end.isoformat()],
        "state": report.state.iso2 if report.state else None,
        "language": report.language,
        "catalogue": report.round.catalogue.number,
        "entries": [_entry_content(entry) for entry in entries],
    }


def _entry_content(entry: ReportEntry) -> dict[str, Any]:
    return {
        "activity": entry.activity.code,
        "area": entry.activity.area.code,
        "status": entry.status or ImplementationStatus.NO_INFORMATION.value,
        "reason": entry.reason,
        "narrative": entry.narrative,
        "results": entry.results,
        "obstacles": entry.obstacles,
        "obstacle_kinds": list(entry.obstacle_kinds),
        "language": entry.language,
        "actions": [_action_content(action) for action in entry.actions.all()],
    }


def _action_content(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "title": action.title,
        "starts_on": action.starts_on.isoformat(),
        "ends_on": action.ends_on.isoformat() if action.ends_on else None,
        "place": action.place,
    }


def previous_entry(entry: ReportEntry) -> ReportEntry | None:
    """The same reporter's answer to the same activity in the round before, matched by code."""
    before = entry.report.round.previous
    if before is None:
        return None
    return ReportEntry.objects.filter(
        report__round=before, report__state=entry.report.state_id, activity__code=entry.activity.code
    ).first()


def submission_overview(round_: Round) -> QuerySet[State]:
    """Where each participating State stands in a round: status and dates only, never content.

    Annotates `report_status`, `reference`, `submitted_at`, `ready_count` and `entry_count`.
    """
    report = Q(reports__round=round_)
    return (
        State.objects.participating()
        .filter(report)
        .annotate(
            entry_count=Count("reports__entries", filter=report),
            ready_count=Count("reports__entries", filter=report & Q(reports__entries__is_ready=True)),
        )
        .order_by("iso2")
    )


def count_waiting_review() -> int:
    return Report.objects.filter(status=ReportStatus.SUBMITTED).exclude(state=None).count()
