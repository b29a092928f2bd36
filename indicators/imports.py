"""Reading returns from files: bytes in, checked answers out. Nothing here touches the database.

Every fault is named with its row and column, in the words of whoever has the file open; no cell's content is repeated.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from core.exceptions import PortalError
from core.sanitize import archives, kinds
from indicators.enums import TABLES, CoverageCitizenship, CoverageMovement, Marker
from indicators.validators import MAX_COUNT

MAX_BYTES = 2_000_000
SHEET, ABOUT, HIDDEN = "DATA", "ABOUT", "CODES"
# The codes in these columns are what is read; the words beside them are for people.
COLUMNS = ("table", "row", "column", "", "", "", "answer", "count")
ABOUT_COLUMNS = ("table", "", "source", "citizenship", "movement", "article", "definition")
LIMITS = {"source": 300, "article": 200, "definition": 2000}
MARKERS = {str(index): marker for index, marker in enumerate(Marker.values, start=1)}
WHOLE = re.compile(r"\d{1,9}(?:\.0+)?")
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
        self.faults.append(Fault(reason, sheet, row, get_column_letter(column + 1)))


def read_workbook(content: bytes, name: str, *, state: str, year: int) -> Content:
    """Answers by table. Raises FaultyFile with every fault; all or nothing."""
    book = _open(content, name)
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        for wanted in (SHEET, ABOUT, HIDDEN):
            if wanted not in sheets:
                reason = _("has no sheet %(name)s; use the portal's own template") % {"name": wanted}
                raise FaultyFile([Fault(reason)])
        reading = _Reading(_answer_words(sheets[HIDDEN]), state, year)
        _read_stamp(reading, sheets[HIDDEN])
        _read_cells(reading, sheets[SHEET])
        _read_about(reading, sheets[ABOUT])
    finally:
        book.close()
    _check_whole_tables(reading)
    if reading.faults:
        raise FaultyFile(sorted(reading.faults, key=lambda f: (f.sheet != SHEET, f.row or 0, f.column)))
    return reading.tables


def _open(content: bytes, name: str) -> Any:
    suffix = f".{name.lower().rpartition('.')[2]}"
    try:
        if kinds.kind_of(suffix, content, MAX_BYTES) != "xlsx":
            raise FaultyFile([Fault(_("is not an .xlsx workbook"))])
        members = archives.read(content)
    except kinds.Refused as refused:
        raise FaultyFile([Fault(REFUSALS().get(refused.code, _("cannot be read as an .xlsx workbook")))]) from None
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in members.values()):
        raise FaultyFile([Fault(_("is not a plain workbook: it declares XML entities"))])
    if any(name.lower().endswith("vbaproject.bin") for name in members):
        raise FaultyFile([Fault(_("holds macros; save it as .xlsx without macros"))])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions that nobody reads here
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
            return book
    except Exception:
        raise FaultyFile([Fault(_("cannot be read as an .xlsx workbook"))]) from None


def REFUSALS() -> dict[str, str]:  # noqa: N802
    return {
        kinds.Code.EMPTY: _("is empty"),
        kinds.Code.TOO_LARGE: _("is larger than 2 MB"),
        kinds.Code.TYPE: _("is not an .xlsx workbook"),
        kinds.Code.MISMATCH: _("is named .xlsx but is not a workbook"),
        kinds.Code.PASSWORD: _("is protected by a password"),
        kinds.Code.LEGACY: _("is an old workbook; save it as .xlsx"),
        kinds.Code.ARCHIVE: _("is packed in a way that no spreadsheet program uses"),
    }


def _rows(sheet: Any, width: int) -> Iterator[tuple[int, list[Any], list[str]]]:
    """Row number, values and kinds of cells, without the header and without blank rows."""
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_row=2000, max_col=width), start=2):
        values = [getattr(cell, "value", None) for cell in cells] + [None] * (width - len(cells))
        types = [getattr(cell, "data_type", "n") for cell in cells] + ["n"] * (width - len(cells))
        if any(value not in (None, "") for value in values):
            yield number, values, types


def _answer_words(sheet: Any) -> dict[str, str]:
    words = {}
    for _number, values, _types in _rows(sheet, 3):
        if str(values[0]) in ("answer", "citizenship", "movement") and values[2] is not None:
            words[f"{values[0]}:{str(values[2]).strip().casefold()}"] = str(values[1])
    return words


def _read_stamp(reading: _Reading, sheet: Any) -> None:
    """A template is one State's and one year's; it must not end up in another's."""
    stamps = {str(values[0]): str(values[1]) for _n, values, _t in _rows(sheet, 2)}
    if stamps.get("state") != reading.state:
        raise FaultyFile([Fault(_("is the template of another State"))])
    if stamps.get("year") != str(reading.year):
        raise FaultyFile([Fault(_("is the template of another year"))])


def _read_cells(reading: _Reading, sheet: Any) -> None:
    seen: set[tuple[str, str, str]] = set()
    for number, values, types in _rows(sheet, len(COLUMNS)):
        codes = tuple(str(value or "").strip() for value in values[:3])
        if not _check_codes(reading, number, codes):
            continue
        if codes in seen:
            reading.fault(_("this cell stands in the file twice"), SHEET, number, 0)
            continue
        seen.add((codes[0], codes[1], codes[2]))
        answer = _read_answer(reading, number, values, types)
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
    reading: _Reading, number: int, values: Sequence[Any], types: Sequence[str]
) -> tuple[str, int | None] | None:
    """Marker and count; None where the cell is not answered, or where a fault was noted."""
    place = COLUMNS.index("answer")
    word, count = values[place], values[place + 1]
    for offset in (0, 1):
        if types[place + offset] in ("f", "e"):
            reason = _("is a formula or an error; replace it by its value")
            reading.fault(reason, SHEET, number, place + offset)
            return None
    marker = reading.labels.get(f"answer:{str(word or '').strip().casefold()}", "")
    if word not in (None, "") and not marker:
        reading.fault(_("choose an answer from the list"), SHEET, number, place)
        return None
    return _combine(reading, number, marker, count)


def _combine(reading: _Reading, number: int, marker: str, count: Any) -> tuple[str, int | None] | None:
    place = COLUMNS.index("count")
    text = "" if count is None else str(count).strip()
    if isinstance(count, bool) or (text and not WHOLE.fullmatch(text)):
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


def _read_about(reading: _Reading, sheet: Any) -> None:
    for number, values, types in _rows(sheet, len(ABOUT_COLUMNS)):
        code = str(values[0] or "").strip()
        if code not in TABLES:
            reading.fault(_("there is no table with this code"), ABOUT, number, 0)
            continue
        found = {name: _about_value(reading, number, name, values, types) for name in ABOUT_COLUMNS[2:]}
        if code in reading.tables:
            reading.tables[code] |= {
                "source": found["source"],
                "coverage_citizenship": found["citizenship"],
                "coverage_movement": found["movement"],
                "criminal_code_article": found["article"],
                "definition_note": found["definition"],
            }


def _about_value(reading: _Reading, number: int, name: str, values: Sequence[Any], types: Sequence[str]) -> str:
    place = ABOUT_COLUMNS.index(name)
    text = str(values[place] if values[place] is not None else "").strip()
    if types[place] in ("f", "e") or text.startswith("="):
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
