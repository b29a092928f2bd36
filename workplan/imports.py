"""Reading a catalogue from a spreadsheet file: bytes in, checked rows out. Nothing here touches the database.

Every fault is collected with its row and column, in the words of whoever has the file open in a spreadsheet.
"""

import csv
import io
import re
import struct
import unicodedata
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from difflib import get_close_matches
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from core.exceptions import PortalError
from core.i18n import SUFFIXES
from workplan.enums import Responsible, Theme
from workplan.validators import language_fault, length_fault, text_fault

MAX_BYTES = 5_000_000
MAX_UNPACKED = 50_000_000  # of the XML inside an .xlsx
MAX_PARTS = 1_000
MAX_ROWS = 500
MAX_TEXT = 5_000

KEY = "provisional_code"
TITLES = {f"title_{end}": language for language, end in SUFFIXES.items()}
TEXTS = {f"text_{end}": language for language, end in SUFFIXES.items()}
COLUMNS = (KEY, "official_number", "area", "responsible", "themes", "basis", "verified", *TITLES, *TEXTS)
LIMITS = {KEY: 12, "official_number": 24, "basis": 200, **dict.fromkeys(TITLES, 300), **dict.fromkeys(TEXTS, MAX_TEXT)}
DELIMITERS = ",;\t"
# What openpyxl and the parsers below it raise on a damaged file; it wraps none of them.
UNREADABLE = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, struct.error,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})([0-9]{1,7})')
Cells = dict[str, str]


@dataclass(frozen=True)
class Fault:
    """Why a file is refused. `row` counts from 1, the header; none where the fault is the whole file's."""

    reason: str
    column: str = ""
    row: int | None = None

    def __str__(self) -> str:
        if self.row is None:
            return _("The file %(reason)s.") % {"reason": self.reason}
        place = {"row": self.row, "column": self.column, "reason": self.reason}
        return _("Row %(row)s, %(column)s: %(reason)s.") % place


class FaultyFile(PortalError):
    """Nothing was imported; `faults` has all of them, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(_("The file has %(count)s faults; nothing was imported.") % {"count": len(faults)})
        self.faults = list(faults)


@dataclass(frozen=True)
class Row:
    number: int
    cells: list[str]


@dataclass
class Table:
    header: list[str]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def column(self, index: int) -> str:
        """Name of a column, or its place where the header has none."""
        name = self.header[index] if index < len(self.header) else ""
        return name or _("column %(number)s") % {"number": index + 1}


def read_catalogue(
    content: bytes, name: str, areas: Collection[str], is_official: bool = False
) -> list[dict[str, Any]]:
    """The activities in a file, as values of the model's fields (`area` still a code).

    Raises FaultyFile with every fault; a fault of the header or of the whole file hides those below it.
    """
    table = _read_table(content, name)
    _refuse(_header_faults(table.header))
    faults = [*table.faults, *_shape_faults(table)]
    wrong = {fault.row for fault in faults}
    rows = [(row.number, dict(zip(table.header, row.cells, strict=False))) for row in table.rows]
    for number, cells in rows:
        if number not in wrong:
            faults += (Fault(reason, column, number) for column, reason in _row_faults(cells, areas, is_official))
    faults += _repeated(rows, KEY)
    faults += _repeated(rows, "official_number")
    _refuse(sorted(faults, key=lambda fault: (fault.row or 0, _place(fault.column))))
    return [_fields(cells) for _number, cells in rows]


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise FaultyFile(faults)


def _place(column: str) -> int:
    return COLUMNS.index(column) if column in COLUMNS else len(COLUMNS)


# --- the file ------------------------------------------------------------------------------------


def _read_table(content: bytes, name: str) -> Table:
    _refuse([Fault(reason) for reason in _file_faults(content, name)])
    table = _read_xlsx(content) if name.lower().endswith(".xlsx") else _read_csv(content)
    if not table.rows:
        raise FaultyFile([Fault(_("has no row of data"))])
    if len(table.rows) > MAX_ROWS:
        raise FaultyFile([Fault(_("has more than %(limit)s rows") % {"limit": MAX_ROWS})])
    return table


def _file_faults(content: bytes, name: str) -> Iterator[str]:
    """The first reason not to open the file at all."""
    suffix = name.lower().rpartition(".")[2]
    if suffix not in {"csv", "xlsx"}:
        yield _("is neither .csv nor .xlsx")
    elif not content.strip():
        yield _("is empty")
    elif len(content) > MAX_BYTES:
        yield _("is larger than %(limit)s MB") % {"limit": MAX_BYTES // 1_000_000}
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        yield _("is an old or a password-protected workbook; save it as .xlsx without a password")
    elif suffix == "csv" and content.startswith(b"PK\x03\x04"):
        yield _("is named .csv but is a workbook; name it .xlsx")
    elif suffix == "xlsx" and not content.startswith(b"PK"):
        yield _("is named .xlsx but is not a workbook")


# --- csv -----------------------------------------------------------------------------------------


def _read_csv(content: bytes) -> Table:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:64]:
        raise FaultyFile([Fault(_("is in UTF-16; save it as “CSV UTF-8”"))])
    delimiter = _delimiter(content.decode("utf-8-sig", "replace"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultyFile([_bad_byte(content, error.start, delimiter)]) from None
    return _parse_csv(text, delimiter)


def _delimiter(text: str) -> str:
    """The separator that makes the most known columns of the first line."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: sum(_name(part) in COLUMNS for part in first.split(sign)))


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


def _bad_byte(content: bytes, position: int, delimiter: str) -> Fault:
    """Name the cell that holds the first byte that is not UTF-8."""
    start = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    before = content[start : position + start].decode() + "x"  # the byte's own cell, even where nothing precedes it
    records = list(csv.reader(io.StringIO(before, newline=""), delimiter=delimiter))
    # In the header itself the name is what cannot be read.
    table = Table([_name(cell) for cell in records[0]] if len(records) > 1 else [])
    reason = _("holds the byte %(byte)s, which is not UTF-8; save the file as “CSV UTF-8”")
    byte = f"0x{content[position + start]:02X}"
    return Fault(reason % {"byte": byte}, table.column(len(records[-1]) - 1), len(records))


def _parse_csv(text: str, delimiter: str) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table, number = Table([]), 0
    try:
        for number, cells in enumerate(reader, start=1):
            _add(table, number, cells)
    except csv.Error:
        # What follows a broken quote cannot be told apart, so reading ends here.
        reason = _("has a quotation mark that is not closed or not doubled, or a cell that never ends")
        table.faults.append(Fault(reason, _("whole row"), number + 1))
        raise FaultyFile(table.faults) from None
    return table


def _add(table: Table, number: int, cells: list[str]) -> None:
    """The first line is the header; wholly blank lines are passed over, as a spreadsheet shows them."""
    if number == 1:
        table.header = [_name(cell) for cell in cells]
        while table.header and not table.header[-1]:
            table.header.pop()
    elif any(cell.strip() for cell in cells) and len(table.rows) <= MAX_ROWS:
        table.rows.append(Row(number, cells))


# --- xlsx ----------------------------------------------------------------------------------------


def _read_xlsx(content: bytes) -> Table:
    try:
        _check_archive(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions that nobody reads here
            return _parse_sheet(content)
    except UNREADABLE:
        raise FaultyFile([Fault(_("cannot be read as a workbook; save it again as .xlsx"))]) from None


def _check_archive(content: bytes) -> None:
    """Refuse what would cost too much to open, before anything is unpacked beyond its declared size."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise FaultyFile([Fault(_("is too large once unpacked"))])
        if any(part.flag_bits & 1 for part in parts):
            raise FaultyFile([Fault(_("is protected by a password"))])
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            raise FaultyFile([Fault(_("holds macros; save it as .xlsx without macros"))])
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                _check_part(part.filename, archive.read(part))


def _check_part(name: str, xml: bytes) -> None:
    """No document type (entity bombs), no encoding that would hide one, no merged cells in a sheet."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or xml.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise FaultyFile([Fault(_("is not a plain workbook: it declares XML entities"))])
    if name.startswith("xl/worksheets/"):
        _refuse([_merged(match) for match in MERGED.finditer(xml)])


def _merged(match: re.Match[bytes]) -> Fault:
    column = column_index_from_string(match[1].decode())
    name = COLUMNS[column - 1] if column <= len(COLUMNS) else _("column %(number)s") % {"number": column}
    return Fault(_("is merged with other cells; every cell stands alone"), name, int(match[2]))


def _parse_sheet(content: bytes) -> Table:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = _choose_sheet(book.worksheets)
        sheet.reset_dimensions()  # a file may claim sixteen thousand columns
        table = Table([])
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            texts = _cell_texts(table, number, cells)
            _add(table, number, texts + [""] * (len(table.header) - len(texts)))  # a sheet stores no trailing blanks
        return table
    finally:
        book.close()


def _choose_sheet(sheets: Sequence[Any]) -> Any:
    named = [sheet for sheet in sheets if sheet.title.strip().casefold() == "catalogue"]
    if len(named or sheets) != 1:
        reason = _("has %(count)s sheets; keep one, or name it “catalogue”") % {"count": len(sheets)}
        raise FaultyFile([Fault(reason)])
    return (named or sheets)[0]


def _cell_texts(table: Table, number: int, cells: Iterable[Any]) -> list[str]:
    texts = []
    for index, cell in enumerate(cells):
        text, reason = _cell_text(cell.value, getattr(cell, "data_type", "n"))
        texts.append(text)
        if reason:
            table.faults.append(Fault(reason, table.column(index), number))
    return texts


def _cell_text(value: Any, kind: str) -> tuple[str, str]:
    """The cell as text, and why it is refused."""
    if value is None:
        return "", ""
    if kind == "f":
        return "?", _("is a formula; replace it by its value")
    if kind == "e":
        return "?", _("holds the spreadsheet error %(error)s") % {"error": value}
    if isinstance(value, date | time | timedelta):
        return "?", _("was turned into a date; format the cell as text and type it again")
    if isinstance(value, float):
        return "?", _("was turned into a decimal number; format the cell as text and type it again")
    return str(value).lower() if isinstance(value, bool) else str(value), ""


# --- header and shape ----------------------------------------------------------------------------


def _header_faults(header: Sequence[str]) -> list[Fault]:
    faults = [Fault(_("this column is missing"), column, 1) for column in COLUMNS if column not in header]
    for index, column in enumerate(header):
        if column not in COLUMNS:
            faults.append(Fault(_unknown(column), column or _("column %(number)s") % {"number": index + 1}, 1))
    repeated = [column for column, count in Counter(header).items() if count > 1 and column in COLUMNS]
    return faults + [Fault(_("this column stands there more than once"), column, 1) for column in repeated]


def _unknown(column: str) -> str:
    near = get_close_matches(column, COLUMNS, n=1)
    if not column:
        return _("the header has no name here")
    return _("unknown column; perhaps %(name)s") % {"name": near[0]} if near else _("unknown column")


def _shape_faults(table: Table) -> Iterator[Fault]:
    width = len(table.header)
    for row in table.rows:
        if any(cell.strip() for cell in row.cells[width:]):
            yield Fault(_("has a cell beyond the last column"), table.column(width), row.number)
        elif len(row.cells) < width:
            yield Fault(_("the row ends before this column"), table.column(len(row.cells)), row.number)


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
