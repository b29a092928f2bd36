"""Statistics as the pages show them: lists of returns, tables with their bars."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import State
from core.templatetags.portal import thousands
from indicators.delivery.files import area_names, category_name, notes
from indicators.enums import (
    CATALOGUE,
    DIMENSIONS,
    HEMISPHERE,
    SIGNS,
    TABLES,
    TOTAL,
    CellStatus,
    Marker,
    ReleaseTable,
    ReturnStatus,
    Table,
    legend,
)
from indicators.models import Release, ReleaseContent, ReturnProposal, StatisticalReturn
from indicators.queries import Answers, Figure, as_answers, count_of, figures, table_years, told_areas, told_block

BAR_WIDTH = 160


@dataclass(frozen=True)
class ReturnRow:
    title: str
    url: str
    status: str
    status_label: str
    hint: str = ""


def return_rows(state: State, year: int, existing: Iterable[StatisticalReturn]) -> list[ReturnRow]:
    """Every table of the year, begun or not."""
    known = {filled.table: filled for filled in existing}
    return [_return_row(state, year, table, known.get(table.code)) for table in TABLES.values()]


def _return_row(state: State, year: int, table: Table, filled: StatisticalReturn | None) -> ReturnRow:
    url = reverse("return_edit", args=[state.iso2, year, table.code])
    if filled is None or (filled.version == 1 and filled.status == ReturnStatus.DRAFT):
        return ReturnRow(table.title, url, "not_started", _("Not started"))
    colours = {ReturnStatus.DRAFT: "draft", ReturnStatus.SENT: "under_review", ReturnStatus.SIGNED: "accepted"}
    return ReturnRow(table.title, url, colours[ReturnStatus(filled.status)], filled.get_status_display())


@dataclass(frozen=True)
class ExactRow:
    label: str
    cells: list[str]


@dataclass(frozen=True)
class ExactTable:
    """A State's own exact figures, for its own people."""

    head: list[str]
    rows: list[ExactRow]


def exact_table(table: Table, answers: Answers) -> ExactTable:
    flat = len(table.columns.categories) == 1
    columns = table.columns.categories
    head = [table.rows.title, *(c.title for c in columns), *([] if flat else [_("Total")])]
    rows = []
    for code, label in [*((c.code, c.title) for c in table.rows.categories), (TOTAL, _("Total"))]:
        cells = [_exact(answers, table, code, c.code) for c in columns]
        rows.append(ExactRow(label, cells if flat else [*cells, _exact(answers, table, code, TOTAL)]))
    return ExactTable(head, rows)


def _exact(answers: Answers, table: Table, row: str, column: str) -> str:
    marker, _value = answers.get((row, column), ("", None))
    if marker and marker not in (Marker.VALUE, Marker.ZERO):
        return str(Marker(marker).label)
    count = count_of(answers, table, row, column)
    return "" if count is None else thousands(count)


@dataclass(frozen=True)
class ProposalRow:
    label: str
    now: str
    counted: str
    differs: bool


def proposal_rows(proposal: ReturnProposal, answers: Answers) -> list[ProposalRow]:
    """Each cell as it stands and as it was counted, then both totals."""
    table, counted = proposal.definition, as_answers(proposal.cells)
    rows = {c.code: c.title for c in table.rows.categories}
    columns = {c.code: c.title for c in table.columns.categories}
    places = [(row, column, f"{rows[row]}, {columns[column]}") for row, column in table.cells()]
    if len(columns) == 1:
        places = [(row, column, rows[row]) for row, column in table.cells()]
    return [_proposal_row(table, answers, counted, *place) for place in [*places, (TOTAL, TOTAL, _("Total"))]]


def _proposal_row(table: Table, answers: Answers, counted: Answers, row: str, column: str, label: str) -> ProposalRow:
    now, new = _exact(answers, table, row, column), _exact(counted, table, row, column)
    return ProposalRow(label, now, new, now != new)


@dataclass(frozen=True)
class Change:
    table: str
    cells: int
    before: str


def upload_changes(content: Mapping[str, Any], existing: Iterable[StatisticalReturn]) -> list[Change]:
    known = {filled.table: filled.get_status_display() for filled in existing}
    return [Change(TABLES[t].title, len(data["cells"]), known.get(t, _("Not started"))) for t, data in content.items()]


# --- releases ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownCell:
    text: str
    title: str = ""


@dataclass(frozen=True)
class ShownRow:
    label: str
    cells: list[ShownCell]
    bar: int | None = None  # width of the bar, of BAR_WIDTH; none where there is no figure
    url: str = ""
    note: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class ShownTable:
    caption: str
    head: list[str]
    rows: list[ShownRow]
    bar_head: str


@dataclass(frozen=True)
class YearLink:
    year: int
    url: str
    current: bool


@dataclass(frozen=True)
class TablePage:
    table: ReleaseTable
    year: int
    years: list[YearLink]
    shown: ShownTable
    legend: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    revised: bool = False


def table_page(release: Release, content: ReleaseContent, table: ReleaseTable, year: int) -> TablePage:
    """All areas, by the rows of the table; the bars show the very totals of the table beside them."""
    told = content.told
    areas = told_areas(told, table, year, told["states"])
    names = area_names(areas)
    totals = [f for f in figures(told, table, year, areas) if f.column == TOTAL]
    states = sorted((a for a in areas if len(a) == 2), key=lambda code: _sort_key(names[code]))
    ordered = [*states, *(a for a in areas if len(a) > 2 and a != HEMISPHERE.code), HEMISPHERE.code]
    head = [_("State"), *(category_name(table.rows, code) for code in [*table.rows.codes, TOTAL])]
    by_area = {area: [f for f in totals if f.area == area] for area in ordered}
    widest = max((f.value or 0 for a in states for f in by_area[a] if f.row == TOTAL), default=0)
    shown = ShownTable(
        caption=f"{table.title}, {year}",
        head=head,
        rows=[_area_row(release, told, table, year, a, names, by_area[a], widest) for a in ordered if a in by_area],
        bar_head=_("Total as a bar"),
    )
    return _page(release, told, table, year, shown, "data_table")


def _sort_key(name: str) -> str:
    """É stands with E, as readers look for it."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _area_row(
    release: Release,
    told: Mapping[str, Any],
    table: ReleaseTable,
    year: int,
    area: str,
    names: Mapping[str, str],
    cells: Sequence[Figure],
    widest: int,
) -> ShownRow:
    total = next((f.value for f in cells if f.row == TOTAL), None)
    has_detail = total is not None and not table.is_flat
    url = reverse("data_area", args=[release.number, table.code, year, area]) if has_detail else ""
    return ShownRow(
        label=names[area],
        cells=[_cell(f) for f in cells],
        bar=None if total is None or area == HEMISPHERE.code else _bar(total, widest),
        url=url,
        note=_members(told, table, year, area),
        is_sum=area == HEMISPHERE.code,
    )


def _members(told: Mapping[str, Any], table: ReleaseTable, year: int, area: str) -> str:
    """Which States stand behind a sub-region's row."""
    block = told_block(told, table, year) or {"placement": {}}
    members = [iso2 for iso2, place in block["placement"].items() if place == area and place != iso2]
    return ", ".join(sorted(area_names(members).values())) if members else ""


def _bar(value: int, widest: int) -> int:
    return round(BAR_WIDTH * value / widest) if widest else 0


def _cell(figure: Figure) -> ShownCell:
    if figure.value is not None:
        return ShownCell(thousands(figure.value))
    status = CellStatus(figure.status)
    return ShownCell(SIGNS[status], str(status.label))


def area_page(release: Release, content: ReleaseContent, table: ReleaseTable, year: int, area: str) -> TablePage:
    """One area: rows by columns."""
    found = figures(content.told, table, year, [area])
    columns = [TOTAL] if table.is_flat else [*table.columns.codes, TOTAL]
    totals = [f.value or 0 for f in found if f.column == TOTAL and f.row != TOTAL]
    rows = []
    for code in [*table.rows.codes, TOTAL]:
        cells = {f.column: f for f in found if f.row == code}
        total = cells[TOTAL].value
        bar = None if total is None or code == TOTAL else _bar(total, max(totals, default=0))
        label = category_name(table.rows, code)
        rows.append(ShownRow(label, [_cell(cells[c]) for c in columns], bar, is_sum=code == TOTAL))
    head = [table.rows.title, *(category_name(table.columns, code) for code in columns)]
    shown = ShownTable(f"{table.title}, {area_names([area])[area]}, {year}", head, rows, _("Total as a bar"))
    return _page(release, content.told, table, year, shown, "data_area", area)


def _page(
    release: Release, told: Mapping[str, Any], table: ReleaseTable, year: int, shown: ShownTable, url: str, *more: str
) -> TablePage:
    links = [
        YearLink(y, reverse(url, args=[release.number, table.code, y, *more]), y == year)
        for y in table_years(told, table)
    ]
    revised = f"{year}/{table.source.measure}" in told["revised"]
    return TablePage(table, year, links, shown, legend(), notes(), revised)


@dataclass(frozen=True)
class CatalogueRow:
    title: str
    url: str
    years: str
    files: list[tuple[str, str]]


def catalogue_rows(release: Release, content: ReleaseContent) -> list[CatalogueRow]:
    rows = []
    for table in CATALOGUE.values():
        years = table_years(content.told, table)
        if years:
            url = reverse("data_table", args=[release.number, table.code, years[-1]])
            rows.append(CatalogueRow(table.title, url, ", ".join(map(str, years)), file_links(release, table.code)))
    return rows


def file_links(release: Release, table: str) -> list[tuple[str, str]]:
    formats = ("csv", "json", "xlsx")
    return [(name.upper(), reverse("data_download", args=[release.number, table, name])) for name in formats]


def finding_rows(release: Release) -> list[list[str]]:
    """Where the audit stopped a release, in words."""
    areas = area_names(sorted({f[2] for f in release.findings}))
    return [_finding_row(*finding, areas=areas) for finding in release.findings]


def _finding_row(year: int, code: str, area: str, row: str, column: str, *, areas: Mapping[str, str]) -> list[str]:
    table = CATALOGUE[code]
    names = (category_name(table.rows, row), category_name(table.columns, column))
    return [str(year), table.title, areas[area], *names]


def dictionary_page() -> list[dict[str, Any]]:
    return [
        {
            "title": dimension.title,
            "code": dimension.code,
            "standard": dimension.standard,
            "rows": [[category.code, category.title] for category in dimension.categories],
        }
        for dimension in DIMENSIONS.values()
    ]
