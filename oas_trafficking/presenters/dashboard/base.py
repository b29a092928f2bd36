"""What every panel reads: figures, reports with their labels, and addresses that keep the choice of periods."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.portal import month_moment
from evaluations.delivery.content import name_key
from evaluations.models import Evaluation
from oas_trafficking.queries.dashboard import Overview
from workplan.enums import NOT_YET_SENT, ReportStatus, RoundStatus
from workplan.models import Report
from workplan.presenters import MATRIX_WORDS, report_tag


class Base:
    def __init__(
        self,
        of: Overview,
        reports: Sequence[Report],
        evaluations: Sequence[Evaluation],
        query: Mapping[str, str],
        language: str,
        at: datetime,
        corridors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.of, self.reports, self.evaluations, self.query = of, reports, evaluations, query
        self.language, self.at = language, at
        self.pairs = corridors
        self.tags = {report.pk: self._tag(report) for report in reports}

    def _tag(self, report: Report) -> tuple[str, str]:
        code, label = report_tag(report)
        # As the table of the period says it: in a frozen one nothing is awaited any more.
        if code == "overdue" and self.of.round.status == RoundStatus.FROZEN:
            return "not_sent", str(MATRIX_WORDS["not_sent"])
        return code, label

    # --- addresses --------------------------------------------------------

    def link(self, name: str, *args: str, **more: str) -> str:
        return f"{reverse(name, args=args)}?{urlencode({**self.query, **more})}"

    def _matrix(self, status: str = "") -> str:
        url = reverse("submission_matrix", args=[self.of.round.code])
        return f"{url}?status={status}" if status else url

    def _state(self, report: Report) -> str:
        assert report.state is not None  # noqa: S101 - reports of States only
        return self.link("state_detail", report.state.iso2.lower())

    @property
    def files(self) -> list[tuple[str, str]]:
        return [(kind.upper(), self.link("dashboard_export", kind)) for kind in ("xlsx", "csv")]

    @property
    def meta(self) -> str:
        words = {"code": self.of.round.code, "moment": month_moment(self.at)}
        return _("Period %(code)s, data as of %(moment)s") % words

    def _with_status(self, status: str) -> list[Report]:
        return [report for report in self.reports if self.tags[report.pk][0] == status]

    # --- what waits -------------------------------------------------------

    def _since(self, report: Report) -> datetime:
        """The moment since which the report has stood where it stands."""
        found: datetime | None = report.returned_at if report.status == ReportStatus.RETURNED else report.sent_last  # type: ignore[attr-defined]
        return found or report.submitted_at or self.at

    def _since_day(self, report: Report) -> date:
        if report.status in NOT_YET_SENT:
            return report.due_on
        return timezone.localdate(self._since(report))

    def _follow_key(self, report: Report) -> Any:
        return self._since_day(report), name_key(str(report.state))
