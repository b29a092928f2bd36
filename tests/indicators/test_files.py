"""The workbook of a State: out and in again; and two hundred broken ones, each refused with its place."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from core.testing import record_proof
from indicators import services
from indicators.delivery.template import write_template
from indicators.enums import TABLES
from indicators.imports import FaultyFile, read_ctdc, read_workbook
from indicators.models import Cell, ReturnUpload, StatisticalReturn
from tests.factories.indicators import answers

pytestmark = pytest.mark.django_db
TABLE = "CON_SEX"


def template(cast: Any, language: str = "en") -> bytes:
    filled = {
        TABLE: answers([12, 0, 3], TABLE),
        "VIC_SEX_EXP": answers(range(15), "VIC_SEX_EXP"),
    }
    about = {TABLE: {"source": "Register", "coverage_citizenship": "both", "coverage_movement": "internal"}}
    with override(language):
        return write_template(cast.costa_rica, 2013, filled, about)


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_what_goes_out_comes_back(cast: Any, language: str) -> None:
    content = read_workbook(template(cast, language), "a.xlsx", state="CR", year=2013)
    assert set(content) == {TABLE, "VIC_SEX_EXP"}
    assert content[TABLE]["cells"] == [["F", "_Z", "value", 12], ["M", "_Z", "zero", 0], ["_O", "_Z", "value", 3]]
    assert content[TABLE]["coverage_movement"] == "internal"


def test_the_template_offers_lists_and_hides_its_codes(cast: Any) -> None:
    book = load_workbook(io.BytesIO(template(cast, "fr")))
    assert book["CODES"].sheet_state == "hidden"
    assert all(book["DATA"].column_dimensions[letter].hidden for letter in "A")
    lists = [v for v in book["DATA"].data_validations.dataValidation if v.type == "list"]
    assert [str(v.sqref) for v in lists] == [f"G2:G{1 + sum(1 for t in TABLES.values() for _ in t.cells())}"]


def upload(client: Any, content: bytes, name: str = "returns.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("return_upload", args=["CR", 2013]), {"file": file})


def test_a_good_file_is_shown_before_it_is_saved(cast: Any, client_of: Any) -> None:
    ana = client_of(cast.ana)
    page = upload(ana, template(cast)).headers["Location"]
    assert ana.get(page).status_code == 200
    assert not StatisticalReturn.objects.exists()
    ana.post(page)
    ana.post(page)  # a second time changes nothing
    assert set(StatisticalReturn.objects.values_list("table", "version", "status")) == {
        (TABLE, 2, "draft"),
        ("VIC_SEX_EXP", 2, "draft"),
    }
    assert client_of(cast.beto).get(page).status_code == 404
    assert client_of(cast.carla).get(page).status_code == 404


def test_all_tables_of_a_file_or_none(cast: Any, client_of: Any) -> None:
    ana = client_of(cast.ana)
    page = upload(ana, template(cast)).headers["Location"]
    filled = services.open_return(state=cast.costa_rica, year=2013, table=TABLE, actor=cast.ana)
    StatisticalReturn.objects.filter(pk=filled.pk).update(status="sent", sent_by=cast.ana)
    ana.post(page)
    assert not Cell.objects.exists()
    assert ReturnUpload.objects.get().applied_at is None


@pytest.mark.parametrize("is_begun", [True, False])
def test_what_a_colleague_saved_since_is_not_written_over(cast: Any, client_of: Any, is_begun: bool) -> None:
    where = {"state": cast.costa_rica, "year": 2013, "table": TABLE}
    if is_begun:
        services.open_return(**where, actor=cast.ana)
    ana = client_of(cast.ana)
    page = upload(ana, template(cast)).headers["Location"]
    data = services.ReturnData(cells=answers([1, 2, 3], TABLE))
    services.save_return(filled=services.open_return(**where, actor=cast.beto), version=1, data=data, actor=cast.beto)
    assert "Somebody else saved" in ana.post(page, follow=True).content.decode()
    assert list(StatisticalReturn.objects.values_list("table", "version")) == [(TABLE, 2)]
    assert set(Cell.objects.values_list("value", flat=True)) == {1, 2, 3}
    assert ReturnUpload.objects.get().applied_at is None


def test_another_states_template_is_refused(cast: Any) -> None:
    with override("en"), pytest.raises(FaultyFile) as refusal:
        read_workbook(template(cast), "a.xlsx", state="GT", year=2013)
    assert "another State" in str(refusal.value.faults[0])


# --- broken files ---------------------------------------------------------------------------------

Change = Callable[[Any, random.Random], None]


def _row(book: Any, rng: random.Random) -> int:
    """A row of the two filled tables."""
    sheet = book["DATA"]
    rows = [n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value in (TABLE, "VIC_SEX_EXP")]
    return rng.choice(rows)


def _set(sheet: str, column: int, values: list[Any]) -> Change:
    def change(book: Any, rng: random.Random) -> None:
        row = _row(book, rng) if sheet == "DATA" else rng.randint(2, 10)
        book[sheet].cell(row, column).value = rng.choice(values)

    return change


def _copy_row(book: Any, rng: random.Random) -> None:
    sheet, row = book["DATA"], _row(book, rng)
    sheet.append([sheet.cell(row, column).value for column in range(1, 9)])


def _count_without_word(book: Any, rng: random.Random) -> None:
    row = _row(book, rng)
    book["DATA"].cell(row, 7).value = rng.choice(["Not available", "Not applicable", "Held back by the State", "Zero"])
    book["DATA"].cell(row, 8).value = rng.randint(1, 99)


def _word_without_count(book: Any, rng: random.Random) -> None:
    row = _row(book, rng)
    book["DATA"].cell(row, 7).value, book["DATA"].cell(row, 8).value = "Count", rng.choice([None, 0])


def _blank(book: Any, rng: random.Random) -> None:
    row = _row(book, rng)
    book["DATA"].cell(row, 7).value = book["DATA"].cell(row, 8).value = None


CHANGES: list[Change] = [
    _set("DATA", 1, ["ZZZ", "=1+1", "VIC", 7, "con_sex"]),
    _set("DATA", 2, ["X", "F ;", "_T", 3, None]),
    _set("DATA", 3, ["X", "_T", "SEX/LAB", 0, None]),
    _set("DATA", 7, ["Perhaps", "many", "=A1", "#REF!", 12, "zéro?"]),
    _set("DATA", 8, [-3, 2.5, "12a", "1e3", "=1+1", "ten", 10**9, "12 345,6", True, "∞", "٣", "#N/A"]),
    _set("ABOUT", 1, ["ZZZ", 5, "=1", "VIC_SEX"]),
    _set("ABOUT", 3, ["=cmd|' /C calc'!A0", "x" * 400, "=HYPERLINK(1)"]),
    _set("ABOUT", 4, ["Everybody", "=1", 4]),
    _set("ABOUT", 5, ["Everywhere", "-", 1.5]),
    _copy_row,
    _count_without_word,
    _word_without_count,
    _blank,
]


def damaged_workbooks(content: bytes, number: int) -> Iterator[tuple[str, bytes]]:
    for seed in range(number):
        rng = random.Random(seed)
        book = load_workbook(io.BytesIO(content))
        CHANGES[seed % len(CHANGES)](book, rng)
        out = io.BytesIO()
        book.save(out)
        yield f"returns-{seed}.xlsx", out.getvalue()


def damaged_bytes(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Files that are no workbook, or only look like one."""
    yield "empty.xlsx", b""
    yield "text.xlsx", b"table,row,column\n"
    yield "old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    yield "name.csv", content
    yield "name.exe", content
    yield "large.xlsx", content + b"\0" * 2_100_000
    for part in range(8):
        yield f"cut-{part}.xlsx", content[: len(content) * (part + 1) // 10]
    for seed in range(8):
        spoilt, rng = bytearray(content), random.Random(seed)
        for _ in range(40):
            spoilt[rng.randrange(len(spoilt))] ^= 0xFF
        yield f"bits-{seed}.xlsx", bytes(spoilt)
    yield "bomb.xlsx", _rewritten(content, "xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]>')
    yield "macro.xlsx", _rewritten(content, "xl/vbaProject.bin", b"macro", add=True)
    yield "slip.xlsx", _rewritten(content, "../../evil.xml", b"<x/>", add=True)


def _rewritten(content: bytes, name: str, text: bytes, *, add: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            target.writestr(part, (text if part == name else b"") + source.read(part))
        if add:
            target.writestr(name, text)
    return out.getvalue()


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("books_read_here")
@pytest.mark.parametrize("count", [60, pytest.param(200, marks=pytest.mark.full)])
def test_broken_files_change_nothing(cast: Any, client_of: Any, count: int) -> None:
    """Each is refused with a reason and, where a cell is at fault, its sheet, row and column. Nothing is kept."""
    content = template(cast)
    files = [*damaged_bytes(content)]
    files += damaged_workbooks(content, count - len(files))
    ana, silent, accepted = client_of(cast.ana), [], []
    for name, data in files:
        response = upload(ana, data, name)
        if response.status_code != 422:
            accepted.append(name)
            continue
        faults = response.context["faults"]
        told = [f for f in faults if f.reason and (f.row is None or (f.row >= 1 and f.column and f.sheet))]
        form_says = bool(response.context["form"].errors)
        whole_file = not name.startswith("returns-")
        placed = whole_file or any(f.row is not None for f in told)
        if len(told) != len(faults) or not (told or form_says) or not placed:
            silent.append((name, [str(f) for f in faults]))
    partial = ReturnUpload.objects.count() + StatisticalReturn.objects.count() + Cell.objects.count()
    record_proof("return_fuzz", files=len(files), accepted=len(accepted), silent=len(silent), partial=partial)
    assert (len(files), accepted, silent, partial) == (count, [], [], 0)


# --- broken forms ---------------------------------------------------------------------------------

# What is typed into a cell: the count, the word, and what is wrong with them.
TYPED = [
    ("-3", ""), ("2.5", ""), ("12a", ""), ("1e3", ""), ("=1+1", ""), ("ten", ""), ("10000001", ""), ("1,2,3", ""),
    ("∞", ""), ("0x10", ""), ("1 2 3", ""), ("12;4", ""), ("<b>4</b>", ""), ("4", "not_available"),
    ("0", "not_applicable"), ("7", "suppressed"), ("", "perhaps"), ("", "value"), ("", "zero"), ("4", "many"),
    ("9" * 400, ""), ("\0", ""), ("--1", ""), ("4", "' OR 1=1"),
]  # fmt: skip
ABOUT = {
    "source": "x" * 301,
    "coverage_citizenship": "everybody",
    "coverage_movement": "nowhere",
    "criminal_code_article": "x" * 201,
    "definition_note": "x" * 2001,
    "language": "de",
    "version": "one",
}


def broken_forms(number: int) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """A table's form with one to three faults, and the fields that must be named."""
    tables = ["CON_SEX", "VIC_SEX_EXP", "OFF_EXP"]
    for seed in range(number):
        rng = random.Random(seed)
        code = tables[seed % len(tables)]
        places = list(TABLES[code].cells())
        data = {f"n-{row}-{column}": "3" for row, column in places} | {"version": "1", "language": "es"}
        wrong = []
        for row, column in rng.sample(places, rng.randint(1, 3)):
            count, word = TYPED[(seed + len(wrong)) % len(TYPED)]
            data |= {f"n-{row}-{column}": count, f"w-{row}-{column}": word}
            wrong.append(f"{row}-{column}")
        if seed % 3 == 0:
            name = sorted(ABOUT)[seed // 3 % len(ABOUT)]
            data[name] = ABOUT[name]
            wrong.append(name)
        yield code, data, wrong


@pytest.mark.parametrize("count", [48, pytest.param(200, marks=pytest.mark.full)])
def test_broken_forms_change_nothing(cast: Any, client_of: Any, count: int) -> None:
    """Typed on the screen: each fault stands at its own field with a reason, and no cell of the table is saved."""
    ana, accepted, silent = client_of(cast.ana), [], []
    for code, data, wrong in broken_forms(count):
        response = ana.post(reverse("return_edit", args=["CR", 2013, code]), data)
        if response.status_code != 422:
            accepted.append((code, data))
            continue
        named = {name: list(map(str, found)) for name, found in response.context["form"].errors.items()}
        for name in wrong:
            if not any(named.get(key) for key in (name, f"n-{name}", f"w-{name}")):
                silent.append((code, name))
    partial = StatisticalReturn.objects.count() + Cell.objects.count()
    record_proof("return_fuzz", forms=count, accepted=len(accepted), silent=len(silent), partial=partial)
    assert (accepted, silent, partial) == ([], [], 0)


def test_a_refusal_repeats_no_cell(cast: Any) -> None:
    book = load_workbook(io.BytesIO(template(cast)))
    book["DATA"].cell(_row(book, random.Random(1)), 8).value = "CNRY-SECRET"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FaultyFile) as refusal:
        read_workbook(out.getvalue(), "a.xlsx", state="CR", year=2013)
    assert "CNRY" not in " ".join(map(str, refusal.value.faults))


# --- CTDC -----------------------------------------------------------------------------------------


def ctdc_file(records: int = 400) -> str:
    from indicators.imports import CTDC_AGE, CTDC_COLUMNS

    rng = random.Random(7)
    lines = [",".join(CTDC_COLUMNS)]
    for _ in range(records):
        row = dict.fromkeys(CTDC_COLUMNS, "")
        row["yearOfRegistration"] = rng.choice(["2012", "2013", ""])
        row["gender"] = rng.choice(["Woman", "Woman", "Man", "Trans/Transgender/NonConforming", ""])
        row["ageBroad"] = rng.choice([*CTDC_AGE, ""])
        row["CountryOfExploitation"] = rng.choice(["MEX", "COL", "USA", "PHL", ""])
        row["citizenship"] = rng.choice(["MEX", "COL", ""])
        for name in ("isForcedLabour", "isSexualExploit", "isOtherExploit"):
            row[name] = rng.choice(["1", "0", ""])
        lines.append(",".join(row.values()))
    return "\n".join(lines)


def test_every_record_of_a_ctdc_file_is_counted_once_per_table(cast: Any, settings: Any, tmp_path: Any) -> None:
    from django.core.management import call_command

    path = tmp_path / "ctdc.csv"
    path.write_text(ctdc_file(), encoding="utf-8")
    settings.OAS_DEMO = True
    call_command("import_ctdc", str(path), verbosity=0)
    expected = [case for case in read_ctdc(iter(ctdc_file().splitlines())) if case.state in ("MEX", "COL", "USA")]
    sums = dict(Cell.objects.values_list("source__table").annotate(Sum("value")).order_by())
    assert sums == dict.fromkeys(("VIC_SEX_AGE", "VIC_SEX_EXP", "VIC_CIT_MOV"), len(expected))
    women = Cell.objects.get(
        source__state__iso2="MX", source__year=2013, source__table="VIC_SEX_EXP", row="F", column="MIX"
    )
    assert women.value == len(
        [c for c in expected if (c.state, c.year, c.sex, c.exploitation) == ("MEX", 2013, "F", "MIX")]
    )


def test_a_file_of_another_shape_is_refused() -> None:
    with pytest.raises(FaultyFile) as refusal:
        list(read_ctdc(iter(["yearOfRegistration,gender", "2013,Woman"])))
    assert "ageBroad" in str(refusal.value.faults[0])
