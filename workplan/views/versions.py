"""Versions of a report: the list of them, what changed from one to another, and the documents of both."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import SignedInRequest
from core.exceptions import PortalError
from workplan import delivery, permissions, presenters, services
from workplan.models import Report, ReportPaper, ReportVersion
from workplan.presenters import papers
from workplan.presenters import versions as words
from workplan.queries import (
    catalogue_activities,
    comparable_versions,
    receipts_of,
    receipts_under_way,
    report_content,
)
from workplan.views.reports import visible_changes, visible_report

PAIR = 2


@require_GET
def report_versions(request: SignedInRequest, reference: str) -> HttpResponse:
    """Every version that was sent, by whom and what became of it."""
    report = visible_report(request.user, reference)
    versions = list(comparable_versions(request.user, report).filter(report=report))
    changes = visible_changes(request.user, report).filter(version__isnull=False).select_related("by", "report")
    is_whole = permissions.can_read_evidence(request.user, report)
    receipts = receipts_of(request.user, versions, is_whole=is_whole)
    under_way = receipts_under_way(versions, is_whole=is_whole)
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "rows": words.version_rows(versions, changes, receipts, under_way),
        "pdf_off": settings.OAS_PDF_OFF,
        "can_compare": words.default_pair(words.sides_for(request.user, report), report) is not None,
        "now": timezone.now(),
    }
    return render(request, "workplan/report_versions.html", context)


@require_GET
def report_compare(request: SignedInRequest, reference: str) -> HttpResponse:
    """What changed from one version, or the working answers, to another, word by word."""
    report = visible_report(request.user, reference)
    found = words.sides_for(request.user, report)
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
    return {
        "areas": areas,
        "count": sum(len(area.answers) for area in areas),
        "code": code,
        "pdf_off": settings.OAS_PDF_OFF,
        "has_paper": len(pair.versions) == len({version.pk for version in pair.versions}) == PAIR,
    }


# --- documents -----------------------------------------------------------------------------------


@require_POST
def receipt(request: SignedInRequest, reference: str, number: int) -> HttpResponse:
    """Take the receipt of a version; where it was not made yet, have it made."""
    report = visible_report(request.user, reference)
    version = get_object_or_404(comparable_versions(request.user, report), report=report, number=number)
    services.note_opening(version=version, actor=request.user)
    return _have_made(request, report, version)


@require_POST
def differences_paper(request: SignedInRequest, reference: str) -> HttpResponse:
    """A document of what changed between two versions, in the reader's language."""
    report = visible_report(request.user, reference)
    found = words.sides(comparable_versions(request.user, report), with_working=False)
    try:
        pair = words.chosen_pair(found, report, request.POST.dict())
    except KeyError as unknown:
        raise Http404 from unknown
    if pair is None or pair.before == pair.after:
        messages.info(request, _("There is nothing to compare with yet."))
        return redirect("report_compare", report.reference)
    before, after = pair.versions
    for version in pair.versions:
        services.note_opening(version=version, actor=request.user)
    return _have_made(request, report, after, before)


def _have_made(
    request: SignedInRequest, report: Report, version: ReportVersion, compared: ReportVersion | None = None
) -> HttpResponseRedirect:
    try:
        made = services.request_paper(
            version=version, compared=compared, language=get_language() or "en", actor=request.user
        )
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("report_versions", report.reference)
    return redirect(made)


@require_GET
def report_paper(request: SignedInRequest, reference: str, public_id: UUID) -> FileResponse:
    """The document as it was written, the same each time."""
    visible = ReportPaper.objects.visible_to(request.user).with_report()
    paper = get_object_or_404(visible, version__report__reference=reference, public_id=public_id)
    services.note_paper(paper=paper, actor=request.user)
    return FileResponse(
        paper.file.open("rb"),
        as_attachment=True,
        filename=papers.file_name(paper),
        content_type="application/pdf",
        headers={"X-Content-Type-Options": "nosniff"},
    )
