"""What leaves a State's sealed area as a file: a workbook of HTCDS, locked with a password."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from msoffcrypto.format.ooxml import OOXMLFile

from core.spreadsheets import harmless
from victims.catalogue import FIELDS, OWN_NOTE, TEMPLATE, Field

_BOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SHEET = "Case Sheet"
# The official columns first, with the names and labels that belong together; then all other fields of the standard.
_LABELS = {one.standard_label: one.name for one in reversed(FIELDS.values())}
_OFFICIAL = [_LABELS[label] for _name, label in TEMPLATE]
COLUMNS = [*_OFFICIAL, *(name for name in FIELDS if name not in _OFFICIAL)]


def htcds_workbook(records: Iterable[Mapping[str, Any]], *, marks: Sequence[str] = ()) -> bytes:
    """Both header rows of the official sheet, a running number, one row for each record; below, who took it away."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, _BOOK)
    sheet = book.add_worksheet(SHEET)
    _write(sheet, 0, ["", *COLUMNS])
    _write(sheet, 1, ["", *(FIELDS[name].standard_label for name in COLUMNS)])
    row = 1
    for row, record in enumerate(records, start=2):
        _write(sheet, row, [str(row - 1), *(_cell(FIELDS[name], record.get(name)) for name in COLUMNS)])
    for number, mark in enumerate(marks, start=row + 2):
        _write(sheet, number, [f"{OWN_NOTE} {mark}"])
    sheet.set_footer("&L" + " · ".join(marks).replace("&", "&&")[:200])
    sheet.freeze_panes(2, 1)
    sheet.set_column(1, len(COLUMNS), 24)
    book.close()
    return output.getvalue()


def _write(sheet: Any, row: int, texts: Sequence[str]) -> None:
    for column, text in enumerate(texts):
        if text:
            sheet.write_string(row, column, text)


def _cell(known: Field, value: Any) -> str:
    """Codes as the standard spells them. An apostrophe before what begins like a formula is taken off by imports."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return "'" + text if text.startswith("'") else harmless(text)


def locked(workbook: bytes, password: str) -> bytes:
    """The workbook as spreadsheet programs lock it: AES-256, the key from 100,000 rounds of SHA-512.

    It opens with a double click and the password, on any machine; an archive of its own would ask for a program.
    """
    output = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, output)
    return output.getvalue()


def marks_of(*, person: str, state: str, moment: str, reference: str) -> list[str]:
    """The watermark: whoever finds the file knows who took it away."""
    who = _("Taken away by %(person)s for %(state)s on %(moment)s") % {
        "person": person,
        "state": state,
        "moment": moment,
    }
    return [who, _("Export %(reference)s. Keep it locked and delete it after use.") % {"reference": reference}]
