"""Workbooks of strangers: their cells, read in a process of its own (core.sandbox)."""

import json
from dataclasses import dataclass

from core.sandbox import SandboxFailed, run

Cell = str | list[str]  # its text; or what kind it is that is not taken, and what was found


class BookRefused(Exception):
    """Why a workbook is not read: a code of core.book.parse, with sheet, column and row where there is one."""

    def __init__(self, code: str, column: int = 0, row: int = 0) -> None:
        super().__init__(code)
        self.code, self.column, self.row = code, column, row


@dataclass(frozen=True)
class Sheet:
    title: str
    is_visible: bool
    rows: list[tuple[int, list[Cell]]]  # with the number of each; blank ones are left out

    @property
    def head(self) -> list[str]:
        number, cells = self.rows[0] if self.rows else (0, [])
        return [cell if isinstance(cell, str) else cell[1] for cell in cells] if number == 1 else []


def read(content: bytes) -> list[Sheet]:
    try:
        told = json.loads(run("core.book", source=content))
    except SandboxFailed:
        raise BookRefused("unreadable") from None
    if "refused" in told:
        raise BookRefused(*told["refused"])
    return [Sheet(title, is_visible, [(n, cells) for n, cells in rows]) for title, is_visible, rows in told["sheets"]]
