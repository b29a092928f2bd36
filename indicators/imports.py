"""Reading returns from files: bytes in, checked answers out. Nothing here touches the database.

Every fault is named with its row and column, in the words of whoever has the file open; no cell's content is repeated.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from core import book
from core.exceptions import PortalError
from indicators.enums import TABLES, CoverageCitizenship, CoverageMovement, Marker
from indicators.validators import MAX_COUNT

MAX_BYTES = 2_000_000
SHEET, ABOUT, HIDDEN = "DATA", "ABOUT", "CODES"
# The codes in these columns are what is read; the words beside them are for people.
COLUMNS = ("table", "row", "column", "", "", "", "answer", "count")
ABOUT_COLUMNS = ("table", "", "source", "citizenship", "movement", "article", "definition")
LIMITS = {"source": 300, "article": 200, "definition": 2000}
MARKERS = {str(index): marker for index, marker in enumerate(Marker.values, start=1)}
WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")  # some programs keep every number with a decimal
COMPUTED = ("formula", "error")
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
Content = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """Why a file is refused. `row` counts as the spreadsheet program does; none where it is the whole file."""

    reason: str
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        if self.row is None:
            return _("The file %(reason)s.") % {"reason": self.reason}
        place = {"sheet": self.sheet, "row": self.row, "column": self.column, "reason": self.reason}
        return _("Sheet %(sheet)s, row %(row)s, column %(column)s: %(reason)s.") % place


class FaultyFile(PortalError):
    """Nothing was taken from the file; `faults` has the reasons."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(_("The file has %(count)s faults; nothing was taken from it.") % {"count": len(faults)})
        self.faults = list(faults)


@dataclass
class _Reading:
    labels: Mapping[str, str]  # words of the answers, in the language of the template → marker
    state: str
    year: int
    faults: list[Fault] = field(default_factory=list)
    tables: Content = field(default_factory=dict)

    def fault(self, reason: str, sheet: str, row: int, column: int) -> None:
        self.faults.append(Fault(reason, sheet, row, ascii_uppercase[column]))


def read_workbook(content: bytes, name: str, *, state: str, year: int) -> Content:
    """Answers by table. Raises FaultyFile with every fault; all or nothing."""
    sheets = {sheet.title: sheet for sheet in _sheets(content, name)}
    for wanted in (SHEET, ABOUT, HIDDEN):
        if wanted not in sheets:
            raise FaultyFile([Fault(_("has no sheet %(name)s; use the portal's own template") % {"name": wanted})])
    reading = _Reading(_answer_words(sheets[HIDDEN]), state, year)
    _read_stamp(reading, sheets[HIDDEN])
    _read_cells(reading, sheets[SHEET])
    _read_about(reading, sheets[ABOUT])
    _check_whole_tables(reading)
    if reading.faults:
        raise FaultyFile(sorted(reading.faults, key=lambda f: (f.sheet != SHEET, f.row or 0, f.column)))
    return reading.tables


def _sheets(content: bytes, name: str) -> list[book.Sheet]:
    """Read in a process of its own; here the file is only looked at from outside."""
    reason = _outer_fault(content, name)
    if reason:
        raise FaultyFile([Fault(reason)])
    try:
        return book.read(content)
    except book.BookRefused as refusal:
        reasons = {
            "too_large": _("is too large once unpacked"),
            "password": _("is protected by a password"),
            "macros": _("holds macros; save it as .xlsx without macros"),
            "entities": _("is not a plain workbook: it declares XML entities"),
            "merged": _("has merged cells; every cell stands alone"),
        }
        raise FaultyFile([Fault(reasons.get(refusal.code, _("cannot be read as an .xlsx workbook")))]) from None


def _outer_fault(content: bytes, name: str) -> str:
    if not content.strip():
        return _("is empty")
    if len(content) > MAX_BYTES:
        return _("is larger than 2 MB")
    if content.startswith(OLD_OR_LOCKED):
        return _("is an old or a password-protected workbook; save it as .xlsx without a password")
    if not name.lower().endswith(".xlsx"):
        return _("is not an .xlsx workbook")
    return "" if content.startswith(b"PK") else _("is named .xlsx but is not a workbook")


def _rows(sheet: book.Sheet, width: int) -> Iterator[tuple[int, list[str], list[str]]]:
    """Row number, texts and kinds of cells, without the header. The kind is blank where a cell is plain text."""
    for number, cells in sheet.rows:
        shown = [(cell, "") if isinstance(cell, str) else (cell[1], cell[0]) for cell in cells[:width]]
        shown += [("", "")] * (width - len(shown))
        if number > 1 and any(text for text, _kind in shown):
            yield number, [text for text, _kind in shown], [kind for _text, kind in shown]


def _answer_words(sheet: book.Sheet) -> dict[str, str]:
    words = {}
    for _number, values, _kinds in _rows(sheet, 3):
        if values[0] in ("answer", "citizenship", "movement") and values[2]:
            words[f"{values[0]}:{values[2].strip().casefold()}"] = values[1]
    return words


def _read_stamp(reading: _Reading, sheet: book.Sheet) -> None:
    """A template is one State's and one year's; it must not end up in another's."""
    stamps = {values[0]: values[1] for _n, values, _t in _rows(sheet, 2)}
    if stamps.get("state") != reading.state:
        raise FaultyFile([Fault(_("is the template of another State"))])
    if stamps.get("year") != str(reading.year):
        raise FaultyFile([Fault(_("is the template of another year"))])


def _read_cells(reading: _Reading, sheet: book.Sheet) -> None:
    seen: set[tuple[str, str, str]] = set()
    for number, values, kinds in _rows(sheet, len(COLUMNS)):
        codes = tuple(value.strip() for value in values[:3])
        if not _check_codes(reading, number, codes):
            continue
        if codes in seen:
            reading.fault(_("this cell stands in the file twice"), SHEET, number, 0)
            continue
        seen.add((codes[0], codes[1], codes[2]))
        answer = _read_answer(reading, number, values, kinds)
        if answer is not None:
            table = reading.tables.setdefault(codes[0], {"cells": []})
            table["cells"].append([codes[1], codes[2], *answer])


def _check_codes(reading: _Reading, number: int, codes: tuple[str, ...]) -> bool:
    table = TABLES.get(codes[0])
    if table is None:
        reading.fault(_("there is no table with this code"), SHEET, number, 0)
    elif codes[1] not in table.rows.codes:
        reading.fault(_("the table has no row with this code"), SHEET, number, 1)
    elif codes[2] not in table.columns.codes:
        reading.fault(_("the table has no column with this code"), SHEET, number, 2)
    else:
        return True
    return False


def _read_answer(
    reading: _Reading, number: int, values: Sequence[str], kinds: Sequence[str]
) -> tuple[str, int | None] | None:
    """Marker and count; None where the cell is not answered, or where a fault was noted."""
    place = COLUMNS.index("answer")
    word, count = values[place], values[place + 1]
    for offset in (0, 1):
        if kinds[place + offset] in COMPUTED:
            reason = _("is a formula or an error; replace it by its value")
            reading.fault(reason, SHEET, number, place + offset)
            return None
    marker = reading.labels.get(f"answer:{word.strip().casefold()}", "")
    if word and not marker:
        reading.fault(_("choose an answer from the list"), SHEET, number, place)
        return None
    return _combine(reading, number, marker, count)


def _combine(reading: _Reading, number: int, marker: str, count: str) -> tuple[str, int | None] | None:
    place = COLUMNS.index("count")
    text = count.strip()
    if text and not WHOLE.fullmatch(text):
        reading.fault(_("is not a whole number"), SHEET, number, place)
        return None
    value = int(text.partition(".")[0]) if text else None
    if value is not None and value > MAX_COUNT:
        reading.fault(_("is too large a number"), SHEET, number, place)
        return None
    reason = _mismatch(marker, value)
    if reason:
        reading.fault(reason, SHEET, number, place)
        return None
    if value is None:
        return (marker, 0) if marker == Marker.ZERO else (marker, None) if marker else None
    return (Marker.VALUE, value) if value else (Marker.ZERO, 0)


def _mismatch(marker: str, value: int | None) -> str:
    if marker == Marker.VALUE and value is None:
        return _("the answer says that there is a count, and none is given")
    if marker == Marker.VALUE and value == 0:
        return _("a count of 0 is answered with Zero")
    if marker == Marker.ZERO and value:
        return _("the answer says zero, and a count is given")
    if marker in (Marker.NOT_AVAILABLE, Marker.NOT_APPLICABLE, Marker.SUPPRESSED) and value is not None:
        return _("the answer says that there is no count, and one is given")
    return ""


def _read_about(reading: _Reading, sheet: book.Sheet) -> None:
    for number, values, kinds in _rows(sheet, len(ABOUT_COLUMNS)):
        code = values[0].strip()
        if code not in TABLES:
            reading.fault(_("there is no table with this code"), ABOUT, number, 0)
            continue
        found = {name: _about_value(reading, number, name, values, kinds) for name in ABOUT_COLUMNS[2:]}
        if code in reading.tables:
            reading.tables[code] |= {
                "source": found["source"],
                "coverage_citizenship": found["citizenship"],
                "coverage_movement": found["movement"],
                "criminal_code_article": found["article"],
                "definition_note": found["definition"],
            }


def _about_value(reading: _Reading, number: int, name: str, values: Sequence[str], kinds: Sequence[str]) -> str:
    place = ABOUT_COLUMNS.index(name)
    text = values[place].strip()
    if kinds[place] in COMPUTED or text.startswith("="):
        reading.fault(_("is a formula or an error; replace it by its value"), ABOUT, number, place)
    elif name in LIMITS:
        if len(text) > LIMITS[name]:
            reading.fault(_("has more than %(limit)s characters") % {"limit": LIMITS[name]}, ABOUT, number, place)
        return text
    elif text:
        code = reading.labels.get(f"{name}:{text.casefold()}", "")
        known = CoverageCitizenship.values if name == "citizenship" else CoverageMovement.values
        if code not in known:
            reading.fault(_("choose an answer from the list"), ABOUT, number, place)
        return code
    return ""


def _check_whole_tables(reading: _Reading) -> None:
    """A table that is begun is finished: half a table would be read as one in which the rest is blank."""
    if not reading.tables and not reading.faults:
        raise FaultyFile([Fault(_("has no answer in it"))])
    for code, data in reading.tables.items():
        missing = len(list(TABLES[code].cells())) - len(data["cells"])
        if missing and not reading.faults:
            reason = _("table %(table)s lacks %(count)s answers") % {"table": code, "count": missing}
            reading.faults.append(Fault(reason, SHEET, 1, "A"))


# --- CTDC ----------------------------------------------------------------------------------------

CTDC_COLUMNS = (
    "yearOfRegistration", "gender", "ageBroad", "citizenship", "CountryOfExploitation", "traffickMonths",
    "meansDebtBondageEarnings", "meansThreats", "meansAbusePsyPhySex", "meansFalsePromises", "meansDrugsAlcohol",
    "meansDenyBasicNeeds", "meansExcessiveWorkHours", "meansWithholdDocs", "isForcedLabour", "isSexualExploit",
    "isOtherExploit", "typeOfLabourAgriculture", "typeOfLabourConstruction", "typeOfLabourDomesticWork",
    "typeOfLabourHospitality", "typeOfSexProstitution", "typeOfSexPornography", "recruiterRelationIntimatePartner",
    "recruiterRelationFriend", "recruiterRelationFamily", "recruiterRelationOther",
)  # fmt: skip
CTDC_SEX = {"Woman": "F", "Man": "M"}
CTDC_AGE = {
    "0--8": "Y0T8", "9--17": "Y9T17", "18--20": "Y18T20", "21--23": "Y21T23", "24--26": "Y24T26",
    "27--29": "Y27T29", "30--38": "Y30T38", "39--47": "Y39T47", "48+": "Y_GE48",
}  # fmt: skip
_FORMS = (("isSexualExploit", "SEX"), ("isForcedLabour", "LAB"), ("isOtherExploit", "OTH"))


@dataclass(frozen=True)
class Case:
    """One record of a CTDC file, in the codes of the returns."""

    state: str  # ISO alpha-3
    year: int
    sex: str
    age: str
    exploitation: str
    citizenship: str
    movement: str


def read_ctdc(text: Iterator[str]) -> Iterator[Case]:
    """The records of a file with the 27 variables of the codebook. Raises FaultyFile at the first that is none.

    Records without a country of exploitation or a year count for nobody and are passed over.
    """
    reader = csv.DictReader(text)
    missing = [name for name in CTDC_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise FaultyFile([Fault(_("lacks the column %(name)s") % {"name": missing[0]})])
    for number, record in enumerate(reader, start=2):
        country, year = record["CountryOfExploitation"] or "", record["yearOfRegistration"] or ""
        if year and not re.fullmatch(r"20\d\d", year):
            raise FaultyFile([Fault(_("is not a year"), "CSV", number, "yearOfRegistration")])
        if country and year:
            yield _case(record, country, int(year))


def _case(record: Mapping[str, Any], country: str, year: int) -> Case:
    """Citizens found in their own country are counted as trafficked within it: the file has no better sign."""
    citizenship = record["citizenship"] or ""
    own = "_U" if not citizenship else "OWN" if citizenship == country else "FOR"
    forms = [code for name, code in _FORMS if str(record[name]).strip() in ("1", "1.0")]
    return Case(
        state=country,
        year=year,
        sex=CTDC_SEX.get(record["gender"] or "", "_O"),
        age=CTDC_AGE.get((record["ageBroad"] or "").replace("–", "--").replace("-", "--").replace("----", "--"), "_U"),
        exploitation="_U" if not forms else forms[0] if len(forms) == 1 else "MIX",
        citizenship=own,
        movement={"OWN": "INT", "FOR": "CRO"}.get(own, "_U"),
    )
