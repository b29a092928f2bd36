"""The spreadsheet of a report: a template that goes out and comes back, and a form that can be printed.

One sheet for each area, a hidden column with codes that are the same in every language, protected headings, and
drop-downs in the reader's language.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from accounts.enums import Language
from core.templatetags.portal import month_date
from workplan.enums import SELECTABLE_STATUSES, ImplementationStatus, Obstacle, SheetColumn
from workplan.models import Report, ReportEntry

ABOUT = "portal_about"  # first cell of the sheet that explains the others
LISTS = "lists"  # the hidden sheet behind the drop-downs
C = SheetColumn
WIDTHS = {
    C.KEY: 4, C.NUMBER: 9, C.TITLE: 34, C.STATUS: 20, C.REASON: 24, C.NARRATIVE: 52, C.RESULTS: 36,
    C.GOOD_PRACTICE: 36, C.OBSTACLES: 32, C.OBSTACLE_KINDS: 24, C.LANGUAGE: 14, C.READY: 14, C.PROBLEM: 44,
}  # fmt: skip
FIXED = (C.KEY, C.NUMBER, C.TITLE, C.PROBLEM)


@dataclass(frozen=True)
class Mark:
    """What is wrong with one cell."""

    column: str
    text: str


@dataclass(frozen=True)
class SheetRow:
    """A row in its place; `marks` are its problems."""

    number: int
    cells: Mapping[str, str]
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Sheet:
    title: str
    rows: Sequence[SheetRow] = field(default_factory=tuple)


def report_key(reference: str, code: str) -> str:
    """What makes a row known again: State and round, and the activity."""
    return f"{reference}:{code}"


def answer_sheets(report: Report, entries: Iterable[ReportEntry]) -> list[Sheet]:
    """The answers as they stand, in catalogue order, in the words of the active language."""
    return [
        Sheet(area.title, [SheetRow(number, _cells(report, entry)) for number, entry in enumerate(group, start=2)])
        for area, group in groupby(entries, key=lambda entry: entry.activity.area)
    ]


def _cells(report: Report, entry: ReportEntry) -> dict[str, str]:
    return {
        C.KEY: report_key(report.reference, entry.activity.code),
        C.NUMBER: entry.activity.number,
        C.TITLE: entry.activity.title,
        C.STATUS: str(ImplementationStatus(entry.status).label) if entry.status else "",
        C.REASON: entry.reason,
        C.NARRATIVE: entry.narrative,
        C.RESULTS: entry.results,
        C.GOOD_PRACTICE: entry.good_practice,
        C.OBSTACLES: entry.obstacles,
        C.OBSTACLE_KINDS: "; ".join(str(Obstacle(kind).label) for kind in entry.obstacle_kinds),
        C.LANGUAGE: str(Language(entry.language).label),
        C.READY: _("Yes") if entry.is_ready else _("No"),
    }


def workbook(report: Report, name: str, sheets: Sequence[Sheet]) -> bytes:
    """The file; with a column of problems and a comment at each cell where a row has marks."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": report.reference, "author": "", "comments": ""})
        _about_sheet(book, report, name)
        formats = _formats(book)
        for sheet in sheets:
            _answer_sheet(book.add_worksheet(_safe_title(sheet.title)), sheet, formats)
        _list_sheet(book)
    return out.getvalue()


def _about_sheet(book: Any, report: Report, name: str) -> None:
    sheet = book.add_worksheet(_safe_title(_("About this file")))
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, ABOUT)
    title, text = book.add_format({"bold": True, "font_size": 16}), book.add_format({"text_wrap": True})
    period = {"first": month_date(report.round.period_start), "last": month_date(report.round.period_end)}
    lines = (
        _("%(name)s: report for %(round)s") % {"name": name, "round": report.round.code},
        _("Period from %(first)s to %(last)s") % period,
        _("Due on %(date)s") % {"date": month_date(report.due_on)},
        "",
        _("Write in the white cells. Choose the status, the language and “complete” from the lists in the cells."),
        _("Do not add, move or delete rows or columns: each row belongs to one activity."),
        _("“Kinds of obstacle” takes several of the words in the portal, with a semicolon between two."),
        _("A cell left blank stays without an answer. Write 0 only where it was zero."),
        _("Actions in the period and evidence are entered on the portal’s pages; this file leaves them as they are."),
        _("Do not include data that identify victims."),
        _("The list of activities is provisional until it is checked against the official text."),
    )
    for row, line in enumerate(lines):
        sheet.write_string(row, 1, line, text if row else title)
    _print_setup(sheet)
    sheet.protect()


def _answer_sheet(sheet: Any, content: Sheet, formats: Mapping[str, Any]) -> None:
    has_problems = any(row.marks for row in content.rows)
    columns = [column for column in C if has_problems or column != C.PROBLEM]
    for place, column in enumerate(columns):
        options = {"hidden": True} if column == C.KEY else {}
        sheet.set_column(place, place, WIDTHS[column], formats["fixed" if column in FIXED else "open"], options)
        sheet.write_string(0, place, str(column.label), formats["head"])
    for row in content.rows:
        _write_row(sheet, row, columns, formats)
    _drop_downs(sheet, columns, last=max((row.number for row in content.rows), default=1))
    sheet.freeze_panes(1, 3)
    sheet.repeat_rows(0)
    _print_setup(sheet)
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})


def _formats(book: Any) -> dict[str, Any]:
    base = {"text_wrap": True, "valign": "top", "num_format": "@"}  # text, or 3-1 becomes a date
    return {
        "head": book.add_format({**base, "bold": True, "bg_color": "#DDE6EE", "bottom": 1}),
        "fixed": book.add_format({**base, "bg_color": "#F1F3F5"}),
        "open": book.add_format({**base, "locked": False, "border": 1, "border_color": "#B1B4B6"}),
        "wrong": book.add_format({**base, "locked": False, "border": 2, "border_color": "#A4262C"}),
    }


def _write_row(sheet: Any, row: SheetRow, columns: Sequence[C], formats: Mapping[str, Any]) -> None:
    wrong = {mark.column: mark.text for mark in row.marks}
    cells = {**row.cells, C.PROBLEM: "\n".join(mark.text for mark in row.marks)}
    for place, column in enumerate(columns):
        style = formats["wrong" if column in wrong else "fixed" if column in FIXED else "open"]
        # Always as text: what begins with = is never run.
        sheet.write_string(row.number - 1, place, cells.get(column, ""), style)
        if column in wrong:
            sheet.write_comment(row.number - 1, place, wrong[column])


def _choices() -> dict[C, list[str]]:
    return {
        C.STATUS: [str(label) for _code, label in SELECTABLE_STATUSES],
        C.LANGUAGE: [str(label) for label in Language.labels],
        C.READY: [_("Yes"), _("No")],
    }


def _drop_downs(sheet: Any, columns: Sequence[C], last: int) -> None:
    for letter, (column, words) in zip("ABC", _choices().items(), strict=True):
        place = columns.index(column)
        rule = {
            "validate": "list",
            "source": f"={LISTS}!${letter}$1:${letter}${len(words)}",
            "error_title": _("Choose from the list")[:32],
            "error_message": "; ".join(words)[:250],
        }
        sheet.data_validation(1, place, last, place, rule)


def _list_sheet(book: Any) -> None:
    sheet = book.add_worksheet(LISTS)
    for column, words in enumerate(_choices().values()):
        for row, word in enumerate(words):
            sheet.write_string(row, column, word)
    sheet.hide()


def _print_setup(sheet: Any) -> None:
    """Also a form on paper: A4 across, as wide as the page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)


def _safe_title(title: str) -> str:
    """What spreadsheet programs take as the name of a sheet."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in title)[:31].strip("'") or "-"
