"""The files of a release: the same figures as CSV, JSON and XLSX, one row per cell, the same bytes each time."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import State
from core.canonical import canonical_json
from core.i18n import LANGUAGES
from core.spreadsheets import harmless
from indicators.enums import (
    CATALOGUE,
    DIMENSIONS,
    GROUPS,
    TOTAL,
    CellStatus,
    Dimension,
    FileFormat,
    ReleaseTable,
)
from indicators.queries import figures, table_years, told_areas

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LICENSE = "CC BY 4.0"
HEAD = ("TABLE", "TIME_PERIOD", "REF_AREA", "REF_AREA_LABEL", "ROW", "ROW_LABEL", "COLUMN", "COLUMN_LABEL",
        "OBS_VALUE", "OBS_STATUS", "OBS_STATUS_LABEL")  # fmt: skip
# A fixed moment in the files' own properties: the time of a run would change their bytes.
MADE = datetime(2014, 1, 1)  # noqa: DTZ001 - XlsxWriter takes no zone
Row = tuple[str | int | None, ...]


def notes() -> list[str]:
    """What stands beside every table, in the language of the page or file."""
    return [
        _("Every figure is rounded to the nearest 10 by itself, so figures do not add up to their totals."),
        _("A released 0 means 0 to 4. A State's true zeros are known to that State alone."),
        _(
            "A State with fewer than 30 in a table appears in its sub-region only. Categories are merged where one of "
            "them holds nearly everybody."
        ),
        _(
            "The figures are what States reported. Laws, definitions and ways of counting differ, so States cannot be "
            "compared with each other; they are no sample and no estimate of how much trafficking there is."
        ),
        _("License: Creative Commons Attribution 4.0 (CC BY 4.0). Name the portal, the release and its number."),
    ]


def area_names(codes: Sequence[str]) -> dict[str, str]:
    names = {state.iso2: state.name for state in State.objects.filter(iso2__in=codes)}
    return {code: GROUPS[code].title if code in GROUPS else names.get(code, code) for code in codes}


def category_name(dimension: Dimension, code: str) -> str:
    return _("Total") if code == TOTAL else next(c.title for c in dimension.categories if c.code == code)


def table_rows(told: Mapping[str, Any], table: ReleaseTable) -> Iterator[Row]:
    """Every cell of every year, with codes and words."""
    for year in table_years(told, table):
        areas = told_areas(told, table, year, told["states"])
        names = area_names(areas)
        for figure in figures(told, table, year, areas):
            yield (
                table.code,
                year,
                figure.area,
                names[figure.area],
                figure.row,
                category_name(table.rows, figure.row),
                figure.column,
                category_name(table.columns, figure.column),
                figure.value,
                figure.status,
                str(CellStatus(figure.status).label),
            )


def dictionary_rows() -> Iterator[Row]:
    """Code lists, markers and tables: what every code of the files means."""
    for table in CATALOGUE.values():
        yield "TABLE", table.code, table.title, table.source.code
    for dimension in DIMENSIONS.values():
        for category in dimension.categories:
            yield dimension.code, category.code, category.title, dimension.standard
    for area in GROUPS.values():
        yield "REF_AREA", area.code, area.title, " ".join(sorted(area.states)) or "UN M49"
    for status in CellStatus:
        yield "OBS_STATUS", status.value, str(status.label), ""
    for number, note in enumerate(notes(), start=1):
        yield "NOTE", str(number), note, ""


def write_all(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bytes]]:
    """Table, language, format and bytes of every file."""
    for language in LANGUAGES:
        with override(language):
            for table in CATALOGUE.values():
                rows = list(table_rows(told, table))
                for format_ in FileFormat:
                    yield table.code, language, format_, write(format_, table.title, HEAD, rows, told)
            head = ("LIST", "CODE", "LABEL", "STANDARD")
            for format_ in FileFormat:
                yield (
                    "dictionary",
                    language,
                    format_,
                    write(format_, _("Data dictionary"), head, list(dictionary_rows()), told),
                )


def write(format_: str, title: str, head: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    writers = {FileFormat.CSV: _csv, FileFormat.JSON: _json, FileFormat.XLSX: _xlsx}
    return writers[FileFormat(format_)](title, head, rows, told)


def _csv(title: str, head: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell if isinstance(cell, int) else harmless(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def _json(title: str, head: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    data = {
        "title": title,
        "release": told["release"],
        "license": LICENSE,
        "notes": notes(),
        "data": [dict(zip(head, row, strict=True)) for row in rows],
    }
    return json.dumps(json.loads(canonical_json(data)), ensure_ascii=False, indent=1, sort_keys=True).encode()


def _xlsx(title: str, head: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": title, "created": MADE})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("Data")[:31])
    for place, word in enumerate(head):
        sheet.write_string(0, place, word, bold)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, place, cell)
            elif cell is not None:
                sheet.write_string(number, place, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)
    about = book.add_worksheet(_("Notes")[:31])
    about.set_column(0, 0, 110, wrap)
    for number, note in enumerate([title, _("Release %(number)s") % {"number": told["release"]}, *notes()]):
        about.write_string(number, 0, note, wrap)
    book.close()
    return out.getvalue()
