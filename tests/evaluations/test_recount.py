"""Every number of the documents, counted again by plain SQL that shares nothing with the code of the figures."""

import io
import re
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.utils.translation import override

from core.canonical import content_hash
from core.testing import record_proof
from evaluations.delivery import pdf, xlsx
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.evaluations.test_documents import CUTOFF, text_of
from tests.factories.evaluations import make_evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

# One row an answer: who, which activity, which round, reviewed and own status; missing reports included.
ANSWERS = """
    WITH answer AS (SELECT round.code AS round, state.iso2 AS state, area.code AS area, activity.code AS activity,
           activity.position AS position, activity.themes AS themes,
           coalesce(rating.status, 'no_information') AS status, coalesce(rating.self_status, 'no_information') AS own,
           array_position(ARRAY['not_started','planned','partial','substantial','full'],
                          coalesce(rating.status, '')::text) AS step
    FROM workplan_report report
    JOIN workplan_round round ON round.id = report.round_id
    JOIN accounts_state state ON state.id = report.state_id
    JOIN workplan_activity activity ON activity.catalogue_id = round.catalogue_id
         AND activity.responsible <> 'general_secretariat'
    JOIN workplan_area area ON area.id = activity.area_id
    LEFT JOIN workplan_rating rating ON rating.version_id = report.accepted_version_id
         AND rating.activity_id = activity.id)"""
FIGURES = """{answers},
    now AS (SELECT * FROM answer WHERE round = '2014-1'), past AS (SELECT * FROM answer WHERE round = '2012-2')
    SELECT {key},
        count(*) FILTER (WHERE now.status = 'not_started'), count(*) FILTER (WHERE now.status = 'planned'),
        count(*) FILTER (WHERE now.status = 'partial'), count(*) FILTER (WHERE now.status = 'substantial'),
        count(*) FILTER (WHERE now.status = 'full'), count(*) FILTER (WHERE now.status = 'not_applicable'),
        count(*) FILTER (WHERE now.status = 'no_information'), count(now.step),
        count(*) FILTER (WHERE now.step >= 4),
        floor(100.0 * count(*) FILTER (WHERE now.step >= 4) / nullif(count(now.step), 0) + 0.5),
        count(past.step), count(*) FILTER (WHERE past.step >= 4),
        floor(100.0 * count(*) FILTER (WHERE past.step >= 4) / nullif(count(past.step), 0) + 0.5),
        round(100.0 * count(*) FILTER (WHERE now.step >= 4) / nullif(count(now.step), 0)
              - 100.0 * count(*) FILTER (WHERE past.step >= 4) / nullif(count(past.step), 0)),
        count(*) FILTER (WHERE now.step > past.step), count(*) FILTER (WHERE now.step = past.step),
        count(*) FILTER (WHERE now.step < past.step)
    FROM now JOIN past USING (state, activity) {join} GROUP BY 1 ORDER BY {order}"""
GROUPS = {
    "areas": {"key": "now.area", "join": "", "order": "min(now.position)"},
    "activities": {"key": "activity", "join": "", "order": "min(now.position)"},
    "themes": {"key": "theme", "join": "CROSS JOIN LATERAL unnest(now.themes) AS theme", "order": "1"},
    "all": {"key": "''", "join": "", "order": "1"},
}


def sql(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def counted(group: str, now: str = "2014-1") -> list[list[Any]]:
    statement = FIGURES.replace("'2014-1'", f"'{now}'")
    rows = sql(statement.format(answers=ANSWERS, **GROUPS[group]))
    return [[row[0], *(None if cell is None else int(cell) for cell in row[1:])] for row in rows]


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    return make_evaluation(cast, further=("2012-1", "2011-1"))


@pytest.fixture
def made(evaluation: Evaluation) -> Any:
    found = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=found, content_hash=content_hash(found), cutoff_at=CUTOFF)

    def write(writer: Any, language: str) -> bytes:
        with override(language):
            return bytes(writer(Content(evaluation, snapshot, summarize(found), language)))

    return write


def rows_of(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def compare_workbook(body: bytes) -> tuple[int, list[Any]]:
    """Cells compared, and those that differ."""
    _about, areas, activities, themes, *_rest = openpyxl.load_workbook(io.BytesIO(body)).worksheets
    compared, different = 0, []
    expected = {
        areas: [*counted("areas"), *counted("all")],
        activities: counted("activities"),
        themes: counted("themes"),
    }
    for sheet, lines in expected.items():
        for cells, line in zip(rows_of(sheet), lines, strict=True):
            for shown, number in zip(cells[2:], line[1:], strict=True):
                compared += 1
                different += [(sheet.title, line[0], shown, number)] if shown != number else []
    return compared, different


def compare_sentences(text: str) -> tuple[int, list[Any]]:
    """The sentences of each activity in the text of the PDF."""
    compared, different = 0, []
    for line in counted("activities"):
        compared += 4
        rest = rf"\(not applicable: {line[6]}; no information: {line[7]}\)"
        wanted = rf"{line[0]}: (none|{line[9]}) of (the )?{line[8]} answers on the scale (is|are) [a-z ]+ {rest}"
        different += [] if re.search(wanted, text) else [wanted]
    return compared, different


def compare_tables(text: str) -> tuple[int, list[Any]]:
    """The table of each area in the text of the PDF: five counts, n, not applicable, no information."""
    compared, different = 0, []
    for code, *counts in counted("activities"):
        figures = " ".join(str(number) for number in (*counts[:5], counts[7], counts[5], counts[6]))
        compared += 8
        different += [] if re.search(rf"{code} [^0-9]+ {figures} ", text) else [(code, figures)]
    return compared, different


# In each period by itself: States with an answer on the scale, such answers, those that are advanced, per cent.
PERIODS = """{answers} SELECT now.round, {key}, count(DISTINCT state) FILTER (WHERE step IS NOT NULL), count(step),
        count(*) FILTER (WHERE step >= 4),
        floor(100.0 * count(*) FILTER (WHERE step >= 4) / nullif(count(step), 0) + 0.5)
    FROM answer AS now {join} GROUP BY 1, 2"""


def by_period() -> dict[tuple[str, str], list[Any]]:
    """By period and code of an area, activity or theme; of all without a code."""
    rows = [row for group in GROUPS.values() for row in sql(PERIODS.format(answers=ANSWERS, **group))]
    return {row[:2]: [None if cell is None else int(cell) for cell in row[2:]] for row in rows}


def compare_periods(body: bytes) -> tuple[int, list[Any]]:
    """The last sheet."""
    rows = rows_of(openpyxl.load_workbook(io.BytesIO(body)).worksheets[-1])
    shown = {(row[0], row[3] or ""): row[5:] for row in rows}
    assert len(shown) == len(rows)
    wanted = by_period()
    different = [key for key in shown.keys() | wanted.keys() if shown.get(key) != wanted.get(key)]
    return 4 * len(shown), different


def compare_period_tables(text: str) -> tuple[int, list[Any]]:
    """Rows of activities and themes over all periods, and those of all activities, in the text of the PDF."""
    wanted = by_period()
    periods = sorted({period for period, _code in wanted})
    compared, different = 0, []
    for code in sorted({code for _period, code in wanted if code}):
        cells = [wanted[period, code] for period in periods]
        figures = " ".join(f"{advanced}/{scale}" for _states, scale, advanced, _share in cells)
        compared += 2 * len(cells)
        different += [] if re.search(rf"{code} [^0-9]+ {figures} ", text) else [(code, figures)]
    for period in periods:
        states, scale, advanced, share = (f"{figure:,}".replace(",", r"\s") for figure in wanted[period, ""])
        row = f"{states} {scale} {advanced} {share}"
        compared += 4
        different += [] if re.search(rf"{period} [0-9]+/34 {row}\s?%", text) else [(period, row)]
    return compared, different


def test_recount(made: Any) -> None:
    body, text = made(xlsx.write, "es"), text_of(made(pdf.write, "en"))
    compared, different = compare_workbook(body)
    more, wrong = compare_periods(body)
    compared, different = compared + more, different + wrong
    for check in (compare_sentences, compare_tables, compare_period_tables):
        more, wrong = check(text)
        compared, different = compared + more, different + wrong
    record_proof("recount", figures=compared, different=len(different))
    assert different == []
    assert compared >= 500


def test_recount_sees_a_planted_error(made: Any) -> None:
    """One cell one too high, and the comparison says which."""
    book, output = openpyxl.load_workbook(io.BytesIO(made(xlsx.write, "es"))), io.BytesIO()
    cell = book.worksheets[2]["C9"]
    cell.value += 1
    book.save(output)
    assert [(found[2], found[3]) for found in compare_workbook(output.getvalue())[1]] == [(cell.value, cell.value - 1)]
