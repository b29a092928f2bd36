"""Answer times between two States, and requests that nobody answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import ngettext

from accounts.models import State
from networks.enums import (
    RequestKind,
    RequestStatus,
    Urgency,
)


@dataclass(frozen=True)
class CorridorRow:
    sender: State
    receiver: State
    asked: int
    waiting: int
    overdue: int
    answered: int
    median: str


def corridor_rows(rows: Iterable[Mapping[str, Any]], states: Mapping[int, State]) -> list[CorridorRow]:
    return [
        CorridorRow(
            states[row["sender_state"]],
            states[row["receiver_state"]],
            row["asked"],
            row["waiting"],
            row["overdue"],
            row["answered"],
            duration_words(row["median"]),
        )
        for row in rows
    ]


def duration_words(value: timedelta | None) -> str:
    """Whole days; hours where it was less than two days."""
    if value is None:
        return "—"
    hours = round(value.total_seconds() / 3600)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


@dataclass(frozen=True)
class EscalatedRow:
    sender: State
    receiver: State
    kind: str
    urgency: str
    status: str
    answer_by: date
    due_at: datetime


def escalated_rows(rows: Iterable[Mapping[str, Any]], states: Mapping[int, State]) -> list[EscalatedRow]:
    return [
        EscalatedRow(
            states[row["request__sender_state"]],
            states[row["request__receiver_state"]],
            str(RequestKind(row["request__kind"]).label),
            str(Urgency(row["request__urgency"]).label),
            str(RequestStatus(row["request__status"]).label),
            row["request__answer_by"],
            row["due_at"],
        )
        for row in rows
    ]
