"""What the child does. It imports nothing of Django, and tells its reasons as codes: the parent has the words."""

import io
import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

MAX_UNPACKED = 50_000_000  # of the XML inside
MAX_PARTS = 1_000
MAX_ROWS = 5_000  # of a sheet, blank ones apart; what reads a sheet sets a lower limit of its own
MAX_COLUMNS = 300
MAX_CHARACTERS = 8_000_000  # of all cells together: many times what any form here takes
FOUND = 80
# What openpyxl and the parsers below it raise on a damaged file; it wraps none of them.
UNREADABLE = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, struct.error,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})([0-9]{1,7})')


class Refused(Exception):
    pass


def as_json(content: bytes) -> bytes:
    try:
        told: dict[str, Any] = {"sheets": _sheets(content)}
    except Refused as refusal:
        told = {"refused": refusal.args}
    except UNREADABLE:
        told = {"refused": ["unreadable"]}
    return json.dumps(told).encode()


def _sheets(content: bytes) -> list[tuple[str, bool, list[Any]]]:
    _check_archive(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions that nobody reads here
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [(str(sheet.title), sheet.sheet_state == "visible", list(_rows(sheet))) for sheet in book.worksheets]
    if sum(len(str(row)) for _title, _visible, rows in sheets for row in rows) > MAX_CHARACTERS:
        raise Refused("too_large")
    return sheets


def _check_archive(content: bytes) -> None:
    """Refuse what would cost too much to open, before anything is unpacked beyond its declared size."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise Refused("too_large")
        if any(part.flag_bits & 1 for part in parts):
            raise Refused("password")
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            raise Refused("macros")
        if any(part.filename.startswith("/") or ".." in part.filename.split("/") for part in parts):
            raise Refused("unreadable")  # no program writes such a name; one that unpacks it may leave its folder
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                _check_part(part.filename, archive.read(part))


def _check_part(name: str, xml: bytes) -> None:
    """No document type (entity bombs), no encoding that would hide one, no merged cells in a sheet."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or xml.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise Refused("entities")
    merged = MERGED.search(xml) if name.startswith("xl/worksheets/") else None
    if merged:
        raise Refused("merged", column_index_from_string(merged[1].decode()), int(merged[2]))


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # a file may claim sixteen thousand columns
    kept = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [_cell(cell.value, getattr(cell, "data_type", "n")) for cell in cells[:MAX_COLUMNS]]
        if any(cell.strip() if isinstance(cell, str) else True for cell in row):
            kept += 1
            yield number, row
        if kept > MAX_ROWS:
            return


def _cell(value: Any, kind: str) -> Any:
    """The cell as text; or, of a kind that is not taken, which and what was found."""
    refused = _refused_kind(value, kind)
    if refused:
        return [refused, str(value)[:FOUND]]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refused_kind(value: Any, kind: str) -> str:
    if kind in {"f", "e"}:
        return {"f": "formula", "e": "error"}[kind]
    if isinstance(value, date | time | timedelta):
        return "date"
    return "decimal" if isinstance(value, float) else ""
