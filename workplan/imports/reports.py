"""Reading the spreadsheet of one report, whatever of the four languages its labels and words are in."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.enums import Language
from core.book import Sheet
from core.i18n import LANGUAGES
from workplan.delivery import ABOUT, LISTS, report_key
from workplan.enums import SELECTABLE_STATUSES, ImplementationStatus, Obstacle, SheetColumn
from workplan.imports.tables import (
    Choose,
    Columns,
    Fault,
    FaultyFile,
    Table,
    header_faults,
    read_tables,
    refuse,
    shape_faults,
)
from workplan.validators import BROKEN_LETTERS, FORMULA_STARTS, UNWANTED, length_fault

C = SheetColumn
# The limits of the form.
LIMITS = {C.REASON: 1000, C.NARRATIVE: 4000, C.RESULTS: 2000, C.GOOD_PRACTICE: 2000, C.OBSTACLES: 2000}
# What must be in the file; the rest is for the reader's eye, or may be left out, as in templates of before: what has
# no column stays as it is.
WANTED = (C.KEY, C.STATUS, C.REASON, C.NARRATIVE, C.RESULTS, C.OBSTACLES, C.OBSTACLE_KINDS, C.LANGUAGE, C.READY)
NEED_NARRATIVE = ("planned", "partial", "substantial", "full")
Cells = dict[str, str]
Words = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One row without a fault."""

    sheet: str
    row: int
    activity: str
    values: dict[str, Any]


@dataclass
class Reading:
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def plain(text: str) -> str:
    """For comparing words: without accents, case and double spaces."""
    letters = unicodedata.normalize("NFD", text.replace("’", "'")).casefold()
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def in_all_languages(pairs: Callable[[], Iterable[tuple[str, Any]]]) -> Words:
    """Codes by every word for them."""
    words = {}
    for language in LANGUAGES:
        with override(language):
            words.update({plain(str(label)): str(code) for code, label in pairs()})
    return {**words, **{plain(str(code)): str(code) for code, _label in pairs()}}


class Vocabulary:
    """The words of a file, made once for each reading."""

    @cached_property
    def columns(self) -> Words:
        return in_all_languages(lambda: C.choices)

    @cached_property
    def statuses(self) -> Words:
        return in_all_languages(lambda: ImplementationStatus.choices)

    @cached_property
    def obstacles(self) -> Words:
        return in_all_languages(lambda: Obstacle.choices)

    @cached_property
    def languages(self) -> Words:
        return {plain(word): code for code, label in Language.choices for word in (code, str(label))}

    @cached_property
    def answers(self) -> Words:
        words = in_all_languages(lambda: (("yes", _("Yes")), ("no", _("No"))))
        return {**words, "true": "yes", "false": "no", "": "no"}

    def column(self, cell: str) -> str:
        name = plain(cell.strip().strip('"'))
        return self.columns.get(name, name)


def read_report(content: bytes, name: str, *, reference: str, codes: Collection[str], language: str) -> Reading:
    """The rows of a file for one report. Raises FaultyFile where it cannot be read as one at all; faults of
    single rows are in the reading, beside the rows that have none; their columns are codes of SheetColumn."""
    words = Vocabulary()
    tables = read_tables(content, name, Columns(C.values, words.column), _data_sheets(words))
    refuse([_in_words(fault) for table in tables for fault in header_faults(table, WANTED, C.values)])
    reading = Reading(tables=tables)
    _refuse_other_report(tables, reference)
    seen: dict[str, tuple[str, int]] = {}
    for table in tables:
        _read_table(reading, table, words, _keys(reference, codes), language, seen)
    reading.faults.sort(key=lambda fault: (fault.sheet, fault.row or 0))
    return reading


def _in_words(fault: Fault) -> Fault:
    """With the column's heading instead of its code, as the reader of the file sees it."""
    return replace(fault, column=str(C(fault.column).label)) if fault.column in C.values else fault


def _keys(reference: str, codes: Collection[str]) -> dict[str, str]:
    return {report_key(reference, code): code for code in codes}


def _data_sheets(words: Vocabulary) -> Choose:
    """All sheets but the explanation and the lists; one that lost its hidden column is a fault, not passed over."""

    def choose(sheets: Sequence[Sheet]) -> list[Sheet]:
        found = []
        for sheet in sheets:
            head = sheet.head
            if not any(head) or head[0] == ABOUT or (sheet.title == LISTS and not sheet.is_visible):
                continue
            if C.KEY not in map(words.column, head):
                reason = _("the hidden column with the codes is missing; begin again from the template")
                raise FaultyFile([Fault(reason, str(C.KEY), 1, sheet.title)])
            found.append(sheet)
        if not found:
            raise FaultyFile([Fault(_("has no sheet of the template; begin again from the template"))])
        return found

    return choose


def _refuse_other_report(tables: Sequence[Table], reference: str) -> None:
    """Where every row is of one other report, the file is the wrong one: say so once."""
    keys = [cells.get(C.KEY, "") for table in tables for _number, cells in _rows(table)]
    others = {key.rpartition(":")[0].strip() for key in keys if ":" in key}
    if len(others) == 1 and reference not in others:
        other = others.pop()[:24]
        reason = _("is the template of %(other)s; this import is for %(reference)s")
        raise FaultyFile([Fault(reason % {"other": other, "reference": reference})])


def _rows(table: Table) -> Iterator[tuple[int, Cells]]:
    for row in table.rows:
        yield row.number, dict(zip(table.header, row.cells, strict=False))


def _read_table(
    reading: Reading,
    table: Table,
    words: Vocabulary,
    keys: Mapping[str, str],
    language: str,
    seen: dict[str, tuple[str, int]],
) -> None:
    reading.faults += [*table.faults, *shape_faults(table)]
    wrong = {fault.row for fault in reading.faults if fault.sheet == table.sheet}
    for number, cells in _rows(table):
        if not any(cells.get(name, "").strip() for name in (*WANTED, C.GOOD_PRACTICE)):
            continue
        found = [*_key_faults(cells, keys, table.sheet, number, seen)]
        if number not in wrong:
            found += _cell_faults(cells, words, is_plain=not table.sheet)
        reading.faults += [Fault(why, str(name), number, table.sheet, text[:80]) for name, why, text in found]
        if not found and number not in wrong:
            activity = keys[cells[C.KEY].strip()]
            reading.lines.append(Line(table.sheet, number, activity, _values(cells, words, language)))


def _key_faults(
    cells: Cells, keys: Mapping[str, str], sheet: str, number: int, seen: dict[str, tuple[str, int]]
) -> Iterator[tuple[str, str, str]]:
    key = cells.get(C.KEY, "").strip()
    if not key:
        yield C.KEY, _("the row has lost its hidden code; write in the rows of the template"), key
    elif key not in keys:
        yield C.KEY, _("is no row of this report; write in the rows of the template"), key
    elif key in seen:
        place = {"sheet": seen[key][0], "row": seen[key][1]}
        in_sheet, in_file = _("stands in sheet %(sheet)s, row %(row)s already"), _("stands in row %(row)s already")
        yield C.KEY, (in_sheet if sheet else in_file) % place, key
    else:
        seen[key] = (sheet, number)


def _cell_faults(cells: Cells, words: Vocabulary, *, is_plain: bool) -> list[tuple[str, str, str]]:
    """Column, reason and what was found, for every cell that cannot be taken. `is_plain`: of a file without kinds
    of cells, such as CSV."""
    checks: dict[str, str] = {
        C.STATUS: _status_fault(cells[C.STATUS], words),
        C.LANGUAGE: _word_fault(cells[C.LANGUAGE], words.languages, [str(label) for label in Language.labels]),
        C.READY: _word_fault(cells[C.READY], words.answers, [_("Yes"), _("No")]),
        C.OBSTACLE_KINDS: _kinds_fault(cells[C.OBSTACLE_KINDS], words),
        **{name: _text_fault(cells[name], limit, is_plain) for name, limit in LIMITS.items() if name in cells},
    }
    found = {name: why for name, why in checks.items() if why}
    if not found:
        found = _rule_faults(cells, words)
    return [(name, why, cells[name].strip()) for name, why in found.items()]


def _status_fault(text: str, words: Vocabulary) -> str:
    if words.statuses.get(plain(text)) == ImplementationStatus.NO_INFORMATION:
        return _("is set by the portal, never chosen; leave the cell blank")
    return _word_fault(text, words.statuses, [str(label) for _code, label in SELECTABLE_STATUSES])


def _word_fault(text: str, known: Words, expected: Sequence[str]) -> str:
    if not text.strip() or plain(text) in known:
        return ""
    return _("must be one of: %(values)s") % {"values": "; ".join(expected)}


def _kinds(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


def _kinds_fault(text: str, words: Vocabulary) -> str:
    unknown = [part for part in _kinds(text) if plain(part) not in words.obstacles]
    if not unknown:
        return ""
    values = {"found": unknown[0][:40], "values": "; ".join(str(label) for label in Obstacle.labels)}
    return _("“%(found)s” is none of: %(values)s. Put a semicolon between two.") % values


def _text_fault(text: str, limit: int, is_plain: bool) -> str:
    unwanted = UNWANTED.search(text)
    if unwanted:
        return _("holds the control character %(code)s") % {"code": f"U+{ord(unwanted[0]):04X}"}
    if BROKEN_LETTERS.search(text):
        return _("has broken letters: the file was saved in another encoding")
    return (is_plain and _formula_fault(text)) or length_fault(clean(text), limit)


def _formula_fault(text: str) -> str:
    """In a file of plain text, what a spreadsheet would run; in a workbook a formula is known by its kind."""
    start = text.lstrip()[:1]
    if start and start in FORMULA_STARTS:
        return _("starts with %(sign)s, as formulas do; begin with a word") % {"sign": start}
    return ""


def _rule_faults(cells: Cells, words: Vocabulary) -> dict[str, str]:
    """The rules of the form, once every cell can be read."""
    status = words.statuses.get(plain(cells[C.STATUS]), "")
    ready = words.answers[plain(cells[C.READY])] == "yes"
    reason, narrative = cells[C.REASON].strip(), cells[C.NARRATIVE].strip()
    if status == ImplementationStatus.NOT_APPLICABLE and not reason:
        return {C.REASON: _("say why the activity does not apply")}
    if status != ImplementationStatus.NOT_APPLICABLE and reason:
        return {C.REASON: _("leave it blank: the status is not “Not applicable”")}
    if ready and not status:
        return {C.STATUS: _("choose a status, or do not mark the section as complete")}
    if ready and status in NEED_NARRATIVE and not narrative:
        return {C.NARRATIVE: _("say what was done, or do not mark the section as complete")}
    return {}


def clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _values(cells: Cells, words: Vocabulary, language: str) -> dict[str, Any]:
    kinds = {words.obstacles[plain(part)] for part in _kinds(cells[C.OBSTACLE_KINDS])}
    return {
        "status": words.statuses.get(plain(cells[C.STATUS]), ""),
        **{str(name): clean(cells[name]) for name in LIMITS if name in cells},
        "obstacle_kinds": [kind for kind in Obstacle.values if kind in kinds],
        "language": words.languages.get(plain(cells[C.LANGUAGE]), language),
        "is_ready": words.answers[plain(cells[C.READY])] == "yes",
    }
