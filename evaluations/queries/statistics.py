"""The protected statistics of an evaluation: tables of published releases as they were told, and no other figure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from evaluations.enums import day_of
from evaluations.models import Evaluation
from indicators.enums import CATALOGUE, HEMISPHERE, TOTAL, ReleaseTable, releases_of
from indicators.models import Release
from indicators.queries import Figure, figures, table_years
from workplan.models import Round

Json = dict[str, Any]
BY_YEAR, BY_COLUMN = "years", "columns"
# What the documents print, so that they stay readable: totals by year, or the last year by the table's own columns.
SHOWN = {
    "victims-by-sex-and-age": BY_YEAR,
    "victims-by-sex-and-exploitation": BY_COLUMN,
    "victims-by-age-group": BY_COLUMN,
    "victims-by-citizenship-and-place": BY_COLUMN,
    "offences-recorded": BY_YEAR,
    "persons-prosecuted": BY_YEAR,
    "persons-convicted": BY_YEAR,
}


class Edition(NamedTuple):
    """One year of a table, and the release that tells it."""

    year: int
    release: Release


def statistics(evaluation: Evaluation) -> Json | None:
    """Of the releases of the definition, and of the years that the plan and the period hold whole."""
    rows = evaluation.releases.published().select_related("content").order_by("-number")
    releases = list(rows)
    if not releases:
        return None
    years = years_of(evaluation.round)
    read = [_read(code, releases, years, evaluation.states) for code in SHOWN]
    return {
        "releases": [_release(release) for release in reversed(releases)],
        "years": years,
        "tables": [table for by_area in read if (table := by_area.get(HEMISPHERE.code))],
        "states": _by_state(read),
        "elsewhere": [code for code in CATALOGUE if code not in SHOWN],
    }


class ToldLess(NamedTuple):
    """A table of one year in which the disclosure rule changes figures. Of whom is nobody's business here."""

    release: int
    year: int
    measure: str
    table: str


def told_less(evaluation: Evaluation) -> list[ToldLess] | None:
    """What the audit had told less of; none without a release."""
    found = list(evaluation.releases.published().order_by("number").values_list("number", "content__steps"))
    return [row for number, steps in found for row in changed(number, steps)] if found else None


def changed(release: int, steps: Mapping[str, Sequence[Sequence[str]]]) -> list[ToldLess]:
    """By the steps that a release noted; one that names no table touches all tables of its measure."""
    rows: set[ToldLess] = set()
    for block, taken in steps.items():
        year, _slash, measure = block.partition("/")
        every = [table.code for table in releases_of(measure)]
        for _kind, _area, table in taken:
            rows |= {ToldLess(release, int(year), measure, code) for code in ([table] if table else every)}
    return sorted(rows)


def years_of(round_: Round) -> list[int]:
    """Statistics are of whole years: those since the plan began that were over with the period."""
    end = round_.period_end
    last = end.year if end == date(end.year, 12, 31) else end.year - 1
    return list(range(round_.plan.start_date.year, last + 1))


def default_releases(round_: Round) -> list[Release]:
    """The last release of each year that lies in the period."""
    published = Release.objects.published().filter(year__in=years_of(round_))
    return list(published.order_by("year", "-number").distinct("year"))


def _release(release: Release) -> Json:
    return {
        "number": release.number,
        "year": release.year,
        "published_on": day_of(release.published_at).isoformat() if release.published_at else None,
        "sha256": release.content.sha256,
        "told_less": len(changed(release.number, release.content.steps)),
    }


def _read(code: str, releases: Sequence[Release], years: Iterable[int], states: Sequence[str]) -> dict[str, Json]:
    """One table of the catalogue for each area. A year is that of the newest release which tells it."""
    table, by = CATALOGUE[code], SHOWN[code]
    found = [edition for year in years if (edition := _edition(releases, table, year))]
    editions = found if by == BY_YEAR else found[-1:]
    cells: dict[str, list[list[Any]]] = {}
    for edition in editions:
        for figure in _figures(table, edition, states):
            if by == BY_COLUMN or figure.column == TOTAL:
                column = edition.year if by == BY_YEAR else figure.column
                cells.setdefault(figure.area, []).append([figure.row, column, figure.value, figure.status])
    sources = {str(year): release.number for year, release in editions}
    return {area: {"code": code, "by": by, "sources": sources, "cells": rows} for area, rows in cells.items()}


def _edition(releases: Sequence[Release], table: ReleaseTable, year: int) -> Edition | None:
    return next((Edition(year, r) for r in releases if year in table_years(r.content.told, table)), None)


def _figures(table: ReleaseTable, edition: Edition, states: Sequence[str]) -> list[Figure]:
    told = edition.release.content.told
    shown = [iso2 for iso2 in told["states"] if iso2 in states] if table.level == "state" else []
    return figures(told, table, edition.year, [*shown, HEMISPHERE.code])


def _by_state(read: Iterable[Mapping[str, Json]]) -> dict[str, list[Json]]:
    """Tables of the States that a release tells of by themselves, each for its own paper."""
    found: dict[str, list[Json]] = {}
    for by_area in read:
        for area, table in by_area.items():
            if area != HEMISPHERE.code:
                found.setdefault(area, []).append(table)
    return {iso2: tables for iso2, tables in sorted(found.items()) if any(_tells(table) for table in tables)}


def _tells(table: Json) -> bool:
    return any(value is not None for _row, _column, value, _status in table["cells"])
