"""Rows, cells and bars of the documents, in words."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from core.templatetags.charts import BarPart
from evaluations.delivery.content.own_words import OwnWords
from evaluations.delivery.sentences import Sentence
from evaluations.queries.figures import (
    Counted,
    Distribution,
    Period,
    Response,
    Row,
)
from workplan.enums import COUNTED_STATUSES, ImplementationStatus

Json = Mapping[str, Any]

# Letters, because figures would look like marks. Each language has its own.
SHORT_CODES: dict[str, Promise] = {
    "not_started": pgettext_lazy("short code of a status", "NS"),
    "planned": pgettext_lazy("short code of a status", "PL"),
    "partial": pgettext_lazy("short code of a status", "PA"),
    "substantial": pgettext_lazy("short code of a status", "MO"),
    "full": pgettext_lazy("short code of a status", "FU"),
    "not_applicable": pgettext_lazy("short code of a status", "N/A"),
    "no_information": pgettext_lazy("short code of a status", "–"),
}
# One hue from white to navy: steps of the scale, not good and bad.
FILLS = {
    "not_started": "#ffffff",
    "planned": "#cfe1f0",
    "partial": "#8fbadd",
    "substantial": "#3f7fb1",
    "full": "#0b3c5d",
}
# es, en, fr, pt: what must not be confused between them.
TERMS = [
    ["trata de personas", "trafficking in persons", "traite des personnes", "tráfico de pessoas"],
    ["plan de trabajo", "work plan", "plan de travail", "plano de trabalho"],
    ["autoridad nacional", "national authority", "autorité nationale", "autoridade nacional"],
    ["asistencia integral", "comprehensive assistance", "prise en charge intégrale", "assistência integral"],
    ["Hemisferio Occidental", "Western Hemisphere", "Continent américain", "Hemisfério Ocidental"],
    [
        "tráfico ilícito de migrantes",
        "smuggling of migrants",
        "trafic illicite de migrants",
        "contrabando de migrantes",
    ],
]


@dataclass(frozen=True)
class Status:
    code: str
    label: str
    short: str
    fill: str  # empty where the status is not on the scale


@dataclass(frozen=True)
class Line:
    """A row of a table in words."""

    number: str
    title: str
    row: Row

    @property
    def counted(self) -> list[int]:
        return [self.row.distribution.counts[status] for status in COUNTED_STATUSES]

    @property
    def own_counted(self) -> list[int]:
        return [self.row.own.counts[status] for status in COUNTED_STATUSES]

    @property
    def not_applicable(self) -> int:
        return self.row.distribution.counts[ImplementationStatus.NOT_APPLICABLE]

    @property
    def no_information(self) -> int:
        return self.row.distribution.counts[ImplementationStatus.NO_INFORMATION]

    @property
    def bar(self) -> list[BarPart]:
        return bar(self.row.distribution)

    @property
    def points(self) -> str:
        return signed(self.row.change.points if self.row.change else None)


@dataclass(frozen=True)
class PeriodLine:
    """A row over all periods, each cell by itself."""

    number: str
    title: str
    cells: list[Counted]


@dataclass(frozen=True)
class PeriodTable:
    """Answers on the scale, a column for each period."""

    codes: list[str]
    lines: list[PeriodLine]
    total: PeriodLine | None


@dataclass(frozen=True)
class PeriodBar:
    """All activities in one period."""

    period: Period
    counted: Counted

    @property
    def bar(self) -> list[BarPart]:
        return bar(self.counted.distribution)


@dataclass(frozen=True)
class QuoteWords:
    """A State's own words on an activity."""

    state: str
    number: str
    words: OwnWords


@dataclass(frozen=True)
class AreaBlock:
    code: str
    title: str
    total: Line
    lines: list[Line]
    actions: list[tuple[str, int]]
    obstacles: list[tuple[str, int]]
    quotes: list[QuoteWords]
    practice: list[QuoteWords]
    contributed: list[Json]  # contributions that describe good practice, each with the numbers of its activities here
    told: list[Sentence]  # activity by activity
    gaps_told: list[Sentence]
    periods: PeriodTable

    @property
    def gaps(self) -> list[Line]:
        """Activities that no State has mostly or fully implemented, in the order of the plan."""
        return [line for line in self.lines if not line.row.distribution.advanced]


@dataclass(frozen=True)
class Chapter:
    """A numbered chapter: its anchor, its title and the sentences made for it."""

    key: str
    number: int
    title: str
    sentences: list[Sentence]
    area: AreaBlock | None

    @property
    def anchor(self) -> str:
        return f"area-{self.key}" if self.area else self.key

    @property
    def template(self) -> str:
        return f"evaluations/document/{'area' if self.area else self.key}.html"


@dataclass(frozen=True)
class MandateLine:
    """One activity of the General Secretariat: its own rating, the one reviewed, and the period before."""

    number: str
    title: str
    joint: bool
    own: Status
    rating: Status
    before: Status | None


@dataclass(frozen=True)
class MatrixRow:
    state: str
    reported: bool
    cells: list[Status]
    is_withheld: bool = False


@dataclass(frozen=True)
class Matrix:
    title: str
    columns: list[tuple[str, str]]  # number, title
    rows: list[MatrixRow]


@dataclass(frozen=True)
class ResponseWords:
    response: Response
    accepted: list[str]
    submitted: list[str]
    not_reported: list[str]
    left_out: list[str]


def name_key(name: str) -> str:
    """Alphabetical order that does not depend on the collations of a server."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def signed(points: int | None) -> str:
    """A change in percentage points with its sign; a true minus."""
    if points is None:
        return "—"
    if points == 0:
        return "="
    return f"{'+' if points > 0 else '−'}{abs(points)}"


def bar(of: Distribution) -> list[BarPart]:
    """The steps of the scale as parts of one bar; "not applicable" and "no information" are not in it."""
    steps = [status(code) for code in COUNTED_STATUSES[::-1]]
    return [BarPart(step.code, step.label, of.counts[step.code], step.fill) for step in steps]


def status(code: str) -> Status:
    return Status(code, str(ImplementationStatus(code).label), str(SHORT_CODES[code]), FILLS.get(code, ""))


def dates(of: Json, *keys: str) -> dict[str, date | None]:
    return {key: date.fromisoformat(of[key]) if of[key] else None for key in keys}
