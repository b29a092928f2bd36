"""One document: its tables, its sentences and its chapters."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from django.db.models import TextChoices
from django.utils.translation import gettext

from evaluations.delivery.content.own_words import OwnWords
from evaluations.delivery.content.sections import Sections
from evaluations.delivery.content.words import (
    TERMS,
    AreaBlock,
    Chapter,
    Json,
    Line,
    MandateLine,
    Matrix,
    MatrixRow,
    PeriodBar,
    PeriodLine,
    PeriodTable,
    QuoteWords,
    Status,
    name_key,
    status,
)
from evaluations.delivery.sentences import Narrator, Sentence
from evaluations.enums import Standing
from evaluations.queries.figures import (
    STATUSES,
    Answer,
    Quote,
    Row,
    addressed_to_secretariat,
    answers,
    area_activities,
    reporters,
)
from evaluations.queries.translations import quote_key
from workplan.enums import COUNTED_STATUSES, ActionKind, Obstacle, Theme


class Content(Sections):
    """Everything one document says. Read it while its language is active."""

    withheld: frozenset[str] = frozenset()  # States of which this reader is told nothing singly

    # --- tables -----------------------------------------------------------

    @property
    def statuses(self) -> list[Status]:
        return [status(code) for code in STATUSES]

    @property
    def scale(self) -> list[Status]:
        return [status(code) for code in COUNTED_STATUSES]

    @cached_property
    def areas(self) -> list[AreaBlock]:
        return [self._area(row) for row in self.summary.areas]

    def _area(self, row: Row) -> AreaBlock:
        title = next(self.text(area["title"]) for area in self.data["areas"] if area["code"] == row.code)
        total, lines = Line(row.code, title, row), list(map(self._activity_line, self.summary.activities[row.code]))
        return AreaBlock(
            row.code,
            title,
            total,
            lines,
            actions=self.kinds(self.summary.actions[row.code], ActionKind),
            obstacles=self.kinds(self.summary.obstacles[row.code], Obstacle),
            quotes=[self._quote(quote) for quote in self.summary.quotes[row.code]],
            practice=[self._quote(quote) for quote in self.summary.practice[row.code]],
            contributed=self._contributed(row.code),
            told=self.told_at(f"{row.code}-activities"),
            gaps_told=self.told_at(f"{row.code}-gaps"),
            periods=self._by_period(lines, total),
        )

    def _activity_line(self, row: Row) -> Line:
        activity = self.activities[row.code]
        return Line(activity["number"], self.text(activity["title"]), row)

    @property
    def overall(self) -> Line:
        return Line("", gettext("All areas"), self.summary.overall)

    @property
    def overview(self) -> list[Line]:
        return [area.total for area in self.areas]

    @property
    def themes(self) -> list[Line]:
        return [Line(row.code, str(Theme(row.code).label), row) for row in self.summary.themes]

    @property
    def theme_periods(self) -> PeriodTable:
        return self._by_period(self.themes)

    @property
    def all_periods(self) -> list[PeriodBar]:
        return [PeriodBar(period, period.rows[""]) for period in self.summary.periods]

    def _by_period(self, lines: Iterable[Line], total: Line | None = None) -> PeriodTable:
        """Without a row where no further period is looked at."""
        found = self.summary.periods
        rows = [self._period_line(line) for line in lines] if found else []
        codes = [period.code for period in found]
        return PeriodTable(codes, rows, self._period_line(total) if found and total else None)

    def _period_line(self, line: Line) -> PeriodLine:
        return PeriodLine(line.number, line.title, [period.rows[line.row.code] for period in self.summary.periods])

    @property
    def mandates(self) -> list[MandateLine]:
        return [self._mandate(answer) for answer in self.summary.secretariat]

    def _mandate(self, answer: Answer) -> MandateLine:
        activity = self.activities[answer.activity]
        before = self.summary.secretariat_before.get(answer.activity)
        return MandateLine(
            number=activity["number"],
            title=self.text(activity["title"]),
            joint=activity["responsible"] == "joint",
            own=status(answer.own),
            rating=status(answer.rating),
            before=status(before.rating) if before else None,
        )

    @property
    def secretariat_standing(self) -> str:
        return str(Standing(self.summary.secretariat_standing).label)

    @cached_property
    def matrices(self) -> list[Matrix]:
        return [self._matrix(area) for area in self.areas]

    def _matrix(self, area: AreaBlock) -> Matrix:
        current = self.data["rounds"][0]
        codes = [activity["code"] for activity in area_activities(self.data, area.code)]
        rows = []
        for iso2 in sorted(reporters(current), key=lambda code: name_key(self.names[code])):
            cells = [status(answer.rating) for answer in answers(current, codes, [iso2])]
            accepted = current["reports"][iso2]["standing"] == Standing.ACCEPTED
            rows.append(MatrixRow(self.names[iso2], accepted, cells, iso2 in self.withheld))
        columns = [(self.activities[code]["number"], self.text(self.activities[code]["title"])) for code in codes]
        return Matrix(area.title, columns, rows)

    @property
    def secretariat_count(self) -> int:
        return len(addressed_to_secretariat(self.data))

    # --- beside the ratings -----------------------------------------------

    def kinds(self, counts: Mapping[str, int], words: type[TextChoices]) -> list[tuple[str, int]]:
        """Counts with their words, in the order of the code list: an order by number would rank."""
        return [(str(words(code).label), counts[code]) for code in words.values if counts.get(code)]

    def _quote(self, quote: Quote) -> QuoteWords:
        translation = self.translated(quote_key(quote))
        return QuoteWords(
            state=self.names[quote.reporter],
            number=self.activities[quote.activity]["number"],
            words=OwnWords(quote.text, quote.language, self.language, translation),
        )

    @property
    def holds_practice(self) -> bool:
        """Data that were frozen before States were asked for good practice do not."""
        return "practice" in self.data

    def _contributed(self, area: str) -> list[Json]:
        """Contributions of the kind that name an activity of the area; they are printed in their own chapter."""
        found: list[Json] = []
        for row in self.practice_contributions:
            named = [self.activities[code] for code in row["activities"] if code in self.activities]
            numbers = [activity["number"] for activity in named if activity["area"] == area]
            found += [{**row, "numbers": numbers}] if numbers else []
        return found

    # --- sentences, each from a figure ------------------------------------

    @cached_property
    def sentences(self) -> list[Sentence]:
        return Narrator(self.data, self.summary).tell()

    def told_at(self, place: str) -> list[Sentence]:
        return [sentence for sentence in self.sentences if sentence.place == place]

    @property
    def findings(self) -> list[Sentence]:
        return [*self.told_at("executive"), *self.told_at("secretariat")]

    # --- chapters ---------------------------------------------------------

    @cached_property
    def chapters(self) -> list[Chapter]:
        """Every chapter with its number, in the order of the document."""
        heads = [("executive", gettext("The evaluation in figures")), ("mandate", gettext("Mandate and background"))]
        heads += [("method", gettext("Method")), ("overview", gettext("Overview by area"))]
        areas = [(area.code, area.title) for area in self.areas]
        rest = [
            ("secretariat", gettext("Mandates of the General Secretariat")),
            ("themes", gettext("Themes of the Third Meeting")),
            ("institutions", gettext("Institutions and law")),
            ("statistics", gettext("Statistics")),
            ("contributions", gettext("Contributions of international bodies and civil society")),
            ("assistance", gettext("Technical assistance: needs and offers")),
            ("networks", gettext("Networks and agreements")),
            ("elements", gettext("Conclusions and elements for a second Work Plan")),
        ]
        blocks = {area.code: area for area in self.areas}
        return [
            Chapter(key, number, title, self.told_at(key), blocks.get(key))
            for number, (key, title) in enumerate([*heads, *areas, *rest], start=1)
        ]

    @property
    def annexes(self) -> list[tuple[str, str]]:
        return [
            ("annex", gettext("Annex A. Activities and States")),
            ("annex-comments", gettext("Annex B. Comments of States")),
            ("annex-sources", gettext("Annex C. Sources")),
            ("annex-sentences", gettext("Annex D. Where each sentence comes from")),
            ("annex-terms", gettext("Annex E. Terms in four languages")),
        ]

    @property
    def terms(self) -> list[list[str]]:
        """The same terms in every document; the columns are the four languages."""
        return TERMS
