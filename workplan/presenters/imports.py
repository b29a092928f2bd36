"""A file of answers that was read: what it would change, and what is wrong in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.spreadsheets import csv_text
from workplan.delivery import Mark, Sheet, SheetRow
from workplan.enums import (
    SheetColumn,
)
from workplan.models import (
    Activity,
    ImportRun,
)
from workplan.presenters.conflicts import conflict_words
from workplan.queries import ANSWER_FIELDS
from workplan.services import faulty_rows


@dataclass(frozen=True)
class ImportedPart:
    label: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class ImportedRow:
    """One row of a file: what it makes of its entry."""

    title: str
    place: str
    is_new: bool
    parts: list[ImportedPart]


@dataclass(frozen=True)
class ImportPreview:
    total: int
    new: int
    changes: int
    same: int
    faulty: int
    rows: list[ImportedRow]

    @property
    def to_write(self) -> int:
        return self.new + self.changes

    @property
    def sentence(self) -> str:
        """“412 rows: 380 new, 20 changes, 12 with problems”."""
        parts = [
            ngettext("%(count)d new", "%(count)d new", self.new) % {"count": self.new},
            ngettext("%(count)d change", "%(count)d changes", self.changes) % {"count": self.changes},
        ]
        if self.same:
            parts.append(ngettext("%(count)d as before", "%(count)d as before", self.same) % {"count": self.same})
        if self.faulty:
            words = ngettext("%(count)d with problems", "%(count)d with problems", self.faulty)
            parts.append(words % {"count": self.faulty})
        rows = ngettext("%(count)d row", "%(count)d rows", self.total) % {"count": self.total}
        return _("%(rows)s: %(parts)s") % {"rows": rows, "parts": ", ".join(parts)}


def import_preview(run: ImportRun, activities: Iterable[Activity]) -> ImportPreview:
    titles = {activity.code: f"{activity.number} {activity.title}" for activity in activities}
    kinds = Counter(line["kind"] for line in run.lines)
    faulty = len(faulty_rows(run))
    return ImportPreview(
        total=len(run.lines) + faulty,
        new=kinds["new"],
        changes=kinds["change"],
        same=kinds["same"],
        faulty=faulty,
        rows=[_imported_row(line, titles) for line in run.lines if line["kind"] != "same"],
    )


def _imported_row(line: Mapping[str, Any], titles: Mapping[str, str]) -> ImportedRow:
    before, after = line["before"], line["after"]
    held = [(name, column) for name, column in _PARTS if name in after]  # files read before lack later columns
    parts = [(column, conflict_words(name, before[name]), conflict_words(name, after[name])) for name, column in held]
    return ImportedRow(
        title=titles[line["activity"]],
        place=row_place(line),
        is_new=line["kind"] == "new",
        parts=[ImportedPart(str(column.label), old, new) for column, old, new in parts if old != new],
    )


_PARTS = [(name, SheetColumn(name)) for name in ANSWER_FIELDS]


def row_place(row: Mapping[str, Any]) -> str:
    if row["sheet"]:
        return _("%(sheet)s, row %(row)s") % {"sheet": row["sheet"], "row": row["row"]}
    return _("row %(row)s") % {"row": row["row"]}


def problem_rows(run: ImportRun) -> list[dict[str, str]]:
    """Where, what stands there and what is expected, in the order of the file."""
    return [
        {**problem, "place": row_place(problem), "column": column_label(problem["column"])} for problem in run.problems
    ]


def column_label(name: str) -> str:
    return str(SheetColumn(name).label) if name in SheetColumn.values else name


def marked_sheets(run: ImportRun) -> list[Sheet]:
    """The file as it was handed in, with each problem at its cell."""
    marks: dict[tuple[str, int], list[Mark]] = {}
    for problem in run.problems:
        mark = Mark(problem["column"], f"{column_label(problem['column'])}: {problem['expected']}")
        marks.setdefault((problem["sheet"], problem["row"]), []).append(mark)
    return [
        Sheet(
            table["sheet"],
            [
                SheetRow(
                    number, dict(zip(table["header"], cells, strict=False)), marks.get((table["sheet"], number), ())
                )
                for number, cells in table["rows"]
            ],
        )
        for table in run.table
    ]


def marked_csv(run: ImportRun) -> str:
    """The same for a file of plain text: its own rows, with the problems in a last column."""
    (sheet,) = marked_sheets(run)
    head = [name for name in run.table[0]["header"] if name != SheetColumn.PROBLEM]
    rows = {row.number: row for row in sheet.rows}
    lines = [_csv_line(head, rows.get(number)) for number in range(2, max(rows, default=1) + 1)]
    return csv_text([*head, SheetColumn.PROBLEM.value], lines)


def _csv_line(head: Sequence[str], row: SheetRow | None) -> list[str]:
    """Blank where the file had a blank line, so that row numbers stay what they were."""
    if row is None:
        return []
    return [*(row.cells.get(name, "") for name in head), " / ".join(mark.text for mark in row.marks)]
