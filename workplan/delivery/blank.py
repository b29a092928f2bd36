"""The printable form of a report: its questions with room to write, two sides of one sheet for each activity."""

from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.enums import Language
from core import audit
from core.files import store_once
from core.jobs import finish
from core.models import OutboxMessage
from core.pdf import write_pdf
from workplan.delivery.spreadsheet import report_key
from workplan.enums import (
    DETAILS,
    SECRETARIATS_VISIBILITY,
    SELECTABLE_STATUSES,
    STATUS_HINTS,
    ActionKind,
    Detail,
    Obstacle,
    Visibility,
)
from workplan.models import BlankForm, Report

FORM = "workplan/document/form.html"


def write_form(message: OutboxMessage, report_id: int, language: str, due_on: date) -> None:
    report = Report.objects.select_related("round__catalogue", "round__plan", "state").get(pk=report_id)
    data = form_content(report, language, due_on)
    name, digest = store_once(data, folder="papers", suffix="pdf")
    with transaction.atomic():
        if not finish(message):
            return
        made = {"file": name, "size": len(data), "sha256": digest}
        form, is_new = BlankForm.objects.get_or_create(report=report, language=language, due_on=due_on, defaults=made)
        if is_new:
            _audit(message, form)


def _audit(message: OutboxMessage, form: BlankForm) -> None:
    report = form.report
    data = {"reference": report.reference, "language": form.language, "sha256": form.sha256}
    audit.record(system=message.task, verb="report.form_made", obj=report, chain=report.chain, data=data)


def form_content(report: Report, language: str, due_on: date) -> bytes:
    """The PDF. The same questions give the same bytes: nothing in it depends on who asks, or when."""
    with override(language):
        context = {"language": language, "report": report, "due_on": due_on, **_frame(report), **_choices(report)}
        moment = report.round.opened_at or report.updated_at  # reports begin with the opening of their round
        return write_pdf(FORM, context, moment=moment)


def _frame(report: Report) -> dict[str, Any]:
    entries = report.entries.select_related("activity__area")
    sheets = [(entry.activity, report_key(report.reference, entry.activity.code)) for entry in entries]
    areas = groupby(sheets, key=lambda sheet: sheet[0].area)
    return {
        "reporter": report.state.name if report.state else _("General Secretariat"),
        "areas": [(area, list(rows)) for area, rows in areas],
        "is_provisional": not report.round.catalogue.is_official,
        "resolution": report.round.plan.resolution,
    }


def _choices(report: Report) -> dict[str, Any]:
    own = report.state_id is None
    kinds = [(kind.label, [Detail(name).label for name in DETAILS[kind]]) for kind in ActionKind]
    return {
        "statuses": [(label, STATUS_HINTS[code]) for code, label in SELECTABLE_STATUSES],
        "obstacles": Obstacle.labels,
        "languages": Language.labels,
        "kinds": kinds,
        "readers": list(SECRETARIATS_VISIBILITY.values()) if own else Visibility.labels,
        "lines": {
            "reason": range(1),
            "narrative": range(12),
            "results": range(4),
            "practice": range(2),
            "obstacles": range(3),
        },
        "rows": range(4),
        "evidence_rows": range(3),
    }
