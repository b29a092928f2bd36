"""Reading a workbook of contributions, whatever of the four languages its labels and words are in."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Language
from contributions.delivery import ABOUT, LISTS
from contributions.enums import MAX_BULK_ROWS, Kind, Visibility
from contributions.enums import SheetColumn as C
from core.book import Sheet
from workplan.imports import (
    Choose,
    Columns,
    Fault,
    FaultyFile,
    Table,
    clean,
    header_faults,
    in_all_languages,
    plain,
    read_tables,
    refuse,
    shape_faults,
)
from workplan.validators import length_fault, text_fault

LIMITS = {C.TITLE: 200, C.TEXT: 12_000, C.REASON: 300}
REQUIRED = (C.VISIBILITY, C.KIND, C.LANGUAGE, C.STATES, C.ACTIVITIES, C.TITLE, C.TEXT, C.FROM, C.UNTIL)
DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"),
)
Cells = dict[str, str]
Words = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One row without a fault, in codes; what is stored and shown before it is sent."""

    row: int
    values: dict[str, Any]


@dataclass
class Reading:
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Vocabulary:
    """The words of a file, made once for each reading; States and activities are those of the accreditation."""

    states: Words  # code by every name
    activities: Collection[str]

    @cached_property
    def columns(self) -> Words:
        return in_all_languages(lambda: C.choices)

    @cached_property
    def choices(self) -> Mapping[str, Words]:
        yes_no = in_all_languages(lambda: (("yes", _("Yes")), ("no", _("No"))))
        return {
            C.VISIBILITY: in_all_languages(lambda: Visibility.choices),
            C.KIND: in_all_languages(lambda: Kind.choices),
            C.LANGUAGE: {plain(word): code for code, label in Language.choices for word in (code, str(label))},
            C.WITHHELD: {**yes_no, "": "no"},
        }

    def column(self, cell: str) -> str:
        name = plain(cell.strip().strip('"'))
        return self.columns.get(name, name)


def read_contributions(
    content: bytes, name: str, *, states: Mapping[str, Sequence[str]], activities: Collection[str]
) -> Reading:
    """Rows and faults. Raises FaultyFile where it cannot be read as such a file at all.

    `states`: by code, all the names it goes by.
    """
    known = {plain(word): code for code, names in states.items() for word in (code, *names)}
    words = Vocabulary(known, activities)
    tables = read_tables(content, name, Columns(C.values, words.column), _data_sheets(words))
    refuse([_in_words(fault) for table in tables for fault in header_faults(table, REQUIRED, C.values)])
    reading = Reading()
    for table in tables:
        _read_table(reading, table, words)
    if len(reading.lines) > MAX_BULK_ROWS:
        raise FaultyFile([Fault(_("has more than %(limit)s rows") % {"limit": MAX_BULK_ROWS})])
    reading.faults += _repeated(reading.lines)
    wrong = {fault.row for fault in reading.faults}
    reading.lines = [line for line in reading.lines if line.row not in wrong]
    reading.faults.sort(key=lambda fault: fault.row or 0)
    return reading


def _in_words(fault: Fault) -> Fault:
    label = str(C(fault.column).label) if fault.column in C.values else fault.column
    return Fault(fault.reason, label, fault.row, fault.sheet, fault.found)


def _data_sheets(words: Vocabulary) -> Choose:
    """The one sheet with the rows: not the explanation, the codes or the lists."""

    def choose(sheets: Sequence[Sheet]) -> list[Sheet]:
        found = [sheet for sheet in sheets if _holds_rows(sheet, words)]
        if len(found) != 1:
            raise FaultyFile([Fault(_("has no sheet of the template; begin again from the template"))])
        return found

    return choose


def _holds_rows(sheet: Sheet, words: Vocabulary) -> bool:
    head = sheet.head
    if not any(head) or head[0] == ABOUT or (sheet.title == LISTS and not sheet.is_visible):
        return False
    return C.TITLE in map(words.column, head)


# --- rows -----------------------------------------------------------------------------------------


def _read_table(reading: Reading, table: Table, words: Vocabulary) -> None:
    reading.faults += [*table.faults, *shape_faults(table)]
    wrong = {fault.row for fault in reading.faults}
    for row in table.rows:
        cells = dict.fromkeys(C.values, "") | dict(zip(table.header, map(clean, row.cells), strict=False))
        if row.number in wrong or not any(cells[name] for name in C.values):
            continue
        found = list(_cell_faults(cells, words))
        reading.faults += [Fault(why, str(name), row.number, table.sheet, cells[name][:80]) for name, why in found]
        if not found:
            reading.lines.append(Line(row.number, _values(cells, words)))


def _cell_faults(cells: Cells, words: Vocabulary) -> Iterator[tuple[str, str]]:
    for name in C.values:
        why = _fault_of(name, cells[name], words)
        if why:
            yield name, why
    first, last = _date(cells[C.FROM]), _date(cells[C.UNTIL])
    if first and last and last < first:
        yield C.UNTIL, _("the period ends before it begins")


def _fault_of(name: str, text: str, words: Vocabulary) -> str:
    if not text:
        return _("is empty") if name in REQUIRED else ""
    if name in words.choices:
        return "" if plain(text) in words.choices[name] else _one_of(_labels(name))
    if name == C.STATES:
        return _unknown(text, words.states, _("is no State that your accreditation covers"))
    if name == C.ACTIVITIES:
        known = {plain(code): code for code in words.activities}
        return _unknown(text, known, _("is no activity that your accreditation covers"))
    if name in (C.FROM, C.UNTIL):
        return "" if _date(text) else _("is no date such as 2014-01-31 or 31/01/2014")
    return text_fault(text) or length_fault(text, LIMITS[C(name)])


def _labels(name: str) -> list[str]:
    kinds: dict[str, Any] = {C.VISIBILITY: Visibility, C.KIND: Kind, C.LANGUAGE: Language}
    return [str(label) for label in kinds[name].labels] if name in kinds else [_("Yes"), _("No")]


def _one_of(values: Collection[str]) -> str:
    return _("must be one of: %(values)s") % {"values": "; ".join(values)}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


def _unknown(text: str, known: Words, why: str) -> str:
    for part in _parts(text):
        if plain(part) not in known:
            return f"“{part[:40]}” {why}"
    return ""


def _date(text: str) -> date | None:
    for shape in DATES:
        match = shape.fullmatch(text.strip())
        if match:
            try:
                return date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                return None
    return None


def _values(cells: Cells, words: Vocabulary) -> dict[str, Any]:
    first, last = _date(cells[C.FROM]), _date(cells[C.UNTIL])
    chosen = {name: words.choices[name][plain(cells[name])] for name in words.choices}
    known = {plain(code): code for code in words.activities}
    return {
        "visibility": chosen[C.VISIBILITY],
        "name_withheld": chosen[C.WITHHELD] == "yes",
        "kind": chosen[C.KIND],
        "language": chosen[C.LANGUAGE],
        "states": sorted({words.states[plain(part)] for part in _parts(cells[C.STATES])}),
        "activities": sorted({known[plain(part)] for part in _parts(cells[C.ACTIVITIES])}),
        "title": " ".join(cells[C.TITLE].split()),
        "text": cells[C.TEXT],
        "period_from": first.isoformat() if first else "",
        "period_to": last.isoformat() if last else "",
        "identity_reason": cells[C.REASON],
    }


def _repeated(lines: Sequence[Line]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for line in lines:
        key = repr(sorted(line.values.items()))
        if key in first:
            yield Fault(_("says the same as row %(row)s") % {"row": first[key]}, str(C.TITLE), line.row)
        first.setdefault(key, line.row)
