"""Reading a catalogue from a spreadsheet file: bytes in, checked rows out. Nothing here touches the database."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.book import Sheet
from core.i18n import SUFFIXES
from workplan.enums import Responsible, Theme
from workplan.imports.tables import (
    Columns,
    Fault,
    FaultyFile,
    header_faults,
    plain_name,
    read_tables,
    refuse,
    shape_faults,
)
from workplan.validators import language_fault, length_fault, text_fault

MAX_TEXT = 5_000

KEY = "provisional_code"
TITLES = {f"title_{end}": language for language, end in SUFFIXES.items()}
TEXTS = {f"text_{end}": language for language, end in SUFFIXES.items()}
COLUMNS = (KEY, "official_number", "area", "responsible", "themes", "basis", "verified", *TITLES, *TEXTS)
LIMITS = {KEY: 12, "official_number": 24, "basis": 200, **dict.fromkeys(TITLES, 300), **dict.fromkeys(TEXTS, MAX_TEXT)}
Cells = dict[str, str]


def read_catalogue(
    content: bytes, name: str, areas: Collection[str], is_official: bool = False
) -> list[dict[str, Any]]:
    """The activities in a file, as values of the model's fields (`area` still a code).

    Raises FaultyFile with every fault; a fault of the header or of the whole file hides those below it.
    """
    (table,) = read_tables(content, name, Columns(COLUMNS, plain_name), _choose_sheet)
    refuse(header_faults(table, COLUMNS, COLUMNS))
    faults = [*table.faults, *shape_faults(table)]
    wrong = {fault.row for fault in faults}
    rows = [(row.number, dict(zip(table.header, row.cells, strict=False))) for row in table.rows]
    for number, cells in rows:
        if number not in wrong:
            faults += (Fault(reason, column, number) for column, reason in _row_faults(cells, areas, is_official))
    faults += _repeated(rows, KEY)
    faults += _repeated(rows, "official_number")
    refuse(sorted(faults, key=lambda fault: (fault.row or 0, _place(fault.column))))
    return [_fields(cells) for _number, cells in rows]


def _choose_sheet(sheets: Sequence[Sheet]) -> list[Sheet]:
    named = [sheet for sheet in sheets if sheet.title.strip().casefold() == "catalogue"]
    if len(named or sheets) != 1:
        reason = _("has %(count)s sheets; keep one, or name it “catalogue”") % {"count": len(sheets)}
        raise FaultyFile([Fault(reason)])
    return list(named or sheets)


def _place(column: str) -> int:
    return COLUMNS.index(column) if column in COLUMNS else len(COLUMNS)


# --- rows ----------------------------------------------------------------------------------------


def _row_faults(cells: Cells, areas: Collection[str], is_official: bool) -> Iterator[tuple[str, str]]:
    """Column and reason of each fault; a cell that may not be there at all is not judged further."""
    unsafe = {column: reason for column in COLUMNS if (reason := _cell_fault(column, cells[column]))}
    yield from unsafe.items()
    for column, check in CHECKS.items():
        if column not in unsafe and (reason := check(cells[column].strip())):
            yield column, reason
    if "area" not in unsafe and cells["area"].strip() not in areas:
        yield "area", _("unknown area; known are %(known)s") % {"known": ", ".join(sorted(areas))}
    if is_official and cells["verified"].strip().casefold() != "true":
        yield "verified", _("an official catalogue holds verified texts alone")
    yield from _language_faults({column: text for column, text in cells.items() if column not in unsafe})


def _cell_fault(column: str, text: str) -> str:
    return text_fault(text) or length_fault(text.strip(), LIMITS.get(column, 100))


def _code_fault(text: str) -> str:
    if not text:
        return _("is empty")
    return "" if re.fullmatch(r"[A-Z]{2,4}-[0-9]{1,3}", text) else _("is no code such as PRV-01")


def _number_fault(text: str) -> str:
    return "" if re.fullmatch(r"[0-9A-Za-z.()-]*", text) else _("may hold letters, digits, points and hyphens only")


def _responsible_fault(text: str) -> str:
    return "" if text in Responsible.values else _one_of(Responsible.values)


def _themes_fault(text: str) -> str:
    themes = _themes(text)
    if len(themes) != len(set(themes)):
        return _("names a theme twice")
    return "" if set(themes) <= set(Theme.values) else _one_of(Theme.values)


def _verified_fault(text: str) -> str:
    return "" if text.casefold() in {"true", "false"} else _one_of(["true", "false"])


def _one_of(values: Sequence[str]) -> str:
    return _("must be one of %(values)s") % {"values": ", ".join(values)}


CHECKS: Mapping[str, Callable[[str], str]] = {
    KEY: _code_fault,
    "official_number": _number_fault,
    "responsible": _responsible_fault,
    "themes": _themes_fault,
    "verified": _verified_fault,
}


def _themes(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.strip()) if text.strip() else []


def _language_faults(cells: Cells) -> Iterator[tuple[str, str]]:
    """Every title in its own language; the texts too, in all four or in none."""
    has_text = any(cells.get(column, "").strip() for column in TEXTS)
    seen: dict[str, str] = {}
    for column, language in {**TITLES, **TEXTS}.items():
        text = cells[column].strip() if column in cells else None
        if text is None:
            continue
        reason = _translation_fault(text, language, seen) if text else ""
        if not text and (column in TITLES or has_text):
            reason = _("is empty; the other languages cannot stand in for it")
        if reason:
            yield column, reason
        seen.setdefault(text.casefold(), column)


def _translation_fault(text: str, language: str, seen: Mapping[str, str]) -> str:
    same = seen.get(text.casefold())
    # A word or two may be the same in two languages; a sentence is not.
    if same and len(text.split()) > 2:
        return _("is the same text as %(column)s") % {"column": same}
    return language_fault(text, language)


def _repeated(rows: Sequence[tuple[int, Cells]], column: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, cells in rows:
        value = cells.get(column, "").strip()
        if value and value in first:
            yield Fault(
                _("%(value)s stands in row %(row)s already") % {"value": value, "row": first[value]}, column, number
            )
        first.setdefault(value, number)


def _fields(cells: Cells) -> dict[str, Any]:
    clean = {column: unicodedata.normalize("NFC", cells[column]).strip() for column in COLUMNS}
    return {
        "code": clean[KEY],
        "official_number": clean["official_number"] or None,
        "area": clean["area"],
        "responsible": clean["responsible"],
        "themes": _themes(clean["themes"]),
        "basis": clean["basis"],
        "verified": clean["verified"].casefold() == "true",
        **{column: " ".join(clean[column].split()) for column in TITLES},
        **{column: clean[column] for column in TEXTS},
    }
