"""What a State's page says of its progress: the State beside itself in other periods, and beside nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import State
from accounts.querysets import AnyUser
from core.i18n import NATIVE_NAMES
from core.templatetags.charts import BarPart
from core.templatetags.portal import month_moment, percent, thousands
from evaluations.delivery.xlsx import Sheet
from evaluations.queries.figures import Row
from networks.models import NationalPlan
from networks.presenters import PlanRow, plan_rows
from networks.querysets import acts_for_authority
from oas_trafficking.presenters.dashboard import (
    COLUMNS,
    GROUP_WORDS,
    AnswerRow,
    Count,
    Line,
    Stat,
    answer_rows,
    bar,
    change_of,
    group_counts,
    points_words,
    sign_of,
    title_of,
)
from oas_trafficking.queries.dashboard import Overview, answer_list, past
from workplan.models import Activity, Report, ReportVersion
from workplan.presenters import AnswerArea, answer_areas
from workplan.queries import public_entries, published_versions, report_activities


@dataclass(frozen=True)
class Period:
    """One period of the State's own history."""

    code: str
    bar: list[BarPart]
    share: str
    figures: str
    accepted_on: date | None


@dataclass(frozen=True)
class Published:
    """A report as everybody may read it."""

    version: ReportVersion
    languages: str
    areas: list[AnswerArea]


def published_reports(state: State) -> list[Published]:
    """What the State shows to everybody, the newest period first; without evidence, questions and ratings."""
    versions = published_versions().filter(report__state=state)
    activities: dict[int, list[Activity]] = {}  # of a catalogue: periods share it
    shown = []
    for version in versions:
        catalogue = version.report.round.catalogue_id
        if catalogue not in activities:
            activities[catalogue] = list(report_activities(version.report))
        shown.append(_published(version, activities[catalogue]))
    return shown


def _published(version: ReportVersion, activities: Sequence[Activity]) -> Published:
    entries = public_entries(version)
    areas = answer_areas({**version.content, "entries": entries}, activities)
    languages = sorted({NATIVE_NAMES[entry["language"]] for entry in entries})
    return Published(version, ", ".join(languages), areas)


class StatePage:
    """Read it while its language is active. `reports` are the accepted ones that the reader may open."""

    def __init__(
        self,
        state: State,
        of: Overview,
        reports: Sequence[Report],
        query: Mapping[str, str],
        area: str,
        language: str,
        at: datetime,
    ) -> None:
        self.state, self.of, self.reports, self.query, self.language, self.at = state, of, reports, query, language, at
        self.titles = {a["code"]: title_of(a["title"], language) for a in of.live["areas"]}
        self.area = area if area in self.titles else ""

    def link(self, name: str = "state_detail", *args: str, **more: str) -> str:
        return f"{reverse(name, args=[self.state.iso2.lower(), *args])}?{urlencode({**self.query, **more})}"

    @property
    def files(self) -> list[tuple[str, str]]:
        area = {"area": self.area} if self.area else {}
        return [(kind.upper(), self.link("state_export", kind, **area)) for kind in ("xlsx", "csv")]

    @property
    def all_areas(self) -> str:
        return self.link()

    @property
    def area_name(self) -> str:
        return self.titles.get(self.area, "")

    # --- figures ----------------------------------------------------------

    @property
    def stats(self) -> list[Stat]:
        return [self._share(), *self._moved(), self._unknown()]

    def _share(self) -> Stat:
        of, change = self.of.overall.distribution, self.of.overall.change
        unit = _("%(part)s of %(whole)s") % {"part": thousands(of.advanced), "whole": thousands(of.counted)}
        points = change.points if change else None
        figure = "—" if of.share is None else percent(of.share)
        note = points_words(points, self.of.compared)
        return Stat(_("Answers mostly or fully implemented"), figure, unit, note, sign_of(points), "", "")

    def _moved(self) -> list[Stat]:
        change = self.of.overall.change
        if change is None or self.of.compared is None:
            return []
        since = _("since %(code)s") % {"code": self.of.compared.code}
        unit = _("of %(count)s rated in both") % {"count": thousands(change.moves.paired)}
        moves = ((_("Moved forward"), change.moves.forward), (_("Moved back"), change.moves.back))
        return [Stat(label, thousands(count), unit, since, "", "", "") for label, count in moves]

    def _unknown(self) -> Stat:
        count = self.of.overall.distribution.counts["no_information"]
        total = self.of.overall.distribution.total
        unit = ngettext("of %(count)s activity", "of %(count)s activities", total) % {"count": thousands(total)}
        return Stat(_("Without information"), thousands(count), unit, "", "", "", "")

    @property
    def lines(self) -> list[Line]:
        return [self._line(row) for row in self.of.areas]

    def _line(self, row: Row) -> Line:
        """With all activities shown, an area leads down the page; a page of one area leads to that of another."""
        url = f"{self.link(area=row.code)}#activities" if self.area else f"#{row.code}"
        counts = tuple(Count(group, figure, url) for group, figure in group_counts(row.distribution).items())
        return Line(row.code, self.titles[row.code], url, counts, row, change_of(row))

    @property
    def answers(self) -> list[AnswerRow]:
        names = {self.state.iso2: self.state.name}
        return answer_rows(answer_list(self.of, area=self.area), self.of, names, self.language)

    @property
    def answers_by_area(self) -> list[tuple[str, str, list[AnswerRow]]]:
        """Code and name of each area shown, with its answers in the order of the plan."""
        area_of = {activity["code"]: activity["area"] for activity in self.of.live["activities"]}
        found: dict[str, list[AnswerRow]] = {}
        for pair, line in zip(answer_list(self.of, area=self.area), self.answers, strict=True):
            found.setdefault(area_of[pair.now.activity], []).append(line)
        return [(code, self.titles[code], lines) for code, lines in found.items()]

    @property
    def periods(self) -> list[Period]:
        """Every period in which a report was accepted, the latest first."""
        accepted = {report.round.code: report.accepted_at for report in self.reports}
        return [self._period(code, row, accepted[code]) for code, row in past(self.of)]

    @staticmethod
    def _period(code: str, row: Row, accepted_at: datetime | None) -> Period:
        of = row.distribution
        share = "—" if of.share is None else percent(of.share)
        figures = _("%(part)s of %(whole)s") % {"part": thousands(of.advanced), "whole": thousands(of.counted)}
        return Period(code, bar(of), share, figures, accepted_at.date() if accepted_at else None)

    # --- files ------------------------------------------------------------

    def sheets(self) -> list[Sheet]:
        return [self._about(), self._areas(), self._activities(), self._periods()]

    def _about(self) -> Sheet:
        rows = [
            (_("State"), str(self.state)),
            (_("Period"), self.of.round.code),
            (_("Compared with"), self.of.compared.code if self.of.compared else _("No comparison")),
            (_("Area"), self.area_name or _("All")),
            (_("Data as of"), month_moment(self.at)),
            (
                _("How to read"),
                _("Changes are in percentage points. States are compared with themselves alone and never ranked."),
            ),
            (_("How to read"), _("The catalogue of activities is provisional.")),
        ]
        return Sheet(pgettext("sheet", "About"), (_("Item"), _("Value")), rows, (34, 96))

    def _areas(self) -> Sheet:
        head = [_("Code"), _("Area"), *(str(GROUP_WORDS[group]) for group in COLUMNS), _("Change in percentage points")]
        rows = [(line.code, line.name, *(c.figure for c in line.counts), line.points) for line in self.lines]
        return Sheet(pgettext("sheet", "Areas"), head, rows, (10, 40))

    def _activities(self) -> Sheet:
        head = [_("Code"), _("Activity"), _("Reviewed rating"), _("Self-rating")]
        compared = [self.of.compared.code] if self.of.compared else []
        rows: list[tuple[Any, ...]] = []
        for row in self.answers:
            line = (row.code, row.title, row.label, row.own or row.label)
            rows.append((*line, row.before) if compared else line)
        return Sheet(pgettext("sheet", "Activities"), [*head, *compared], rows, (10, 60, 24, 24, 24))

    def _periods(self) -> Sheet:
        head = (_("Period"), _("Per cent of n"), _("Of"), _("Accepted"))
        rows = [(row.code, row.share, row.figures, row.accepted_on) for row in self.periods]
        return Sheet(pgettext("sheet", "Periods"), head, rows, (14, 14, 20, 16))


def plans_of(user: AnyUser, state: State) -> list[PlanRow] | None:
    """National plans with where they stand today; None for whoever may not read the register."""
    plans = list(NationalPlan.objects.visible_to(user).standing().filter(state=state))
    return plan_rows(plans, timezone.localdate()) if plans or acts_for_authority(user) else None
