"""The receipt of what was sent, and the document of what changed: PDF, written once."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import audit
from core.files import store_once
from core.jobs import finish
from core.models import OutboxMessage
from core.pdf import write_pdf
from workplan.delivery.wording import compared_areas, worded_areas
from workplan.models import ReportPaper, ReportVersion
from workplan.queries import catalogue_activities

RECEIPT = "workplan/document/receipt.html"
DIFFERENCES = "workplan/document/differences.html"


def write_paper(
    message: OutboxMessage, version_id: int, compared_id: int | None, language: str, *, is_whole: bool
) -> None:
    """Made from versions alone, which never change: a second writing gives the same bytes, and is not kept."""
    found = ReportVersion.objects.select_related("report__round__catalogue", "report__state", "submitted_by")
    version = found.get(pk=version_id)
    compared = found.get(pk=compared_id) if compared_id else None
    data = paper_content(version, compared, language, is_whole=is_whole)
    name, digest = store_once(data, folder="papers", suffix="pdf")
    with transaction.atomic():
        if not finish(message):
            return
        paper, is_new = ReportPaper.objects.get_or_create(
            version=version,
            compared=compared,
            language=language,
            is_whole=is_whole,
            defaults={"file": name, "size": len(data), "sha256": digest},
        )
        if is_new:
            _audit(message, paper)


def _audit(message: OutboxMessage, paper: ReportPaper) -> None:
    report = paper.version.report
    data = {"reference": report.reference, "version": paper.version.number, "sha256": paper.sha256}
    audit.record(system=message.task, verb="report.paper_made", obj=report, chain=report.chain, data=data)


def paper_content(version: ReportVersion, compared: ReportVersion | None, language: str, *, is_whole: bool) -> bytes:
    """The PDF; its times are those of the reporter's own zone."""
    with override(language), timezone.override(version.report.time_zone):
        context = {**_frame(version), "language": language}
        if compared is None:
            return write_pdf(RECEIPT, {**context, **_receipt(version, is_whole)}, moment=version.submitted_at)
        return write_pdf(
            DIFFERENCES, {**context, **_differences(version, compared, is_whole)}, moment=_later(version, compared)
        )


def _later(*versions: ReportVersion) -> datetime:
    return max(version.submitted_at for version in versions)


def _frame(version: ReportVersion) -> dict[str, Any]:
    report = version.report
    return {
        "version": version,
        "report": report,
        "reporter": report.state.name if report.state else _("General Secretariat"),
        "zone": report.time_zone.key,
        "is_provisional": not report.round.catalogue.is_official,
        "resolution": report.round.plan.resolution,
    }


def _receipt(version: ReportVersion, is_whole: bool) -> dict[str, Any]:
    activities = catalogue_activities([version], version.report)
    entries = version.content["entries"]
    return {
        "areas": worded_areas(version.content, activities, all_evidence=is_whole),
        "answered": sum(entry["status"] != "no_information" for entry in entries),
        "total": len(entries),
    }


def _differences(version: ReportVersion, compared: ReportVersion, is_whole: bool) -> dict[str, Any]:
    activities = catalogue_activities([compared, version], version.report)
    areas = compared_areas(compared.content, version.content, activities, all_evidence=is_whole)
    return {"compared": compared, "areas": areas, "count": sum(len(area.answers) for area in areas)}
