"""Tables of protected statistics in words: each cell as the release tells it, with its marker."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, pgettext

from core.templatetags.portal import thousands
from evaluations.delivery.content.words import Json, dates
from indicators.delivery.files import category_name, notes
from indicators.enums import CATALOGUE, SIGNS, CellStatus, ReleaseTable, legend

TURNED = ("victims-by-age-group",)  # more categories across than a page is wide


@dataclass(frozen=True)
class StatisticsCell:
    row: str
    column: str
    value: int | None
    status: str
    text: str  # the figure or its sign


@dataclass(frozen=True)
class StatisticsTable:
    """The same cells for every format: rows of cells, with the heads of both sides."""

    title: str
    years: list[int]
    releases: list[int]
    head: list[str]
    rows: list[list[StatisticsCell]]
    is_turned: bool

    @property
    def caption(self) -> str:
        years = str(self.years[0]) if len(self.years) == 1 else f"{self.years[0]}–{self.years[-1]}"
        words = {"title": self.title, "years": years, "releases": ", ".join(map(str, self.releases))}
        return gettext("%(title)s, %(years)s (release %(releases)s)") % words

    def label(self, row: list[StatisticsCell]) -> str:
        return row[0].column if self.is_turned else row[0].row

    @property
    def lines(self) -> list[tuple[str, list[StatisticsCell]]]:
        return [(self.label(row), row) for row in self.rows]

    @property
    def cells(self) -> list[StatisticsCell]:
        return [cell for row in self.rows for cell in row]


@dataclass(frozen=True)
class StatisticsWords:
    releases: list[Json]
    years: list[int]
    tables: list[StatisticsTable]
    is_held: bool  # data frozen before tables were part of them name the release alone
    elsewhere: list[str]
    legend: list[tuple[str, str]]
    notes: list[str]


def statistics_words(found: Json, tables: Iterable[Json]) -> StatisticsWords:
    elsewhere = [CATALOGUE[code].title for code in found.get("elsewhere", []) if code in CATALOGUE]
    return StatisticsWords(
        releases=[
            {**row, "year": str(row["year"]), **dates(row, "published_on")} for row in found.get("releases", [found])
        ],
        years=found.get("years", []),
        tables=[_table(row) for row in tables],
        is_held="tables" in found,
        elsewhere=elsewhere,
        legend=legend(),
        notes=notes()[:-1],  # the license is that of the files of the release
    )


def _table(found: Json) -> StatisticsTable:
    table, is_turned = CATALOGUE[found["code"]], found["code"] in TURNED
    cells = [_cell(table, found["by"], *cell) for cell in found["cells"]]
    by: dict[str, list[StatisticsCell]] = {}
    for cell in cells:
        by.setdefault(cell.column if is_turned else cell.row, []).append(cell)
    rows = list(by.values())
    first = table.columns.title if is_turned else table.rows.title
    return StatisticsTable(
        title=_title(table, found["by"]),
        years=sorted(map(int, found["sources"])),
        releases=sorted(set(found["sources"].values())),
        head=[first, *(cell.row if is_turned else cell.column for cell in rows[0])],
        rows=rows,
        is_turned=is_turned,
    )


def _title(table: ReleaseTable, by: str) -> str:
    """A table of the catalogue of which the documents print the totals by year alone is named by its rows."""
    if by == "years" and not table.is_flat:
        return pgettext("statistics", "Victims identified, by sex")
    return table.title


def _cell(table: ReleaseTable, by: str, row: str, column: str, value: int | None, status: str) -> StatisticsCell:
    across = str(column) if by == "years" else category_name(table.columns, column)
    text = SIGNS[CellStatus(status)] if value is None else thousands(value)
    return StatisticsCell(category_name(table.rows, row), across, value, str(CellStatus(status).label), text)
