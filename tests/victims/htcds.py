"""Spreadsheets of HTCDS made by hand: the official shape, whole records, and every fault that was thought of."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

from openpyxl import Workbook

from victims.catalogue import COUNTRIES, FIELDS, TEMPLATE, Field
from victims.delivery import locked

CANARY = "CNRY-HTCDS-9f3a"
Rows = list[list[Any]]
NAMES, LABELS = [name for name, _label in TEMPLATE], [label for _name, label in TEMPLATE]


def place(label: str) -> int:
    return LABELS.index(label) + 1


def row(number: int, **cells: Any) -> list[Any]:
    """One record below the official labels, with consent."""
    made = {"Consent": "yes", "First Name": f"Invented{number}", "Second Name": f"Person{number}"}
    values: list[Any] = [number, *[None] * len(LABELS)]
    for label, value in (made | {key.replace("_", " "): value for key, value in cells.items()}).items():
        values[place(label)] = value
    return values


def official(*rows: list[Any], names: list[Any] | None = None, labels: list[Any] | None = None) -> bytes:
    head: Rows = [[None, *(NAMES if names is None else names)], [None, *(LABELS if labels is None else labels)]]
    return saved([*head, *rows])


def saved(rows: Rows, change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def any_value(known: Field, dice: random.Random) -> Any:
    """A value the record may hold, awkward ones of text included."""
    starts = ["", "=", "+", "-", "@", "'", "'=", "ñ", "漢"]
    return {
        "text": lambda: f"{dice.choice(starts)}Invented {known.name}",
        "long": lambda: f"{dice.choice(starts)}Invented {known.name}\nsecond line; with, marks",
        "date": lambda: dice.choice(["2013", "2013-05", "2013-05-17"]),
        "number": lambda: dice.randint(0, known.most),
        "latitude": lambda: "-9.9333",
        "longitude": lambda: "-84.0833",
        "checkbox": lambda: True if known.name == "con_Consent" else dice.random() < 0.5,
        "choice": lambda: dice.choice(known.codes),
        "choices": lambda: dice.sample(known.codes, dice.randint(1, len(known.codes))),
        "country": lambda: dice.choice(list(COUNTRIES)),
        "countries": lambda: dice.sample(list(COUNTRIES), 3),
        "language": lambda: dice.choice(["es", "spa"]),
    }[known.kind]()


def whole_record(number: int, dice: random.Random) -> dict[str, Any]:
    record = {name: any_value(known, dice) for name, known in FIELDS.items()}
    return record | {"prs_SecondName": f"{record['prs_SecondName']} {number}"}


# --- faults: each makes a file of good rows with one bad thing in it -------------------------------

CELLS: dict[str, dict[str, Any]] = {
    "a date that is none": {"Birthdate": f"{CANARY} 2013"},
    "a day that is not": {"Birthdate": "2013-02-30"},
    "two dates in one": {"Birthdate": "05/06/1990"},
    "a code of no list": {"Gender": CANARY},
    "one bad code of several": {"Methods_of_Control": f"Debt bondage; {CANARY}"},
    "a country that is none": {"Citizenship": CANARY},
    "no consent": {"Consent": None},
    "consent refused": {"Consent": "no"},
    "consent unclear": {"Consent": CANARY},
    "a formula": {"First_Name": f'=HYPERLINK("{CANARY}")'},
    "an error": {"First_Name": "#REF!"},
    "a number where text is asked for": {"First_Name": 2.5},
    "a date where text is asked for": {"Reason_for_Case_Closure": date(2013, 5, 1)},
    "an invisible character": {"First_Name": f"{CANARY}\u202eevil"},
    "a long text": {"First_Name": CANARY * 30},
    "a very long text": {"Outgoing_Referral_Details": CANARY * 400},
    "a status of no list": {"Status": f"{CANARY}closed"},
    "a country below the wrong label": {"Mailing_Country": CANARY},
    "a code of another list": {"Trafficking_Status": "Police"},
}


def _cell(name: str) -> Callable[[random.Random], bytes]:
    def make(dice: random.Random) -> bytes:
        rows = [row(number) for number in range(1, dice.randint(3, 9))]
        rows.insert(dice.randrange(len(rows) + 1), row(99, **CELLS[name]))
        return official(*rows)

    return make


def _good(dice: random.Random) -> bytes:
    return official(*[row(number) for number in range(1, dice.randint(3, 9))])


def _cut(dice: random.Random) -> bytes:
    content = _good(dice)
    return content[: dice.randrange(10, len(content) - 30)]


def _with_part(dice: random.Random, name: str, part: bytes) -> bytes:
    out = io.BytesIO(_good(dice))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, part)
    return out.getvalue()


def _merged(dice: random.Random) -> bytes:
    return saved([[None, *NAMES], [None, *LABELS], row(1), row(2)], lambda sheet: sheet.merge_cells("D3:E3"))


def _twice(dice: random.Random) -> bytes:
    return official(row(1), row(2), names=[*NAMES[:-1], "prs_FirstName"], labels=[*LABELS[:-1], "First Name"])


def _strange_column(dice: random.Random) -> bytes:
    return saved([[None, *NAMES, CANARY], [None, *LABELS, CANARY], row(1), [*row(2), "something"]])


FILES: dict[str, Callable[[random.Random], bytes]] = {
    "empty": lambda dice: b"",
    "cut short": _cut,
    "text": lambda dice: f"prs_FirstName;{CANARY}\r\n".encode("utf-16"),
    "a locked book": lambda dice: locked(_good(dice), "a password of tests"),
    "macros": lambda dice: _with_part(dice, "xl/vbaProject.bin", b"x"),
    "entities": lambda dice: _with_part(dice, "xl/x.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
    "merged cells": _merged,
    "a column twice": _twice,
    "a column of no field": _strange_column,
    "no column of the standard": lambda dice: saved([["a", "b"], [CANARY, CANARY]]),
    "no record": lambda dice: official(),
    "the same person twice": lambda dice: official(row(1, Birthdate="1990"), row(1, Birthdate="1990")),
    "too many": lambda dice: official(*[row(number) for number in range(1, 203)]),
    "too large": lambda dice: dice.randbytes(2_100_000),
}
FAULTS = {**{name: _cell(name) for name in CELLS}, **FILES}
