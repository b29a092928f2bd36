"""Reads that join several models: contents of returns, soft checks, counts of all States for a release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from indicators.enums import (
    CATALOGUE,
    HEMISPHERE,
    TABLES,
    TOTAL,
    CellStatus,
    Marker,
    ReleaseTable,
    Table,
    tables_of,
)
from indicators.models import Release, ReturnVersion, StatisticalReturn

Answer = tuple[str, int | None]  # marker and count
Answers = dict[tuple[str, str], Answer]
COUNTED = (Marker.VALUE, Marker.ZERO)
META = ("source", "coverage_citizenship", "coverage_movement", "criminal_code_article", "definition_note", "language")


def answers_of(filled: StatisticalReturn) -> Answers:
    if filled._state.adding:  # not begun
        return {}
    return {(cell.row, cell.column): (cell.marker, cell.value) for cell in filled.cells.all()}


def return_content(filled: StatisticalReturn) -> dict[str, Any]:
    """What is signed: every cell, with where the figures come from. Shape of ReturnVersion.content."""
    answers = answers_of(filled)
    return {
        "state": filled.state.iso2,
        "year": filled.year,
        "table": filled.table,
        **{name: getattr(filled, name) for name in META},
        "reasons": filled.reasons,
        "cells": [[row, column, *answers[row, column]] for row, column in filled.definition.cells()],
    }


def version_answers(content: Mapping[str, Any]) -> Answers:
    return {(row, column): (marker, value) for row, column, marker, value in content["cells"]}


def as_answers(cells: Iterable[Sequence[Any]]) -> Answers:
    """Counts as a return has them: a zero is said as such."""
    return {(row, column): (Marker.VALUE, count) if count else (Marker.ZERO, 0) for row, column, count in cells}


def unanswered(filled: StatisticalReturn) -> list[tuple[str, str]]:
    answers = answers_of(filled)
    return [place for place in filled.definition.cells() if place not in answers]


# --- soft checks ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doubt:
    """A figure that may be right and should be looked at; it stands when a reason is given."""

    code: str
    text: str
    reason: str = ""


def count_of(answers: Answers, table: Table, row: str = TOTAL, column: str = TOTAL) -> int | None:
    """Sum of the counts of a row, a column or all; None where nothing was counted."""
    parts = [
        answers[place][1]
        for place in table.cells()
        if row in (TOTAL, place[0]) and column in (TOTAL, place[1]) and answers.get(place, ("",))[0] in COUNTED
    ]
    return sum(part or 0 for part in parts) if parts else None


def is_complete(answers: Answers, table: Table) -> bool:
    return all(answers.get(place, ("",))[0] in (*COUNTED, Marker.NOT_APPLICABLE) for place in table.cells())


def last_signed(filled: StatisticalReturn, year: int) -> Answers | None:
    versions = ReturnVersion.objects.filter(
        source__state=filled.state_id, source__year=year, source__table=filled.table
    )
    version = versions.order_by("-number").first()
    return version_answers(version.content) if version else None


def doubts(filled: StatisticalReturn) -> list[Doubt]:
    """Soft checks: against last year (three times as many, or a third), and against the other tables of the year."""
    answers = answers_of(filled)
    found = [*_against_last_year(filled, answers), *_against_other_tables(filled, answers)]
    return [Doubt(doubt.code, doubt.text, filled.reasons.get(doubt.code, "")) for doubt in found]


def _against_last_year(filled: StatisticalReturn, answers: Answers) -> Iterable[Doubt]:
    before = last_signed(filled, filled.year - 1)
    if before is None:
        return
    table = filled.definition
    places = [(TOTAL, TOTAL, _("Total")), *((c.code, TOTAL, c.title) for c in table.rows.categories)]
    for row, column, name in places:
        old, new = count_of(before, table, row, column), count_of(answers, table, row, column)
        if old is not None and new is not None and max(old, new) >= 10 and (new > 3 * old or 3 * new < old):
            place = {"name": name, "old": old, "new": new, "year": filled.year - 1}
            yield Doubt(f"year:{row}", _("%(name)s: %(new)s, against %(old)s in %(year)s.") % place)


def _against_other_tables(filled: StatisticalReturn, answers: Answers) -> Iterable[Doubt]:
    """Tables that count the same people have the same totals, and the same row totals where the rows are the same."""
    others = StatisticalReturn.objects.filter(state=filled.state_id, year=filled.year).prefetch_related("cells")
    mine = filled.definition
    for other in others.exclude(pk=filled.pk):
        table, theirs = other.definition, answers_of(other)
        if table.measure != mine.measure or not (is_complete(answers, mine) and is_complete(theirs, table)):
            continue
        rows = [(TOTAL, _("Total")), *((c.code, c.title) for c in mine.rows.categories if mine.rows is table.rows)]
        for row, name in rows:
            one, two = count_of(answers, mine, row), count_of(theirs, table, row)
            if one != two:
                words = {"name": name, "one": one or 0, "two": two or 0, "table": table.title}
                yield Doubt(f"sum:{table.code}:{row}", _("%(name)s: %(one)s here, %(two)s in “%(table)s”.") % words)


# --- counts for a release ------------------------------------------------------------------------


def latest_versions(until: int) -> dict[str, int]:
    """Of each State, year and table the version signed last: "CR/2012/VIC_SEX_AGE" → key."""
    newest = ReturnVersion.objects.filter(source=OuterRef("source")).order_by("-number").values("pk")[:1]
    rows = ReturnVersion.objects.filter(pk=Subquery(newest), source__year__lte=until)
    names = rows.values_list("source__state__iso2", "source__year", "source__table", "pk")
    return {f"{iso2}/{year}/{table}": key for iso2, year, table, key in sorted(names)}


def contents_of(keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    return dict(ReturnVersion.objects.filter(pk__in=list(keys)).values_list("pk", "content"))


def earlier_releases(number: int) -> list[Release]:
    """Those that somebody may have read, the Secretariat before publication included, in their order."""
    made = Release.objects.filter(number__lt=number, content__isnull=False)
    return list(made.select_related("content").order_by("number"))


# --- what a release tells ------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    area: str
    row: str
    column: str
    value: int | None
    status: str


def told_block(told: Mapping[str, Any], table: ReleaseTable, year: int) -> Mapping[str, Any] | None:
    block: Mapping[str, Any] | None = told["years"].get(str(year), {}).get(table.source.measure)
    return block


def table_years(told: Mapping[str, Any], table: ReleaseTable) -> list[int]:
    return sorted(int(year) for year, blocks in told["years"].items() if table.source.measure in blocks)


def figures(told: Mapping[str, Any], table: ReleaseTable, year: int, areas: Sequence[str]) -> list[Figure]:
    """Every cell of a table for these areas: its rounded count, or why there is none."""
    block = told_block(told, table, year)
    if block is None:
        return []
    shown = {(a, r, c): value for t, a, r, c, value in block["figures"] if t == table.code}
    gaps = {(a, r, c): status for t, a, r, c, status in block["gaps"] if t == table.code}
    columns = [TOTAL] if table.is_flat else [*table.columns.codes, TOTAL]
    result = []
    for area in areas:
        for row in [*table.rows.codes, TOTAL]:
            for column in columns:
                place = (area, row, column)
                value = shown.get(place)
                status = CellStatus.ROUNDED if value is not None else gaps.get(place) or _why(block, table, area)
                result.append(Figure(area, row, column, value, str(status)))
    return result


def _why(block: Mapping[str, Any], table: ReleaseTable, area: str) -> str:
    if any(t == table.code and a == area for t, a, _kind in block["merged"]):
        return CellStatus.MERGED
    if area in block["placement"] and block["placement"][area] != area:
        return CellStatus.SUPPRESSED
    if area == HEMISPHERE.code and block["placement"] and not any(a == area for _t, a, *_rest in block["figures"]):
        return CellStatus.SUPPRESSED
    return CellStatus.NOT_REPORTED


def told_areas(told: Mapping[str, Any], table: ReleaseTable, year: int, states: Iterable[str]) -> list[str]:
    """Areas of a table in the order given: every State, then the groups that stand, then the hemisphere."""
    block = told_block(told, table, year)
    groups = sorted({a for a in (block or {"placement": {}})["placement"].values() if a and len(a) > 2})
    return [*(states if table.level == "state" else ()), *(groups if table.level == "state" else ()), HEMISPHERE.code]


def measures_filled(tables: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(TABLES[table].measure for table in tables))


def source_tables(measure: str) -> list[str]:
    return [table.code for table in tables_of(measure)]


def release_table(code: str) -> ReleaseTable | None:
    return CATALOGUE.get(code)
