"""A catalogue comes in whole or not at all, and whoever made the file is told where each fault is."""

import csv
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from core.models import AuditEvent
from core.testing import record_proof
from tests.factories.workplan import make_round
from workplan import services
from workplan.imports import COLUMNS, MAX_ROWS, FaultyFile, read_catalogue
from workplan.models import Activity, Catalogue, Plan
from workplan.validators import language_fault

pytestmark = pytest.mark.usefixtures("books_read_here")

SHIPPED = Path("workplan/data/catalogue.csv")
Rows = list[list[Any]]
HEADER_ROW = 1


def shipped() -> Rows:
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def good(count: int = 6) -> Rows:
    """The header and some rows that pass; row numbers are those of a spreadsheet, the header being 1."""
    return shipped()[: count + 1]


def place(column: str) -> int:
    return COLUMNS.index(column)


def with_cell(column: str, value: Any, row: int = 3) -> Rows:
    rows = good()
    rows[row - 1][place(column)] = value
    return rows


def to_text(rows: Rows, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def to_csv(rows: Rows) -> bytes:
    return to_text(rows).encode()


def to_xlsx(
    rows: Rows, titles: tuple[str, ...] = ("catalogue",), prepare: Callable[[Any], None] | None = None
) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title in titles:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if prepare:
        prepare(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezip(content: bytes, **changes: bytes) -> bytes:
    """The workbook with parts replaced or added; keyword `a__b` is the part `a/b.xml`."""
    out = io.BytesIO()
    parts = {name.replace("__", "/") + ".xml": data for name, data in changes.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, old.read(name)))
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def with_macros() -> bytes:
    out = io.BytesIO(to_xlsx(good()))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def with_password_flag() -> bytes:
    """The first part of the archive says that it is encrypted."""
    content = bytearray(to_xlsx(good()))
    entry = content.index(b"PK\x01\x02")
    flags = struct.unpack_from("<H", content, entry + 8)[0]
    struct.pack_into("<H", content, entry + 8, flags | 1)
    return bytes(content)


def entity_bomb() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    return rezip(to_xlsx(good()), xl__sharedStrings=bomb)


def merge(cells: str) -> Callable[[Any], None]:
    return lambda sheet: sheet.merge_cells(cells)


def dropped(column: str) -> Rows:
    return [[cell for index, cell in enumerate(row) if index != place(column)] for row in good()]


def renamed(column: str, name: str) -> Rows:
    rows = good()
    rows[0][place(column)] = name
    return rows


def repeated(column: str, value: str = "") -> Rows:
    rows = good()
    rows[2][place(column)] = rows[4][place(column)] = value or rows[2][place(column)]
    return rows


def shortened() -> Rows:
    rows = good()
    rows[3] = rows[3][:9]
    return rows


def lengthened() -> Rows:
    rows = good()
    rows[3].append("one cell too many")
    return rows


def doubled() -> Rows:
    rows = good()
    return [[*row, row[place("title_es")]] for row in rows]


def cell_of(column: str, other: str, row: int = 3) -> Rows:
    """A translation pasted into the wrong column."""
    return with_cell(column, good()[row - 1][place(other)], row)


def many() -> Rows:
    rows = good(1)
    return rows + [[f"PRV-{n}", *rows[1][1:]] for n in range(100, 101 + MAX_ROWS)]


FILE = (None, "")
TEXT_RUN = '=HYPERLINK("http://x.example","x")'
# name of the file -> its bytes, and a fault that must be among those reported: (row, column).
FAULTY: dict[str, tuple[bytes, tuple[int | None, str]]] = {
    # the whole file
    "empty.csv": (b"", FILE),
    "blank.csv": (b" \n\n", FILE),
    "header only.csv": (to_csv(good(0)), FILE),
    "header only.xlsx": (to_xlsx(good(0)), FILE),
    "text.txt": (to_csv(good()), FILE),
    "too large.csv": (to_csv(good()) + b" " * 5_000_000, FILE),
    "too many rows.csv": (to_csv(many()), FILE),
    "too many rows.xlsx": (to_xlsx(many()), FILE),
    "workbook named.csv": (to_xlsx(good()), FILE),
    "csv named.xlsx": (to_csv(good()), FILE),
    "old workbook.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FILE),
    "cut.xlsx": (to_xlsx(good())[:-900], FILE),
    "garbage.xlsx": (b"PK\x03\x04" + b"garbage" * 200, FILE),
    "no workbook.xlsx": (rezip(to_xlsx(good()), xl__workbook=b"<workbook/>"), FILE),
    "damaged sheet.xlsx": (rezip(to_xlsx(good()), xl__worksheets__sheet1=b"<worksheet><sheetData><row>"), FILE),
    "no sheet.xlsx": (to_xlsx(good(), ("one", "two")), FILE),
    "macros.xlsx": (with_macros(), FILE),
    "password.xlsx": (with_password_flag(), FILE),
    "bomb.xlsx": (rezip(to_xlsx(good()), xl__worksheets__sheet1=bytes(60_000_000)), FILE),
    "entities.xlsx": (entity_bomb(), FILE),
    "hidden entities.xlsx": (rezip(to_xlsx(good()), docProps__more="<!DOCTYPE x>".encode("utf-16")), FILE),
    # encodings
    "utf-16.csv": (to_text(good()).encode("utf-16"), FILE),
    "utf-16 without mark.csv": (to_text(good()).encode("utf-16-le"), FILE),
    "windows-1252.csv": (to_text(good()).encode("cp1252"), (2, "title_es")),
    "latin-1 in row 3.csv": (to_csv(with_cell("title_fr", "XX")).replace(b"XX", b"\xe9tat"), (3, "title_fr")),
    "latin-1 after mark.csv": (b"\xef\xbb\xbf" + to_csv(good()).replace(b"title_fr", b"t\xeftle_fr"), (1, "column 10")),
    "saved twice.csv": (to_csv(with_cell("text_es", "Incluye la formaciÃ³n de las autoridades.")), (3, "text_es")),
    "lost letters.csv": (to_csv(with_cell("title_es", "Formar a la polic\ufffda y al personal")), (3, "title_es")),
    # header
    "missing column.csv": (to_csv(dropped("title_fr")), (HEADER_ROW, "title_fr")),
    "missing column.xlsx": (to_xlsx(dropped("responsible")), (HEADER_ROW, "responsible")),
    "unknown column.csv": (to_csv(renamed("themes", "topics")), (HEADER_ROW, "topics")),
    "unnamed column.csv": (to_csv(renamed("themes", "")), (HEADER_ROW, "column 5")),
    "column twice.csv": (to_csv([[*r, r[0]] for r in good()]), (HEADER_ROW, "provisional_code")),
    "column twice.xlsx": (to_xlsx(doubled()), (HEADER_ROW, "title_es")),
    "no header.csv": (to_csv(good()[1:]), (HEADER_ROW, "provisional_code")),
    "pipes.csv": (to_text(good(), "|").encode(), (HEADER_ROW, "provisional_code")),
    "merged header.xlsx": (to_xlsx(good(), prepare=merge("H1:I1")), (HEADER_ROW, "title_es")),
    "merged cells.xlsx": (to_xlsx(good(), prepare=merge("D3:D5")), (3, "responsible")),
    # shape
    "short row.csv": (to_csv(shortened()), (4, "title_fr")),
    "long row.csv": (to_csv(lengthened()), (4, "column 16")),
    "long row.xlsx": (to_xlsx(lengthened()), (4, "column 16")),
    "open quote.csv": (to_csv(good()) + b'PRV-90,"never closed', (8, "whole row")),
    "stray quote.csv": (to_csv(with_cell("basis", "XX")).replace(b"XX", b'"a"b'), (3, "whole row")),
    # codes and lists
    "no code.csv": (to_csv(with_cell("provisional_code", "")), (3, "provisional_code")),
    "odd code.csv": (to_csv(with_cell("provisional_code", "Prevention 1")), (3, "provisional_code")),
    "code twice.csv": (to_csv(repeated("provisional_code")), (5, "provisional_code")),
    "code twice.xlsx": (to_xlsx(repeated("provisional_code")), (5, "provisional_code")),
    "number twice.csv": (to_csv(repeated("official_number", "1.1")), (5, "official_number")),
    "odd number.csv": (to_csv(with_cell("official_number", "1/2")), (3, "official_number")),
    "long number.csv": (to_csv(with_cell("official_number", "1." * 20)), (3, "official_number")),
    "unknown area.csv": (to_csv(with_cell("area", "EDU")), (3, "area")),
    "no area.xlsx": (to_xlsx(with_cell("area", None)), (3, "area")),
    "unknown responsible.csv": (to_csv(with_cell("responsible", "MS")), (3, "responsible")),
    "unknown theme.csv": (to_csv(with_cell("themes", "4a 4z")), (3, "themes")),
    "theme twice.csv": (to_csv(with_cell("themes", "4a 4a")), (3, "themes")),
    "verified maybe.csv": (to_csv(with_cell("verified", "perhaps")), (3, "verified")),
    # texts
    "no title.csv": (to_csv(with_cell("title_pt_br", "  ")), (3, "title_pt_br")),
    "no title.xlsx": (to_xlsx(with_cell("title_en", None)), (3, "title_en")),
    "text in three languages.csv": (to_csv(with_cell("text_fr", "")), (3, "text_fr")),
    "long title.csv": (to_csv(with_cell("title_en", "The support of victims " * 20)), (3, "title_en")),
    "long text.xlsx": (to_xlsx(with_cell("text_en", "The support of victims. " * 300)), (3, "text_en")),
    "long basis.csv": (to_csv(with_cell("basis", "C4a " * 60)), (3, "basis")),
    "endless cell.csv": (to_csv(with_cell("text_en", "a" * 140_000)), (3, "whole row")),
    "spanish in french.csv": (to_csv(cell_of("title_fr", "title_es")), (3, "title_fr")),
    "english in portuguese.csv": (to_csv(cell_of("title_pt_br", "title_en")), (3, "title_pt_br")),
    "other spanish in french.csv": (
        to_csv(with_cell("title_fr", "Fortalecer la coordinación con las autoridades de los municipios")),
        (3, "title_fr"),
    ),
    "french in english.csv": (
        to_csv(with_cell("text_en", "Comprend les mesures prises par les autorités pour les victimes.")),
        (3, "text_en"),
    ),
    "portuguese in spanish.csv": (
        to_csv(with_cell("text_es", "Abrange as ações de capacitação das autoridades em todos os níveis.")),
        (3, "text_es"),
    ),
    "languages exchanged.xlsx": (
        to_xlsx([[*r[:8], r[7], r[8], *r[10:]] if n else r for n, r in enumerate(good())]),
        (2, "title_en"),
    ),
    # what a spreadsheet would run, and what nobody can see
    "formula.csv": (to_csv(with_cell("title_es", TEXT_RUN)), (3, "title_es")),
    "plus.csv": (to_csv(with_cell("basis", "+1")), (3, "basis")),
    "minus.csv": (to_csv(with_cell("text_en", "-2+3 of the")), (3, "text_en")),
    "at.csv": (to_csv(with_cell("text_es", " @SUM(A1)")), (3, "text_es")),
    "formula.xlsx": (to_xlsx(with_cell("title_es", "=A1&B1")), (3, "title_es")),
    "spreadsheet error.xlsx": (to_xlsx(with_cell("official_number", "#REF!")), (3, "official_number")),
    "date.xlsx": (to_xlsx(with_cell("official_number", date(2014, 1, 1))), (3, "official_number")),
    "decimal.xlsx": (to_xlsx(with_cell("official_number", 1.1)), (3, "official_number")),
    "nul.csv": (to_csv(with_cell("text_en", "the victims\0of")), (3, "text_en")),
    "bell.csv": (to_csv(with_cell("title_en", "Train the police \x07of the border")), (3, "title_en")),
    "right to left.csv": (to_csv(with_cell("title_en", "Train the police \u202eof the border")), (3, "title_en")),
}


@pytest.fixture
def plan(db: None) -> Plan:
    return Plan.objects.get(slug="wp-2010")


def stored() -> tuple[int, int, int]:
    return Catalogue.objects.count(), Activity.objects.count(), Catalogue.objects.get(is_current=True).pk


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_is_named_with_row_and_column(name: str, plan: Plan) -> None:
    content, expected = FAULTY[name]
    with pytest.raises(FaultyFile) as caught:
        services.import_catalogue(plan=plan, content=content, name=name)
    assert expected in [(fault.row, fault.column) for fault in caught.value.faults]
    assert all(str(fault) and fault.reason for fault in caught.value.faults)


def test_no_faulty_file_is_imported_even_in_part(plan: Plan, tmp_path: Path, capsys: Any) -> None:
    before, partial = stored(), 0
    for name, (content, _expected) in FAULTY.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SystemExit) as caught:
            call_command("import_catalogue", str(tmp_path / name))
        assert caught.value.code == 1
        assert "nothing was imported" in capsys.readouterr().err
        partial += stored() != before
    record_proof("catalogue_import", files=len(FAULTY), partial=partial)
    assert len(FAULTY) >= 50
    assert partial == 0


def test_every_faulty_row_is_reported_in_the_order_of_the_file(plan: Plan) -> None:
    rows = good()
    rows[1][place("area")] = "EDU"
    rows[2][place("title_en")] = ""
    rows[2][place("themes")] = "4z"
    rows[5][place("verified")] = "?"
    with pytest.raises(FaultyFile) as caught:
        services.import_catalogue(plan=plan, content=to_csv(rows), name="a.csv")
    places = [(fault.row, fault.column) for fault in caught.value.faults]
    assert places == [(2, "area"), (3, "themes"), (3, "title_en"), (6, "verified")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", to_csv(good())),
        ("mark.csv", b"\xef\xbb\xbf" + to_csv(good())),
        ("semicolon.csv", to_text(good(), ";").encode()),
        ("tab.csv", to_text(good(), "\t").encode()),
        ("unix lines.csv", to_csv(good()).replace(b"\r\n", b"\n")),
        ("blank lines.csv", to_csv(good()) + b"\r\n,,,\r\n"),
        ("book.xlsx", to_xlsx(good())),
        ("named sheet.xlsx", to_xlsx(good(), ("Catalogue", "notes"))),
        ("CAPITALS.XLSX", to_xlsx(good())),
    ],
)
def test_good_files_read_the_same(name: str, content: bytes, plan: Plan) -> None:
    change = services.import_catalogue(plan=plan, content=content, name=name)
    assert change.catalogue is not None
    read = list(change.catalogue.activities.values_list("code", "title_es", "title_pt_br", "text_fr", "verified"))
    columns = ("provisional_code", "title_es", "title_pt_br", "text_fr")
    assert read == [(*(row[place(column)] for column in columns), False) for row in good()[1:]]


def test_an_import_is_a_new_version_and_says_what_changed(plan: Plan) -> None:
    rows = shipped()
    rows[1][place("basis")] = "another basis"
    del rows[2]
    rows.append(["PRV-77", *rows[3][1:]])
    change = services.import_catalogue(plan=plan, content=to_csv(rows), name="new.csv", source="annex")
    assert (change.added, change.removed, change.changed) == (["PRV-77"], ["PRV-02"], ["PRV-01"])
    new = Catalogue.objects.get(is_current=True)
    assert (new, new.number, new.source, new.is_official) == (change.catalogue, 2, "annex", False)
    event = AuditEvent.objects.filter(verb="catalogue.imported").latest("pk")
    assert (event.object_id, event.system) == (str(new.pk), "import_catalogue")


def test_the_same_file_twice_changes_nothing(plan: Plan) -> None:
    before = stored()
    assert services.import_catalogue(plan=plan, content=SHIPPED.read_bytes(), name="catalogue.csv").is_new is False
    same_as_workbook = services.import_catalogue(plan=plan, content=to_xlsx(shipped()), name="catalogue.xlsx")
    assert (same_as_workbook.is_new, stored()) == (False, before)


def test_a_dry_run_says_the_same_and_writes_nothing(plan: Plan, tmp_path: Path, capsys: Any) -> None:
    before, file = stored(), tmp_path / "six.csv"
    file.write_bytes(to_csv(good(43)))
    call_command("import_catalogue", str(file), "--dry-run")
    assert stored() == before
    out = capsys.readouterr().out
    assert "Removed: 1: COO-06" in out
    assert "nothing was written" in out


def test_rounds_keep_the_catalogue_they_were_made_with(plan: Plan) -> None:
    old = make_round()
    services.import_catalogue(plan=plan, content=to_csv(good()), name="six.csv")
    old.refresh_from_db()
    assert (old.catalogue.number, old.catalogue.activities.count()) == (1, 44)
    assert make_round("2014-2", date(2014, 7, 1), date(2014, 12, 31)).catalogue.number == 2


def test_an_official_catalogue_holds_verified_texts_alone(plan: Plan) -> None:
    with pytest.raises(FaultyFile) as caught:
        services.import_catalogue(plan=plan, content=to_csv(good(2)), name="a.csv", is_official=True)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(2, "verified"), (3, "verified")]
    rows = [[*row[:6], "TRUE", *row[7:]] if number else row for number, row in enumerate(good())]
    change = services.import_catalogue(plan=plan, content=to_csv(rows), name="a.csv", is_official=True)
    assert change.catalogue is not None
    assert set(change.catalogue.activities.values_list("verified", flat=True)) == {True}


def test_the_shipped_texts_each_stand_in_their_own_language() -> None:
    """The check of languages must not cry wolf: none of the 352 shipped texts, all 528 exchanged long ones."""
    rows = read_catalogue(SHIPPED.read_bytes(), "catalogue.csv", {"PRV", "PRO", "PRS", "COO"})
    languages = {"es": "es", "en": "en", "fr": "fr", "pt_br": "pt-br"}
    texts = [(row[f"text_{end}"], code) for row in rows for end, code in languages.items()]
    assert [text for text, code in texts if language_fault(text, code)] == []
    strangers = [(text, other) for text, code in texts for other in languages.values() if other != code]
    assert [text for text, other in strangers if not language_fault(text, other)] == []


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv: No such file"):
        call_command("import_catalogue", "nowhere.csv")
