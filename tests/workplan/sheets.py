"""Spreadsheets of reports as people hand them in: the portal's own, with cells changed or the file spoilt."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from workplan import delivery
from workplan.enums import SheetColumn
from workplan.models import Report

C = SheetColumn
# Place of each column in the file, from 1.
PLACE = {column: number for number, column in enumerate(C, start=1)}


def exported(report: Report, language: str = "es") -> bytes:
    report = Report.objects.select_related("round", "state").get(pk=report.pk)
    entries = report.entries.select_related("activity__area")
    with override(language):
        return delivery.workbook(report, "Costa Rica", delivery.answer_sheets(report, entries))


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(book: Workbook) -> Iterator[tuple[Any, int, str]]:
    """Sheet, row number and code of each activity's row."""
    for sheet in book.worksheets:
        if sheet["A1"].value == C.KEY:
            for number in range(2, sheet.max_row + 1):
                if sheet.cell(number, 1).value:
                    yield sheet, number, str(sheet.cell(number, 1).value).rpartition(":")[2]


def with_cells(content: bytes, changes: dict[str, dict[C, Any]]) -> bytes:
    """The file with cells written by code of activity and column."""
    book = opened(content)
    for sheet, number, code in rows_of(book):
        for column, value in changes.get(code, {}).items():
            sheet.cell(number, PLACE[column]).value = value
    return saved(book)


def as_csv(content: bytes, delimiter: str = ";", *, without: Collection[C] = ()) -> str:
    """The same rows as one table of plain text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    columns = [column for column in C if column not in {C.PROBLEM, *without}]
    writer.writerow(columns)
    book = opened(content)
    for sheet, number, _code in rows_of(book):
        writer.writerow([sheet.cell(number, PLACE[column]).value or "" for column in columns])
    return out.getvalue()


# --- files that must not be imported -------------------------------------------------------------

TEXTS = (C.REASON, C.NARRATIVE, C.RESULTS, C.GOOD_PRACTICE, C.OBSTACLES)
Spoil = Callable[[random.Random, bytes, bytes], tuple[str, bytes]]  # of the own and another State's template


def _cell(values: Mapping[C, Sequence[Any]]) -> Spoil:
    def spoil(rng: random.Random, own: bytes, _other: bytes) -> tuple[str, bytes]:
        book = opened(own)
        sheet, number, _code = rng.choice(list(rows_of(book)))
        column = rng.choice(list(values))
        sheet.cell(number, PLACE[column]).value = rng.choice(values[column])
        return "cell.xlsx", saved(book)

    return spoil


def _sheet(change: Callable[[random.Random, Any, int], None]) -> Spoil:
    def spoil(rng: random.Random, own: bytes, _other: bytes) -> tuple[str, bytes]:
        book = opened(own)
        sheet, number, _code = rng.choice(list(rows_of(book)))
        change(rng, sheet, number)
        return "sheet.xlsx", saved(book)

    return spoil


def _part(change: Callable[[random.Random, dict[str, bytes]], None]) -> Spoil:
    """Inside the package, where no library helps."""

    def spoil(rng: random.Random, own: bytes, _other: bytes) -> tuple[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(own)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(rng, parts)
        return "part.xlsx", _packed(parts)

    return spoil


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _text(change: Callable[[random.Random, str], bytes], name: str = "rows.csv") -> Spoil:
    return lambda rng, own, _other: (name, change(rng, as_csv(own, rng.choice(";,\t"))))


def _put(sheet: Any, number: int, column: C, value: Any) -> None:
    sheet.cell(number, PLACE[column]).value = value


def _no_code(_rng: random.Random, sheet: Any, number: int) -> None:
    _put(sheet, number, C.KEY, None)
    _put(sheet, number, C.NARRATIVE, "Texto.")


def _break_rule(rng: random.Random, sheet: Any, number: int) -> None:
    """What the form refuses once every word is known."""
    broken: tuple[dict[C, Any], ...] = (
        {C.STATUS: "No se aplica", C.REASON: None},
        {C.STATUS: "partial", C.REASON: "Porque sí."},
        {C.STATUS: None, C.REASON: None, C.READY: "Sí"},
        {C.STATUS: "full", C.REASON: None, C.NARRATIVE: None, C.READY: "Yes"},
    )
    for column, value in rng.choice(broken).items():
        _put(sheet, number, column, value)


def _duplicate(rng: random.Random, sheet: Any, number: int) -> None:
    other = number - 1 if number > 2 else number + 1
    sheet.cell(number, 1).value = sheet.cell(other, 1).value


def _foreign_rows(rng: random.Random, own: bytes, other: bytes) -> tuple[str, bytes]:
    """Some rows pasted from another State's file."""
    book, foreign = opened(own), dict(enumerate(rows_of(opened(other))))
    for sheet, number, _code in rng.sample(list(rows_of(book)), 3):
        there, row, _code = foreign[rng.randrange(len(foreign))]
        sheet.cell(number, 1).value = there.cell(row, 1).value
    return "mixed.xlsx", saved(book)


def _cut(rng: random.Random, own: bytes, _other: bytes) -> tuple[str, bytes]:
    return "cut.xlsx", own[: rng.randrange(10, len(own) - 10)]


def _noise(rng: random.Random, own: bytes, _other: bytes) -> tuple[str, bytes]:
    """Bytes of the directory overwritten, so that what is left is no package any more."""
    spoilt = bytearray(own)
    for _ in range(40):
        spoilt[-rng.randrange(1, 400)] = rng.randrange(256)
    spoilt[-22:-18] = b"XXXX"
    return "noise.xlsx", bytes(spoilt)


def _sheet_part(parts: dict[str, bytes]) -> str:
    return next(name for name in sorted(parts) if name.startswith("xl/worksheets/sheet2"))


def _bomb(rng: random.Random, parts: dict[str, bytes]) -> None:
    parts["xl/media/a.xml"] = b"<a>" + b" " * rng.randrange(50_000_001, 52_000_000) + b"</a>"


def _entities(rng: random.Random, parts: dict[str, bytes]) -> None:
    name = rng.choice(["xl/workbook.xml", "xl/styles.xml", _sheet_part(parts)])
    lol = b'<!DOCTYPE x [<!ENTITY a "' + b"lol" * rng.randrange(5, 500) + b'"><!ENTITY b "&a;&a;&a;">]>'
    parts[name] = parts[name].replace(b"?>", b"?>" + lol, 1)


def _macros(_rng: random.Random, parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + bytes(300)


def _many(_rng: random.Random, parts: dict[str, bytes]) -> None:
    parts.update({f"xl/media/{number}.xml": b"<a/>" for number in range(1_001)})


def _no_book(_rng: random.Random, parts: dict[str, bytes]) -> None:
    del parts["xl/workbook.xml"]


def _merge(rng: random.Random, parts: dict[str, bytes]) -> None:
    name, row = _sheet_part(parts), rng.randrange(2, 6)
    merged = f'<mergeCells count="1"><mergeCell ref="F{row}:G{row + 1}"/></mergeCells><dataValidations'
    parts[name] = parts[name].replace(b"<dataValidations", merged.encode(), 1)


def _line(text: str, number: int, change: Callable[[str], str]) -> str:
    lines = text.split("\r\n")
    lines[number] = change(lines[number])
    return "\r\n".join(lines)


def _any_line(rng: random.Random, text: str, change: Callable[[str], str]) -> str:
    return _line(text, rng.randrange(1, text.count("\r\n")), change)


SPOILERS: dict[str, Spoil] = {
    "unknown word": _cell(
        {
            C.STATUS: ["Hecho", "4", "full!", "sí", "No information", "Sin información", "#N/A"],
            C.LANGUAGE: ["Deutsch", "e s", "español/inglés"],
            C.READY: ["quizás", "x", "2"],
            C.OBSTACLE_KINDS: ["Dinero", "Legal, Budget", "Legal; nada"],
        }
    ),
    "formula": _cell(dict.fromkeys((*TEXTS, C.STATUS), ("=1+1", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A0"))),
    "too long": _cell({C.REASON: ["x" * 1001], C.NARRATIVE: ["x" * 4001], C.RESULTS: ["x" * 2001]}),
    "decimal": _cell(dict.fromkeys((C.NARRATIVE, C.RESULTS, C.STATUS), (3.5, 0.1, 1e20))),
    "control character": _cell(dict.fromkeys(TEXTS, ("a\u202eb", "a\ufffdb", "\u2066x"))),
    "broken letters": _cell(dict.fromkeys((C.NARRATIVE, C.RESULTS), ("CapacitaciÃ³n", "AcciÃ³n", "niÃ±os"))),
    "rule": _sheet(_break_rule),
    "code": _sheet(lambda rng, sheet, number: _put(sheet, number, C.KEY, rng.choice(["X-1", "CR-2014-1:ZZZ-9"]))),
    "no code": _sheet(_no_code),
    "twice": _sheet(_duplicate),
    "column away": _sheet(lambda rng, sheet, number: sheet.delete_cols(rng.choice([1, 4, 6, 11]))),
    "column more": _sheet(lambda rng, sheet, number: _put(sheet, 1, C.PROBLEM, rng.choice(["Nota", "x" * 90]))),
    "beyond": _sheet(lambda rng, sheet, number: setattr(sheet.cell(number, rng.randrange(13, 40)), "value", "x")),
    "header twice": _sheet(lambda rng, sheet, number: setattr(sheet.cell(1, 7), "value", sheet.cell(1, 6).value)),
    "header away": _sheet(lambda rng, sheet, number: sheet.delete_rows(1)),
    "rows": _sheet(lambda rng, sheet, number: [sheet.append(["k", *["x"] * 8]) for _ in range(600)]),
    "other State's": lambda rng, own, other: ("other.xlsx", other),
    "mixed": _foreign_rows,
    "cut": _cut,
    "noise": _noise,
    "bomb": _part(_bomb),
    "entities": _part(_entities),
    "macros": _part(_macros),
    "many parts": _part(_many),
    "no workbook": _part(_no_book),
    "merged": _part(_merge),
    "empty": lambda rng, own, other: (rng.choice(["a.xlsx", "a.csv"]), rng.choice([b"", b" \n ", b"\xef\xbb\xbf"])),
    "other kind": lambda rng, own, other: (rng.choice(["a.pdf", "a", "a.xls", "a.ods", "a.xlsx.exe"]), own),
    "misnamed": lambda rng, own, other: rng.choice([("a.csv", own), ("a.xlsx", b"portal_key;status\r\n")]),
    "old workbook": lambda rng, own, other: ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(900)),
    "random": lambda rng, own, other: (
        rng.choice(["a.xlsx", "a.csv"]),
        b"\xff" + rng.randbytes(rng.randrange(1, 5000)),
    ),
    "latin-1": _text(lambda rng, text: _any_line(rng, text, lambda line: line + "é").encode("latin-1", "replace")),
    "utf-16": _text(lambda rng, text: text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be"]))),
    "open quote": _text(lambda rng, text: _any_line(rng, text, lambda line: '"' + line).encode()),
    "ragged short": _text(lambda rng, text: _any_line(rng, text, lambda line: line[: len(line) // 3]).encode()),
    "ragged long": _text(lambda rng, text: _any_line(rng, text, lambda line: line + ";x,x\tx" * 12).encode()),
    "csv formula": _text(lambda rng, text: _csv_cell(rng, text, rng.choice(["=1+1", "+1", "-x", "@SUM(A1)"]))),
    "nul": _text(lambda rng, text: _csv_cell(rng, text, "a\0b")),
    "csv twice": _text(lambda rng, text: (text + text.split("\r\n")[rng.randrange(1, 9)] + "\r\n").encode()),
    "csv header": _text(lambda rng, text: text.replace("status", rng.choice(["estatus", "", "x" * 300]), 1).encode()),
    "csv header twice": _text(lambda rng, text: text.replace("results", "narrative", 1).encode()),
    "header alone": _text(lambda rng, text: text.split("\r\n")[0].encode()),
    "one long line": _text(lambda rng, text: text.replace("\r\n", " ").encode()),
    "huge cell": _text(lambda rng, text: _csv_cell(rng, text, "x" * 200_000)),
    "huge file": lambda rng, own, other: ("a.csv", b"portal_key;status\r\n" + b"x;y\r\n" * 1_100_000),
}


def _csv_cell(rng: random.Random, text: str, value: str) -> bytes:
    """Written into the narrative of some row, quoted as a program would."""
    delimiter = next(sign for sign in ";,\t" if sign in text.split("\r\n")[0])
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    rows[rng.randrange(1, len(rows))][PLACE[C.NARRATIVE] - 1] = value
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def bad_files(count: int, own: bytes, other: bytes, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """What is wrong, name and content; every kind in turn."""
    rng, kinds = random.Random(seed), list(SPOILERS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        name, content = SPOILERS[kind](rng, own, other)
        yield kind, name, content
