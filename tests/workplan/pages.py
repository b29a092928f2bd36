"""What the tests of the reporting pages share: addresses, posted forms and a report on its way."""

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation

from workplan import services
from workplan.models import Report, ReportEntry


def url(name: str, *args: object, language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, args=args)


def action_rows(*rows: dict[str, Any]) -> dict[str, str]:
    """The posted rows of actions; dates as (day, month, year)."""
    data = {"actions-TOTAL_FORMS": str(len(rows)), "actions-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        for name, value in row.items():
            boxes = enumerate(value) if isinstance(value, tuple) else None
            if boxes is None:
                data[f"actions-{number}-{name}"] = str(value)
            for index, part in boxes or ():
                data[f"actions-{number}-{name}_{index}"] = str(part)
    return data


CAMPAIGN = {"kind": "campaign", "title": "Semana", "starts_on": (3, 3, 2014), "ends_on": ("", "", ""), "place": "Limón"}


def typed(entry: ReportEntry, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An entry form as a browser posts it."""
    data: dict[str, Any] = {
        "version": str(entry.version),
        "status": "partial",
        "reason": "",
        "narrative": "Texto.",
        "language": "es",
        "results": "",
        "good_practice": "",
        "obstacles": "",
        "completed": "yes",
        "then": "continue",
    }
    return {**data, **action_rows(*rows), **changes}


def post_as(client: Client, user: Any, address: str, data: dict[str, Any] | None = None) -> Any:
    client.force_login(user)
    return client.post(address, data or {})


def sent(report: Report, author: Any, approver: Any) -> Report:
    """Submitted with whatever was answered so far."""
    services.send_to_coordinator(report=report, actor=author)
    services.approve(report=report, actor=approver)
    report.refresh_from_db()
    return report
