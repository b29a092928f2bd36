"""The view as sheets of a workbook, the first about itself."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.portal import month_moment
from evaluations.delivery.content import name_key
from evaluations.delivery.xlsx import Sheet
from oas_trafficking.presenters.dashboard.corridors import Corridors
from oas_trafficking.presenters.dashboard.figures import Figures
from oas_trafficking.presenters.dashboard.following import Following
from oas_trafficking.presenters.dashboard.parts import COLUMNS, GROUP_WORDS, Line


class Dashboard(Figures, Following, Corridors):
    """Everything one page or file of the dashboard says. Read it while its language is active."""

    def sheets(self) -> list[Sheet]:
        return [
            self._about(),
            self._figures(),
            self._areas(),
            self._states(),
            self._follow(),
            self._answer_times(),
        ]

    def _about(self) -> Sheet:
        of = self.of
        rows: list[tuple[str | int, ...]] = [
            (_("View"), _("Progress of the Work Plan")),
            (_("Period"), of.round.code),
            (_("Compared with"), of.compared.code if of.compared else _("No comparison")),
            (_("Data as of"), month_moment(self.at)),
            (_("States asked to report"), of.response.total),
            (_("Reports accepted"), len(of.response.accepted)),
            *((_("How to read"), note) for note in self.notes),
        ]
        return Sheet(pgettext("sheet", "About"), (_("Item"), _("Value")), rows, (34, 96))

    @property
    def notes(self) -> list[str]:
        return [
            _("An answer is one activity of one State, as the Secretariat rated it in an accepted report."),
            _("Activities without an accepted report of the State count as “no information”."),
            _(
                "Shares are of the answers on the five steps of the scale; “not applicable” and “no information”"
                " stand beside it."
            ),
            _("Changes are in percentage points. States are compared with themselves alone and never ranked."),
            _("The catalogue of activities is provisional."),
        ]

    def _figures(self) -> Sheet:
        rows = [(stat.label, stat.figure, stat.unit, stat.note) for stat in self.stats]
        return Sheet(
            pgettext("sheet", "Figures"),
            (_("Figure"), _("Value"), _("Of"), pgettext("between two periods", "Change")),
            rows,
            (40, 12, 22, 44),
        )

    def _areas(self) -> Sheet:
        head = [_("Code"), _("Area"), *(str(GROUP_WORDS[group]) for group in COLUMNS)]
        head += [str(GROUP_WORDS["advanced"]), str(GROUP_WORDS["counted"]), _("Change in percentage points")]
        return Sheet(pgettext("sheet", "Areas"), head, [self._area_cells(line) for line in self.lines], (10, 40))

    @staticmethod
    def _area_cells(line: Line) -> list[Any]:
        of = line.row.distribution
        return [line.code, line.name, *(count.figure for count in line.counts), of.advanced, of.counted, line.points]

    def _states(self) -> Sheet:
        """In alphabetical order."""
        rows = [(tile["code"], str(tile["name"]), tile["value"]) for tile in self.tiles]
        rows.sort(key=lambda cells: name_key(cells[1]))
        head = (_("Code"), _("State"), _("Per cent of the report that has arrived"))
        return Sheet(pgettext("sheet", "States"), head, rows, (10, 40, 24))

    def _follow(self) -> Sheet:
        head = (_("State"), _("Report"), _("Entries arrived"), _("Since"), _("Days"), _("Next step"))
        rows = [(row.name, row.status_label, row.arrived, row.since, row.days, row.step) for row in self.waiting]
        return Sheet(pgettext("sheet", "Follow-up"), head, rows, (34, 18, 16, 16, 10, 24))

    def _answer_times(self) -> Sheet:
        head = (_("States"), _("Asked"), _("Answered"), _("Waiting"), _("Overdue"), _("Median time"))
        rows = [(row.title, row.asked, row.answered, row.waiting, row.overdue, row.median) for row in self.corridors]
        return Sheet(pgettext("sheet", "Answer times"), head, rows, (60, 10, 10, 10, 10, 16))
