"""What waits for somebody, and where each State’s report stands."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.portal import month_date
from evaluations.models import Evaluation
from evaluations.queries.figures import percent_of
from oas_trafficking.presenters.dashboard.base import Base
from oas_trafficking.presenters.dashboard.parts import Task, Waiting
from workplan.enums import ReportStatus, RoundStatus
from workplan.models import Report

MOST_TASKS = 6


class Following(Base):
    @property
    def tasks(self) -> list[Task]:
        """What waits for somebody, the oldest first."""
        found = [
            *(self._review_task(report) for report in self._with_status(ReportStatus.SUBMITTED)),
            *(self._returned_task(report) for report in self._with_status(ReportStatus.RETURNED)),
            *self._overdue_task(),
            *(self._evaluation_task(evaluation) for evaluation in self.evaluations),
        ]
        return sorted(found, key=lambda task: task.since)[:MOST_TASKS]

    def _review_task(self, report: Report) -> Task:
        day = self._since_day(report)
        title = _("%(state)s: report sent") % {"state": report.state}
        note = _("Sent on %(date)s") % {"date": month_date(day)}
        code, label = self.tags[report.pk]
        return Task(day, title, reverse("review_detail", args=[report.reference]), note, code, label)

    def _returned_task(self, report: Report) -> Task:
        day, count = self._since_day(report), report.open_questions  # type: ignore[attr-defined]
        title = ngettext("%(state)s: %(count)d open question", "%(state)s: %(count)d open questions", count)
        note = _("Returned on %(date)s") % {"date": month_date(day)}
        code, label = self.tags[report.pk]
        return Task(day, title % {"state": report.state, "count": count}, report.get_absolute_url(), note, code, label)

    def _overdue_task(self) -> Iterable[Task]:
        """All of them are one task: they are reminded together."""
        late = sorted(self._with_status("overdue"), key=self._follow_key)
        if not late:
            return
        words = {"state": late[0].state, "count": len(late) - 1}
        title = _("%(state)s: overdue") % words
        if len(late) > 1:
            title = (
                ngettext(
                    "%(state)s and %(count)d more: overdue", "%(state)s and %(count)d more: overdue", len(late) - 1
                )
                % words
            )
        note = _("Due since %(date)s") % {"date": month_date(late[0].due_on)}
        takes = self.of.round.status == RoundStatus.OPEN
        remind = reverse("dashboard_remind", args=[self.of.round.code]) if takes else ""
        yield Task(late[0].due_on, title, self._matrix("overdue"), note, *self.tags[late[0].pk], remind)

    def _evaluation_task(self, evaluation: Evaluation) -> Task:
        day = timezone.localdate(evaluation.created_at)
        title = _("Evaluation summary %(symbol)s") % {"symbol": evaluation.symbol}
        note = _("Begun on %(date)s") % {"date": month_date(day)}
        return Task(day, title, evaluation.get_absolute_url(), note, "draft", _("Draft"))

    # --- States -----------------------------------------------------------

    @property
    def tiles(self) -> list[dict[str, Any]]:
        return [
            {
                "code": report.state.iso2,
                "name": report.state.name,
                "url": self._state(report),
                "value": percent_of(report.answered, report.addressed) if report.answered is not None else None,  # type: ignore[attr-defined]
            }
            for report in self.reports
            if report.state is not None
        ]

    @property
    def waiting(self) -> list[Waiting]:
        """States to follow up: those whose report is not accepted, the oldest wait first and never by score."""
        found = [report for report in self.reports if report.status != ReportStatus.ACCEPTED]
        return [self._waiting(report) for report in sorted(found, key=self._follow_key)]

    def _waiting(self, report: Report) -> Waiting:
        code, label = self.tags[report.pk]
        since = self._since_day(report)
        step, url = self._next_step(report, code)
        answered, addressed = report.answered, report.addressed  # type: ignore[attr-defined]
        arrived = "—" if answered is None else f"{answered} / {addressed}"
        days = max((report.today - since).days, 0)
        return Waiting(report, str(report.state), self._state(report), code, label, arrived, since, days, step, url)

    def _next_step(self, report: Report, code: str) -> tuple[str, str]:
        if code == ReportStatus.SUBMITTED:
            return _("Review"), reverse("review_detail", args=[report.reference])
        if code == "overdue":
            return _("Remind"), self._state(report)
        return _("Waits for the State"), ""
