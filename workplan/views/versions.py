"""Versions of a report: the list of them, and what changed from one to another."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import SignedInRequest
from workplan import delivery, permissions, presenters, services
from workplan.enums import ReportStatus
from workplan.models import Report
from workplan.presenters import versions as words
from workplan.queries import catalogue_activities, comparable_versions, report_content
from workplan.views.reports import visible_changes, visible_report


@require_GET
def report_versions(request: SignedInRequest, reference: str) -> HttpResponse:
    """Every version that was sent, by whom and what became of it."""
    report = visible_report(request.user, reference)
    versions = list(comparable_versions(request.user, report).filter(report=report))
    changes = visible_changes(request.user, report).filter(version__isnull=False).select_related("by")
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "rows": words.version_rows(versions, changes),
        "can_compare": words.default_pair(_sides(request, report), report) is not None,
        "now": timezone.now(),
    }
    return render(request, "workplan/report_versions.html", context)


@require_GET
def report_compare(request: SignedInRequest, reference: str) -> HttpResponse:
    """What changed from one version, or the working answers, to another, word by word."""
    report = visible_report(request.user, reference)
    found = _sides(request, report)
    try:
        pair = words.chosen_pair(found, report, request.GET.dict())
    except KeyError as unknown:
        raise Http404 from unknown
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "found": found[::-1],
        "pair": pair,
        "now": timezone.now(),
        **(_compared(request, report, pair) if pair else {}),
    }
    if pair:
        context["shortcuts"] = words.shortcuts(found, report, pair)
    return render(request, "workplan/report_compare.html", context)


def _sides(request: SignedInRequest, report: Report) -> list[words.Side]:
    """Once a report is sent, its working answers are the version; until then they are its own people's."""
    is_sent = report.status in (ReportStatus.SUBMITTED, ReportStatus.ACCEPTED)
    with_working = not is_sent and permissions.can_read_answers(request.user, report)
    return words.sides(comparable_versions(request.user, report), with_working=with_working)


def _compared(request: SignedInRequest, report: Report, pair: words.Pair) -> dict[str, Any]:
    for version in pair.versions:
        services.note_opening(version=version, actor=request.user)
    code = request.GET.get("activity", "")
    activities = list(catalogue_activities(pair.versions, report))
    if code and code not in {activity.code for activity in activities}:
        raise Http404
    before, after = (side.version.content if side.version else report_content(report) for side in pair.both)
    areas = delivery.compared_areas(
        before, after, activities, all_evidence=permissions.can_read_evidence(request.user, report), code=code
    )
    return {"areas": areas, "count": sum(len(area.answers) for area in areas), "code": code}
