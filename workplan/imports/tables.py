"""Tables from files of strangers: bytes in, cells and faults out. Nothing here knows what the cells mean.

Every fault is collected with its row and column, in the words of whoever has the file open in a spreadsheet.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core import book
from core.exceptions import PortalError

MAX_BYTES = 5_000_000
MAX_ROWS = 500
DELIMITERS = ",;\t"
Choose = Callable[[Sequence[book.Sheet]], list[book.Sheet]]  # of the sheets of a workbook, those that hold a table


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
        return name or _column_words(index + 1)


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
        sheets = book.read(content)
    except book.BookRefused as refusal:
        raise FaultyFile([_refused(refusal, columns.known)]) from None
    return [_table(sheet, columns) for sheet in choose(sheets)]


def _refused(refusal: book.BookRefused, known: Sequence[str]) -> Fault:
    if refusal.code == "merged":
        place = known[refusal.column - 1 : refusal.column] or [_column_words(refusal.column)]
        return Fault(_("is merged with other cells; every cell stands alone"), place[0], refusal.row)
    reasons = {
        "too_large": _("is too large once unpacked"),
        "password": _("is protected by a password"),
        "macros": _("holds macros; save it as .xlsx without macros"),
        "entities": _("is not a plain workbook: it declares XML entities"),
    }
    return Fault(reasons.get(refusal.code, _("cannot be read as a workbook; save it again as .xlsx")))


def _column_words(number: int) -> str:
    return _("column %(number)s") % {"number": number}


def _table(sheet: book.Sheet, columns: Columns) -> Table:
    table = Table([], sheet=sheet.title)
    for number, cells in sheet.rows:
        texts = _cell_texts(table, number, cells)
        # A sheet stores no trailing blanks.
        _add(table, number, texts + [""] * (len(table.header) - len(texts)), columns)
    return table


def _cell_texts(table: Table, number: int, cells: Sequence[book.Cell]) -> list[str]:
    for index, cell in enumerate(cells):
        if not isinstance(cell, str):
            kind, found = cell
            table.faults.append(Fault(_kind_refused(kind, found), table.column(index), number, table.sheet, found))
    return [cell if isinstance(cell, str) else "?" for cell in cells]


def _kind_refused(kind: str, found: str) -> str:
    if kind == "error":
        return _("holds the spreadsheet error %(error)s") % {"error": found}
    reasons = {
        "formula": _("is a formula; replace it by its value"),
        "date": _("was turned into a date; format the cell as text and type it again"),
        "decimal": _("was turned into a decimal number; format the cell as text and type it again"),
    }
    return reasons[kind]


# --- header and shape ----------------------------------------------------------------------------


def header_faults(table: Table, wanted: Sequence[str], known: Collection[str]) -> list[Fault]:
    header, sheet = table.header, table.sheet
    faults = [Fault(_("this column is missing"), column, 1, sheet) for column in wanted if column not in header]
    for index, column in enumerate(header):
        if column not in known:
            place = column or _column_words(index + 1)
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
