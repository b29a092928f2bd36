"""The workbook in which a State fills in its returns: words in the reader's language, codes hidden beside them."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from accounts.models import State
from indicators.enums import TABLES, CoverageCitizenship, CoverageMovement, Marker
from indicators.queries import Answers

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SHEET, ABOUT, HIDDEN = "DATA", "ABOUT", "CODES"
LISTS: dict[str, Any] = {"answer": Marker, "citizenship": CoverageCitizenship, "movement": CoverageMovement}
About = Mapping[str, Mapping[str, str]]
Styles = Mapping[str, Any]


def write_template(state: State, year: int, answers: Mapping[str, Answers], about: About) -> bytes:
    """One row per cell of every table, with the answers there are."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties(
        {"title": _("Statistical returns of %(state)s, %(year)s") % {"state": state.name, "year": year}}
    )
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#0B3C5D", "font_color": "#FFFFFF", "text_wrap": True}),
        "input": book.add_format({"bg_color": "#FFF8E1", "border": 1, "border_color": "#C9D1D9", "locked": False}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    ranges = _codes_sheet(book, state, year)
    _data_sheet(book, styles, answers, ranges)
    _about_sheet(book, styles, about, ranges)
    book.get_worksheet_by_name(SHEET).activate()
    book.close()
    return out.getvalue()


def _codes_sheet(book: Any, state: State, year: int) -> dict[str, str]:
    """Hidden: which State and year the workbook is for, and what each word of its lists means."""
    sheet = book.add_worksheet(HIDDEN)
    rows: list[Sequence[str]] = [("state", state.iso2, ""), ("year", str(year), "")]
    ranges = {}
    for name, choices in LISTS.items():
        first = len(rows) + 2
        rows += [(name, choice.value, str(choice.label)) for choice in choices]
        ranges[name] = f"={HIDDEN}!$C${first}:$C${len(rows) + 1}"
    for place, word in enumerate(("name", "code", "word")):
        sheet.write_string(0, place, word)
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text)
    sheet.hide()
    return ranges


def _data_sheet(
    book: Any, styles: Mapping[str, Any], answers: Mapping[str, Answers], ranges: Mapping[str, str]
) -> None:
    sheet = book.add_worksheet(SHEET)
    head = ("table", "row", "column", _("Table"), _("Row"), _("Column"), _("Answer"), _("Count"))
    _head(sheet, head, styles)
    number = 1
    for table in TABLES.values():
        names = {c.code: c.title for c in (*table.rows.categories,)}
        columns = {c.code: c.title for c in table.columns.categories}
        for row, column in table.cells():
            texts = (table.code, row, column, table.title, names[row], columns[column])
            for place, text in enumerate(texts):
                sheet.write_string(number, place, text, styles["text"])
            marker, value = answers.get(table.code, {}).get((row, column), ("", None))
            sheet.write_string(number, 6, str(Marker(marker).label) if marker else "", styles["input"])
            if marker == Marker.VALUE and value is not None:
                sheet.write_number(number, 7, value, styles["input"])
            else:
                sheet.write_blank(number, 7, None, styles["input"])
            number += 1
    sheet.data_validation(1, 6, number - 1, 6, {"validate": "list", "source": ranges["answer"]})
    whole = {"validate": "integer", "criteria": ">=", "value": 0, "error_message": _("Enter a whole number")}
    sheet.data_validation(1, 7, number - 1, 7, whole)
    sheet.set_column(0, 2, None, None, {"hidden": True})
    sheet.set_column(3, 5, 34)
    sheet.set_column(6, 7, 18)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})


def _about_sheet(book: Any, styles: Mapping[str, Any], about: About, ranges: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(ABOUT)
    head = ("table", _("Table"), _("Source"), _("Citizenship covered"), _("Trafficking covered"),
            _("Article of the criminal code"), _("Definition"))  # fmt: skip
    _head(sheet, head, styles)
    for number, table in enumerate(TABLES.values(), start=1):
        sheet.write_string(number, 0, table.code)
        sheet.write_string(number, 1, table.title, styles["text"])
        known = about.get(table.code, {})
        texts = (
            known.get("source", ""),
            _label(CoverageCitizenship, known.get("coverage_citizenship", "")),
            _label(CoverageMovement, known.get("coverage_movement", "")),
            known.get("criminal_code_article", ""),
            known.get("definition_note", ""),
        )
        for place, text in enumerate(texts, start=2):
            sheet.write_string(number, place, text, styles["input"])
    last = len(TABLES)
    sheet.data_validation(1, 3, last, 3, {"validate": "list", "source": ranges["citizenship"]})
    sheet.data_validation(1, 4, last, 4, {"validate": "list", "source": ranges["movement"]})
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 6, 34)


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value else ""


def _head(sheet: Any, words: Sequence[str], styles: Mapping[str, Any]) -> None:
    for place, word in enumerate(words):
        sheet.write_string(0, place, word, styles["head"])
    sheet.freeze_panes(1, 0)
