"""HTCDS spreadsheets that an authority brings: bytes in, checked records out. Nothing here touches the database.

A fault names its row and column and never what stands there: the sheet is full of names, and a message may be copied.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from core import book
from core.book import BookRefused, Cell, Sheet
from core.exceptions import PortalError
from core.spreadsheets import FORMULA_STARTS
from victims.catalogue import ALIASES, COUNTRIES, FIELDS, LISTS, OWN_NOTE, Field, folded

MAX_BYTES = 2_000_000
MAX_RECORDS = 200
LONGEST = {"text": 255, "long": 5_000}
CONSENT = "con_Consent"
YES, NO = {"true", "yes", "si", "oui", "sim", "x", "1"}, {"false", "no", "non", "nao", "0"}
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T]00:00(?::00)?)?)?)?")
DAY_AND_MONTH = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
SEPARATORS = re.compile(r"[;,|\n]")
BY_LABEL = {folded(one.standard_label): one.name for one in reversed(FIELDS.values())}
COUNTRY_CODES = {folded(word): code for code, name in COUNTRIES.items() for word in (code, name)}
# Address parts of the official sheet stand under each other's system names; people write below the labels.
MISPLACED = {f"prs_Mailing{part}" for part in ("City", "Country", "State", "Street", "PostalCode")}
Record = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    reason: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        if not self.row and not self.column:
            return _("The file %(reason)s.") % {"reason": self.reason}
        place = {"row": self.row, "column": self.column, "reason": self.reason}
        return _("Row %(row)s, column %(column)s: %(reason)s.") % place


class FaultyFile(PortalError):
    """Nothing is taken from the file; `faults` has every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(_("The file has %(count)s faults; nothing was taken from it.") % {"count": len(faults)})
        self.faults = list(faults)


class _Wrong(Exception):
    """The reason why a cell is not taken."""


@dataclass
class _Reading:
    faults: list[Fault] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def fault(self, reason: str, row: int, column: int) -> None:
        self.faults.append(Fault(reason, row, get_column_letter(column + 1)))


def read_htcds(content: bytes) -> list[Record]:
    """Records by system name. Raises FaultyFile with every fault; all or nothing."""
    sheet = _sheet(_sheets(content))
    reading = _Reading()
    columns, first = _columns(reading, sheet)
    for row, cells in sheet.rows:
        if row >= first and not _is_note(cells):
            _read_row(reading, row, cells, columns)
    if not reading.records and not reading.faults:
        reading.faults.append(Fault(_("holds no record")))
    if len(reading.records) > MAX_RECORDS:
        reading.faults.append(Fault(_("holds more than 200 records")))
    if reading.faults:
        raise FaultyFile(reading.faults)
    return reading.records


def _sheets(content: bytes) -> list[Sheet]:
    if not content or len(content) > MAX_BYTES:
        raise FaultyFile([Fault(_("is empty or larger than 2 MB"))])
    try:
        return book.read(content)
    except BookRefused as refused:
        raise FaultyFile([Fault(_refusal(refused.code))]) from None


def _refusal(code: str) -> str:
    reasons = {
        "password": _("is protected by a password; save it without one"),
        "macros": _("holds macros; save it as .xlsx without macros"),
        "entities": _("is not a plain workbook: it declares XML entities"),
        "merged": _("has merged cells; separate them"),
        "too_large": _("is too large"),
    }
    return reasons.get(code, _("cannot be read as an .xlsx workbook"))


def _sheet(sheets: list[Sheet]) -> Sheet:
    """The first sheet that has columns of the standard, by their system names or by their labels."""
    for sheet in sheets:
        if sheet.is_visible and sum(1 for name in sheet.head if _by_name(name) or _by_label(name)) >= 2:
            return sheet
    raise FaultyFile([Fault(_("has no sheet with the columns of HTCDS in its first row"))])


def _by_name(text: str) -> str:
    name = text.strip()
    return next((known for known in (ALIASES.get(name, name),) if known in FIELDS), "")


def _by_label(text: str) -> str:
    return BY_LABEL.get(folded(text), "")


def _columns(reading: _Reading, sheet: Sheet) -> tuple[dict[int, str], int]:
    """Which field stands in which column, and the row where records begin: 3 below names and labels, 2 below one."""
    names, labels = sheet.head, _texts(sheet, 2)
    if sum(1 for label in labels if _by_label(label) or _by_name(label)) < 2:
        labels = []  # one row of headers alone
    found: dict[int, str] = {}
    for column in range(max(len(names), len(labels))):
        known = _field_of(_at(names, column), _at(labels, column))
        if known and known in found.values():
            reading.fault(_("this column stands in the sheet twice"), 1, column)
        if known:
            found[column] = known
    return found, 3 if labels else 2


def _field_of(name: str, label: str) -> str:
    by_name, by_label = _by_name(name), _by_label(label)
    if by_name in MISPLACED and by_label in MISPLACED:
        return by_label
    return by_name or by_label or _by_label(name)


def _texts(sheet: Sheet, row: int) -> list[str]:
    cells = next((cells for number, cells in sheet.rows if number == row), [])
    return [cell if isinstance(cell, str) else "" for cell in cells]


def _at(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _is_note(cells: Sequence[Cell]) -> bool:
    return bool(cells) and isinstance(cells[0], str) and cells[0].startswith(OWN_NOTE)


def _read_row(reading: _Reading, row: int, cells: Sequence[Cell], columns: Mapping[int, str]) -> None:
    """The official sheet numbers a thousand rows in a column without a header: a number alone is no record."""
    record: Record = {}
    before = len(reading.faults)
    for column, cell in enumerate(cells):
        if (column == 0 and column not in columns) or cell == "":
            continue
        try:
            value = _value(columns.get(column, ""), cell)
        except _Wrong as wrong:
            reading.fault(str(wrong), row, column)
        else:
            record |= value
    if record and len(reading.faults) == before:
        _keep(reading, row, record, columns)


def _keep(reading: _Reading, row: int, record: Record, columns: Mapping[int, str]) -> None:
    places = {name: column for column, name in columns.items()}
    if record.get(CONSENT) is not True:
        reading.fault(_("no consent is noted; without it nobody is taken over"), row, places.get(CONSENT, 0))
    person = tuple(record.get(name) for name in ("prs_FirstName", "prs_SecondName", "prs_Birthdate"))
    if all(person) and person in reading.seen:
        reading.fault(_("the same person stands in the sheet twice"), row, places["prs_FirstName"])
    reading.seen.add(person)
    reading.records.append(record)


def _value(name: str, cell: Cell) -> Record:
    if not name:
        raise _Wrong(_("no field of the standard heads this column"))
    known = FIELDS[name]
    text = _text(known, cell)
    return {name: READERS[known.kind](known, text)} if text else {}


def _text(known: Field, cell: Cell) -> str:
    """What was written. Numbers and dates of the spreadsheet program count where such a thing is asked for."""
    if isinstance(cell, list):
        kind, text = cell
        if (kind == "date" and known.kind == "date") or (kind == "decimal" and known.kind in {"latitude", "longitude"}):
            return text
        raise _Wrong(_("is a formula, an error, or a number or date where text is asked for"))
    text = cell[1:] if _is_escaped(cell) else cell
    if CONTROL.search(text):
        raise _Wrong(_("holds characters that cannot be seen"))
    return text.strip()


def _is_escaped(text: str) -> bool:
    """An apostrophe that keeps programs from running what follows; see victims.delivery."""
    return text.startswith("'") and text[1:].lstrip(" ").startswith((*FORMULA_STARTS, "'"))


def _read_text(known: Field, text: str) -> str:
    if len(text) > LONGEST[known.kind]:
        raise _Wrong(_("is longer than %(most)s characters") % {"most": LONGEST[known.kind]})
    return text


def _read_date(known: Field, text: str) -> str:
    """`2013-05-17`, or as much of it as is known. Days and months are never guessed."""
    if turned := DAY_AND_MONTH.fullmatch(text):
        text = _turned(*(int(part) for part in turned.groups()))
    match = DATE.fullmatch(text)
    if not match:
        raise _Wrong(_("is not a date; write 2013-05-17, 2013-05 or 2013"))
    parts = [int(part) for part in match.groups() if part]
    try:
        day = date(*[*parts, 1, 1][:3])
    except ValueError:
        raise _Wrong(_("is not a date of the calendar")) from None
    if not 1900 <= day.year <= 2100:
        raise _Wrong(_("is not a date of this time"))
    return "-".join(f"{part:02}" for part in parts)


def _turned(first: int, second: int, year: int) -> str:
    if first > 12 or first == second:
        return f"{year}-{second}-{first}"
    if second > 12:
        return f"{year}-{first}-{second}"
    raise _Wrong(_("may be two dates; write the year first, as in 2013-05-17"))


def _read_number(known: Field, text: str) -> int:
    if not re.fullmatch(r"\d{1,3}(?:\.0)?", text) or int(float(text)) > known.most:
        raise _Wrong(_("is not a whole number from 0 to %(most)s") % {"most": known.most})
    return int(float(text))


def _read_degrees(known: Field, text: str) -> str:
    most = 90 if known.kind == "latitude" else 180
    if not re.fullmatch(r"-?\d{1,3}(?:\.\d{1,10})?", text) or abs(float(text)) > most:
        raise _Wrong(_("is not a number of degrees"))
    return text


def _read_checkbox(known: Field, text: str) -> bool:
    word = folded(text)
    if word not in YES | NO:
        raise _Wrong(_("is neither yes nor no"))
    return word in YES


def _read_choice(known: Field, text: str) -> str:
    for choice in LISTS[known.list_name]:
        if folded(text) in choice.words():
            return choice.code
    raise _Wrong(_("is not on the list of the standard"))


def _read_country(known: Field, text: str) -> str:
    if code := COUNTRY_CODES.get(folded(text)):
        return code
    raise _Wrong(_("is not a country; write its two letters of ISO 3166"))


def _read_language(known: Field, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}", text):
        raise _Wrong(_("is not a language; write its letters of ISO 639"))
    return text.lower()


def _read_several(one: Callable[[Field, str], str]) -> Callable[[Field, str], list[str]]:
    """One value, or several with semicolons, commas or lines between them: both official sheets are read."""

    def read(known: Field, text: str) -> list[str]:
        found = [one(known, part) for part in _parts(text)]
        if not found:
            raise _Wrong(_("is not on the list of the standard"))
        return list(dict.fromkeys(found))

    return read


def _parts(text: str) -> Iterator[str]:
    yield from (part.strip() for part in SEPARATORS.split(text) if part.strip())


READERS: Mapping[str, Callable[[Field, str], Any]] = {
    "text": _read_text,
    "long": _read_text,
    "date": _read_date,
    "number": _read_number,
    "latitude": _read_degrees,
    "longitude": _read_degrees,
    "checkbox": _read_checkbox,
    "choice": _read_choice,
    "choices": _read_several(_read_choice),
    "country": _read_country,
    "countries": _read_several(_read_country),
    "language": _read_language,
}
