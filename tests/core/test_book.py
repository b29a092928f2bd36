"""Workbooks of strangers: cells come back, everything else is a reason."""

import io
import subprocess
import sys
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from core import book
from core.book import BookRefused


def made(*rows: list[object], title: str = "One") -> bytes:
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    hidden = workbook.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for other in before.namelist():
            if other != name:
                after.writestr(other, before.read(other))
        after.writestr(name, part)
    return out.getvalue()


def test_cells_come_back_as_text_with_the_numbers_of_their_rows() -> None:
    one, hidden = book.read(made(["á", 5, True], [None], ["x", "=1+1", 2.5, date(2014, 3, 3)]))
    assert (one.title, one.is_visible, one.head) == ("One", True, ["á", "5", "true"])
    number, cells = one.rows[1]
    assert (number, cells[:3]) == (3, ["x", ["formula", "=1+1"], ["decimal", "2.5"]])
    assert cells[3][0] == "date"
    assert (hidden.is_visible, hidden.rows, hidden.head) == (False, [], [])


@pytest.mark.parametrize(
    ("part", "text", "code"),
    [
        ("xl/worksheets/sheet1.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "entities"),
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/worksheets/sheet1.xml", b"<worksheet", "unreadable"),
        ("xl/media/large.bin", bytes(51_000_000), "too_large"),
    ],
)
def test_what_is_refused_has_a_code(part: str, text: bytes, code: str) -> None:
    with pytest.raises(BookRefused, match=code):
        book.read(with_part(made(["x"]), part, text))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + bytes(100), bytes(1000)])
def test_no_bytes_are_an_error_of_the_portal(content: bytes) -> None:
    with pytest.raises(BookRefused, match="unreadable"):
        book.read(content)


@pytest.mark.full
def test_a_small_file_that_asks_for_much_memory_or_time_is_a_refusal() -> None:
    strings = (
        b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
        + b"<si><t/></si>" * 3_700_000
        + b"</sst>"
    )
    with pytest.raises(BookRefused, match=r"unreadable|too_large"):
        book.read(with_part(made(["x"]), "xl/sharedStrings.xml", strings))


def test_the_web_process_does_not_even_load_the_parser() -> None:
    code = "import core.book, sys; sys.exit('openpyxl' in sys.modules or 'core.book.parse' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
