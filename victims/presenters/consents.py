"""What the person agreed to, and what colleagues were asked."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from victims import queries
from victims.enums import FieldClass, GivenBy, Manner, Purpose
from victims.models import Case
from victims.presenters.parts import Row, page_of
from victims.services import Part, Record


def is_in_force(consent: Any) -> bool:
    is_over = consent.expires_on and consent.expires_on <= timezone.localdate()
    return bool(consent.given and not consent.withdrawn_at and not is_over)


def consent_rows(record: Record, states: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_consent_row(record.case, part, states) for part in record.consents]


def _consent_row(case: Case, part: Part, states: Mapping[str, str]) -> dict[str, Any]:
    row, live = part.row, is_in_force(part.row)
    title = str(Purpose(row.purpose).label)
    if row.recipient:
        title = f"{title}: {states.get(row.recipient, row.recipient)}"
    word = _("In force") if live else _("Refused") if not row.given else _("Withdrawn or over")
    withdraw = page_of("consent_withdraw", case, consent=row.id) if live else ""
    return {
        "title": title,
        "status": "accepted" if live else "",
        "status_label": word,
        "rows": _consent_details(part),
        "withdraw_url": withdraw,
    }


def _consent_details(part: Part) -> list[Row]:
    row, data = part.row, part.data
    classes = ", ".join(str(FieldClass(code).label) for code in row.classes)
    how = str(Manner(data["manner"]).label) if "manner" in data else ""
    language = queries.label_of("language", data.get("language", ""))
    interpreter = _(", with an interpreter") if data.get("interpreter") else ""
    rows = [
        Row(_("Covers"), classes or "—"),
        Row(_("Answered by"), str(GivenBy(data["given_by"]).label) if "given_by" in data else "—"),
        Row(_("How"), f"{how} · {language}{interpreter}"),
        Row(_("Asked on"), date_format(row.given_on, "DATE_FORMAT")),
    ]
    if explained := data.get("explained"):
        rows.append(Row(_("Explained"), ", ".join(queries.label_of("explained", code) for code in explained)))
    return rows


def approval_rows(record: Record, question: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [part for part in record.approvals if part.row.question == question]
    return [
        {
            "status": {"asked": "submitted", "approved": "accepted"}.get(part.row.decision, "returned"),
            "status_label": part.row.get_decision_display(),
            "asked_by": names.get(part.row.asked_by, ""),
            "asked_at": part.row.asked_at,
            "words": part.data.get("returned") or part.data.get("asked", ""),
        }
        for part in found
    ]
