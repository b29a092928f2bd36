"""Who has reported."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import State
from workplan.enums import (
    NOT_YET_SENT,
    ReportStatus,
    RoundStatus,
)
from workplan.models import (
    Round,
)
from workplan.presenters.plan import by_name


@dataclass(frozen=True)
class MatrixRow:
    """Where one State stands in a round. `code` is a tag's; overdue and no report are labels, not statuses."""

    state: State
    code: str
    label: str
    reference: str  # empty where the reader may not open the report
    submitted_at: datetime | None
    accepted_at: datetime | None
    versions: int
    ready: str
    extended_to: date | None
    asks_for_time: bool

    @property
    def tag(self) -> str:
        return "no_information" if self.code in ("none", "not_sent") else self.code


MATRIX_WORDS = {
    "due": gettext_lazy("Due"),
    "overdue": gettext_lazy("Overdue"),
    "none": gettext_lazy("No report"),
    "not_sent": gettext_lazy("Not sent"),
    "received": gettext_lazy("Received"),  # a filter: sent at least once, whatever became of it
    **dict(ReportStatus.choices),
}


def matrix_rows(overview: Iterable[Any], round_: Round) -> list[MatrixRow]:
    return [_matrix_row(state, round_) for state in by_name(overview)]


def _matrix_row(state: Any, round_: Round) -> MatrixRow:
    code = _matrix_code(state, round_)
    return MatrixRow(
        state=state,
        code=code,
        label=str(MATRIX_WORDS[code]),
        reference=state.reference if state.submitted_at else "",
        submitted_at=state.submitted_at,
        accepted_at=state.accepted_at,
        versions=state.version_count,
        ready=f"{state.ready_count} / {state.entry_count}" if state.reference else "—",
        extended_to=state.extended_to,
        asks_for_time=state.asks_for_time,
    )


def _matrix_code(state: Any, round_: Round) -> str:
    if state.reference is None:
        return "none"
    return _standing(state.report_status, state.submitted_at, state.extended_to, state, round_)


def _standing(status: str, submitted_at: datetime | None, extended_to: date | None, state: State, round_: Round) -> str:
    """Code of a cell: the report's status, or what its absence is called at this point of the round."""
    if status not in NOT_YET_SENT or submitted_at:
        return status
    today = timezone.localdate(timezone=ZoneInfo(state.time_zone))
    if round_.status == RoundStatus.FROZEN:
        return "not_sent"
    return "overdue" if today > (extended_to or round_.due_on) else "due"


def matrix_selection(rows: Iterable[MatrixRow], wanted: str) -> list[MatrixRow]:
    if wanted == "received":
        return [row for row in rows if row.submitted_at]
    return [row for row in rows if wanted in ("", row.code)]


@dataclass(frozen=True)
class PeriodCell:
    """One State in one period."""

    code: str
    label: str
    url: str  # empty where there is nothing the reader may open
    extended_to: date | None

    @property
    def tag(self) -> str:
        return "no_information" if self.code in ("none", "not_sent") else self.code


def period_rows(states: Iterable[Any], rounds: Sequence[Round]) -> list[tuple[State, list[PeriodCell]]]:
    return [(state, [_period_cell(state, round_) for round_ in rounds]) for state in by_name(states)]


def _period_cell(state: Any, round_: Round) -> PeriodCell:
    report = next((report for report in state.reports_shown if report.round_id == round_.pk), None)
    if report is None:
        return PeriodCell("none", str(MATRIX_WORDS["none"]), "", None)
    code = _standing(report.status, report.submitted_at, report.extended_to, state, round_)
    url = report.get_absolute_url() if report.submitted_at else ""
    return PeriodCell(code, str(MATRIX_WORDS[code]), url, report.extended_to)


def matrix_counts(rows: Iterable[MatrixRow]) -> list[dict[str, Any]]:
    """How many States stand where, each a filter of the table; empty ones are left out."""
    found = Counter(row.code for row in rows)
    order = ("overdue", "due", "not_sent", ReportStatus.SUBMITTED, ReportStatus.RETURNED, ReportStatus.ACCEPTED, "none")
    known = [*order, *(code for code in found if code not in order)]
    return [{"code": str(code), "label": MATRIX_WORDS[code], "count": found[code]} for code in known if found[code]]
