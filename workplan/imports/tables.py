"""Tables from files of strangers: bytes in, cells and faults out. Nothing here knows what the cells mean.

Every fault is collected with its row and column, in the words of whoever has the file open in a spreadsheet.
"""

import csv
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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

MAX_BYTES = 5_000_000
MAX_UNPACKED = 50_000_000  # of the XML inside an .xlsx
MAX_PARTS = 1_000
MAX_ROWS = 500
DELIMITERS = ",;\t"
# What openpyxl and the parsers below it raise on a damaged file; it wraps none of them.
UNREADABLE = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, struct.error,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})([0-9]{1,7})')
Choose = Callable[[Sequence[Any]], list[Any]]  # of the sheets of a workbook, those that hold a table


@dataclass(frozen=True)
class Columns:
    """What a kind of file has in its header."""

    known: Sequence[str]
    name: Callable[[str], str]  # from the text of a header's cell to the column's name


@dataclass(frozen=True)
class Fault:
    """Why a file is refused. `row` counts from 1, the header; none where the fault is the whole file's."""

    reason: str
    column: str = ""
    row: int | None = None
    sheet: str = ""
    found: str = ""

    def __str__(self) -> str:
        if self.row is None:
            return _("The file %(reason)s.") % {"reason": self.reason}
        place = {"row": self.row, "column": self.column, "reason": self.reason, "sheet": self.sheet}
        if self.sheet:
            return _("Sheet %(sheet)s, row %(row)s, %(column)s: %(reason)s.") % place
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
    sheet: str = ""

    def column(self, index: int) -> str:
        """Name of a column, or its place where the header has none."""
        name = self.header[index] if index < len(self.header) else ""
        return name or _("column %(number)s") % {"number": index + 1}


# --- the file ------------------------------------------------------------------------------------


def refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise FaultyFile(faults)


def read_tables(content: bytes, name: str, columns: Columns, choose: Choose) -> list[Table]:
    """The tables of a file; `choose` says which sheets of a workbook hold one. Raises FaultyFile where the file
    cannot be read, is too large or holds no row."""
    refuse([Fault(reason) for reason in _file_faults(content, name)])
    is_book = name.lower().endswith(".xlsx")
    tables = _read_xlsx(content, columns, choose) if is_book else [_read_csv(content, columns)]
    count = sum(len(table.rows) for table in tables)
    if not count:
        raise FaultyFile([Fault(_("has no row of data"))])
    if count > MAX_ROWS:
        raise FaultyFile([Fault(_("has more than %(limit)s rows") % {"limit": MAX_ROWS})])
    return tables


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


def _read_csv(content: bytes, columns: Columns) -> Table:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:64]:
        raise FaultyFile([Fault(_("is in UTF-16; save it as “CSV UTF-8”"))])
    delimiter = _delimiter(content.decode("utf-8-sig", "replace"), columns)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultyFile([_bad_byte(content, error.start, delimiter, columns)]) from None
    return _parse_csv(text, delimiter, columns)


def _delimiter(text: str, columns: Columns) -> str:
    """The separator that makes the most known columns of the first line."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: sum(columns.name(part) in columns.known for part in first.split(sign)))


def plain_name(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


def _bad_byte(content: bytes, position: int, delimiter: str, columns: Columns) -> Fault:
    """Name the cell that holds the first byte that is not UTF-8."""
    start = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    before = content[start : position + start].decode() + "x"  # the byte's own cell, even where nothing precedes it
    records = list(csv.reader(io.StringIO(before, newline=""), delimiter=delimiter))
    # In the header itself the name is what cannot be read.
    table = Table([columns.name(cell) for cell in records[0]] if len(records) > 1 else [])
    reason = _("holds the byte %(byte)s, which is not UTF-8; save the file as “CSV UTF-8”")
    byte = f"0x{content[position + start]:02X}"
    return Fault(reason % {"byte": byte}, table.column(len(records[-1]) - 1), len(records))


def _parse_csv(text: str, delimiter: str, columns: Columns) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table, number = Table([]), 0
    try:
        for number, cells in enumerate(reader, start=1):
            _add(table, number, cells, columns)
    except csv.Error:
        # What follows a broken quote cannot be told apart, so reading ends here.
        reason = _("has a quotation mark that is not closed or not doubled, or a cell that never ends")
        table.faults.append(Fault(reason, _("whole row"), number + 1))
        raise FaultyFile(table.faults) from None
    return table


def _add(table: Table, number: int, cells: list[str], columns: Columns) -> None:
    """The first line is the header; wholly blank lines are passed over, as a spreadsheet shows them."""
    if number == 1:
        table.header = [columns.name(cell) for cell in cells]
        while table.header and not table.header[-1]:
            table.header.pop()
    elif any(cell.strip() for cell in cells) and len(table.rows) <= MAX_ROWS:
        table.rows.append(Row(number, cells))


# --- xlsx ----------------------------------------------------------------------------------------


def _read_xlsx(content: bytes, columns: Columns, choose: Choose) -> list[Table]:
    try:
        _check_archive(content, columns)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions that nobody reads here
            return _parse_book(content, columns, choose)
    except UNREADABLE:
        raise FaultyFile([Fault(_("cannot be read as a workbook; save it again as .xlsx"))]) from None


def _check_archive(content: bytes, columns: Columns) -> None:
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
                _check_part(part.filename, archive.read(part), columns)


def _check_part(name: str, xml: bytes, columns: Columns) -> None:
    """No document type (entity bombs), no encoding that would hide one, no merged cells in a sheet."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or xml.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise FaultyFile([Fault(_("is not a plain workbook: it declares XML entities"))])
    if name.startswith("xl/worksheets/"):
        refuse([_merged(match, columns.known) for match in MERGED.finditer(xml)])


def _merged(match: re.Match[bytes], known: Sequence[str]) -> Fault:
    column = column_index_from_string(match[1].decode())
    name = known[column - 1] if column <= len(known) else _("column %(number)s") % {"number": column}
    return Fault(_("is merged with other cells; every cell stands alone"), name, int(match[2]))


def _parse_book(content: bytes, columns: Columns, choose: Choose) -> list[Table]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # a file may claim sixteen thousand columns
        return [_parse_sheet(sheet, columns) for sheet in choose(book.worksheets)]
    finally:
        book.close()


def _parse_sheet(sheet: Any, columns: Columns) -> Table:
    table = Table([], sheet=str(sheet.title))
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = _cell_texts(table, number, cells)
        # A sheet stores no trailing blanks.
        _add(table, number, texts + [""] * (len(table.header) - len(texts)), columns)
    return table


def _cell_texts(table: Table, number: int, cells: Iterable[Any]) -> list[str]:
    texts = []
    for index, cell in enumerate(cells):
        text, reason = _cell_text(cell.value, getattr(cell, "data_type", "n"))
        texts.append(text)
        if reason:
            table.faults.append(Fault(reason, table.column(index), number, table.sheet, str(cell.value)[:80]))
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


def header_faults(table: Table, wanted: Sequence[str], known: Collection[str]) -> list[Fault]:
    header, sheet = table.header, table.sheet
    faults = [Fault(_("this column is missing"), column, 1, sheet) for column in wanted if column not in header]
    for index, column in enumerate(header):
        if column not in known:
            place = column or _("column %(number)s") % {"number": index + 1}
            faults.append(Fault(_unknown(column, known), place, 1, sheet))
    repeated = [column for column, count in Counter(header).items() if count > 1 and column in known]
    return faults + [Fault(_("this column stands there more than once"), column, 1, sheet) for column in repeated]


def _unknown(column: str, known: Collection[str]) -> str:
    near = get_close_matches(column, known, n=1)
    if not column:
        return _("the header has no name here")
    return _("unknown column; perhaps %(name)s") % {"name": near[0]} if near else _("unknown column")


def shape_faults(table: Table) -> Iterator[Fault]:
    width = len(table.header)
    for row in table.rows:
        if any(cell.strip() for cell in row.cells[width:]):
            yield Fault(_("has a cell beyond the last column"), table.column(width), row.number, table.sheet)
        elif len(row.cells) < width:
            reason = _("the row ends before this column")
            yield Fault(reason, table.column(len(row.cells)), row.number, table.sheet)
