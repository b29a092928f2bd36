"""The four figures, and the table of areas with what it says."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.portal import month_date, percent, thousands
from evaluations.queries.figures import Row
from oas_trafficking.presenters.dashboard.base import Base
from oas_trafficking.presenters.dashboard.parts import (
    Count,
    Line,
    Stat,
    change_of,
    change_of_points,
    group_counts,
    points_words,
    sign_of,
    title_of,
)
from workplan.enums import ReportStatus
from workplan.presenters import LONG_AGO

LEAST_DIFFERENCE = 3  # percentage points below which areas are said to move alike


class Figures(Base):
    @property
    def stats(self) -> list[Stat]:
        return [self._received(), self._advanced(), self._in_review(), self._overdue()]

    @property
    def received(self) -> int:
        return len(self.of.response.accepted) + len(self.of.response.submitted)

    def _received(self) -> Stat:
        before = self.of.response_before
        sign, note = "", ""
        if before is not None:
            change = self.received - len(before.accepted) - len(before.submitted)
            sign, note = sign_of(change), self._more_or_fewer(change)
        total = ngettext("of %(count)s State", "of %(count)s States", self.of.response.total)
        unit = total % {"count": self.of.response.total}
        link = _("See who has reported")
        return Stat(_("Reports received"), thousands(self.received), unit, note, sign, self._matrix("received"), link)

    def _more_or_fewer(self, change: int) -> str:
        words = {"count": thousands(abs(change)), "code": self.of.compared.code if self.of.compared else ""}
        if change > 0:
            return ngettext("%(count)s more than in %(code)s", "%(count)s more than in %(code)s", change) % words
        if change < 0:
            return ngettext("%(count)s fewer than in %(code)s", "%(count)s fewer than in %(code)s", -change) % words
        return _("As many as in %(code)s") % words

    def _advanced(self) -> Stat:
        of = self.of.overall.distribution
        unit = _("%(part)s of %(whole)s") % {"part": thousands(of.advanced), "whole": thousands(of.counted)}
        change = self.of.overall.change
        points = change.points if change else None
        figure = "—" if of.share is None else percent(of.share)
        url = self.link("dashboard_answers", status="advanced")
        sign = sign_of(points)
        return Stat(
            _("Answers mostly or fully implemented"),
            figure,
            unit,
            points_words(points, self.of.compared),
            sign,
            url,
            _("See the answers"),
        )

    def _in_review(self) -> Stat:
        waiting = self._with_status(ReportStatus.SUBMITTED)
        note = ""
        if waiting:
            note = self._longest_wait(min(self._since(report) for report in waiting))
        url, link = self._matrix(ReportStatus.SUBMITTED), _("See these States")
        return Stat(_("In review by the Secretariat"), thousands(len(waiting)), "", note, "", url, link)

    def _longest_wait(self, since: datetime) -> str:
        """In days while they say something; later the date says more than a four-figure count."""
        days = (self.at - since).days
        if days > LONG_AGO:
            return _("the longest wait began on %(date)s") % {"date": month_date(since)}
        words = ngettext("the longest wait is %(days)s day", "the longest wait is %(days)s days", days)
        return words % {"days": days}

    def _overdue(self) -> Stat:
        count = len(self._with_status("overdue"))
        tone = "attention" if count else ""
        return Stat(
            _("Overdue reports"), thousands(count), "", "", "", self._matrix("overdue"), _("See these States"), tone
        )

    # --- areas ------------------------------------------------------------

    @property
    def lines(self) -> list[Line]:
        titles = {area["code"]: title_of(area["title"], self.language) for area in self.of.live["areas"]}
        return [self._line(row, titles[row.code]) for row in self.of.areas]

    def _line(self, row: Row, name: str) -> Line:
        counts = tuple(
            Count(group, figure, self.link("dashboard_answers", area=row.code, status=group))
            for group, figure in group_counts(row.distribution).items()
        )
        return Line(row.code, name, self.link("dashboard_answers", area=row.code), counts, row, change_of(row))

    @property
    def finding(self) -> str:
        """What the table says, by rule: the area with the smallest change, unless they move alike."""
        known = [(line.row.change.points, line) for line in self.lines if line.row.change]
        points = sorted(point for point, _line in known if point is not None)
        if len(points) < len(self.of.areas) or not points or self.of.compared is None:
            return _("Answers by area and status")
        code = {"code": self.of.compared.code}
        if points[-1] - points[0] < LEAST_DIFFERENCE or points[0] == points[1]:
            return _("No area stands apart in its change since %(code)s") % code
        name = next(line.name for point, line in known if point == points[0])
        words = {**code, "area": name, "change": change_of_points(points[0])}
        if points[0] < 0:
            return _("Largest decrease since %(code)s: %(area)s (%(change)s points)") % words
        return _("Smallest change since %(code)s: %(area)s (%(change)s points)") % words
