"""What people are told."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.templatetags.portal import month_date
from workplan.enums import (
    NotificationKind,
)
from workplan.models import (
    Notification,
)


@dataclass(frozen=True)
class ToldRow:
    title: str
    at: datetime
    is_new: bool
    url: str  # empty where the reader may not open the report


def told_rows(notifications: Iterable[Notification], readable: Container[int]) -> list[ToldRow]:
    return [
        ToldRow(
            title=told_words(row),
            at=row.created_at,
            is_new=row.read_at is None,
            url=row.report.get_absolute_url() if row.report_id in readable else "",
        )
        for row in notifications
    ]


def told_words(row: Notification) -> str:
    words = {"reference": row.report.reference, "date": month_date(row.due_on)}
    if row.kind == NotificationKind.EXTENSION:
        return _("Your request for more time for %(reference)s was decided: it is due on %(date)s.") % words
    if row.offset > 0:
        return _("Report %(reference)s was due on %(date)s.") % words
    return _("Report %(reference)s is due on %(date)s.") % words
