"""Protected statistics: every cell as the release tells it, no other figure, and an honest word where there is none."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override, pgettext

from accounts.models import State
from core.canonical import content_hash
from evaluations import services
from evaluations.delivery import xlsx
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.preview import own_data
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.statistics import SHOWN, statistics, years_of
from indicators import services as indicators
from indicators.enums import CATALOGUE, TOTAL
from indicators.models import Release
from tests.evaluations.test_documents import CUTOFF
from tests.factories.evaluations import make_evaluation
from tests.factories.indicators import answers, build_release, sign
from tests.factories.workplan import only_a_few_take_part
from workplan.models import Plan, Round

pytestmark = pytest.mark.django_db
# Told by itself: with thirty or more in each table. Its neighbour has too few.
COUNTS = {"VIC_SEX_EXP": (41, 17, 3, 0, 9), "OFF_EXP": (52, 33, 14, 7, 5), "CON_SEX": (21, 48, 0)}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def released(cast: Any) -> Release:
    return make_release(cast, 2012)


def make_release(cast: Any, year: int) -> Release:
    states = State.objects.filter(iso2__in=("BR", "CR", "GT"))
    sign(cast, [
        indicators.DemoReturn(state, year, table, answers([n + 10 * place for n in _cells(table, row)], table))
        for place, state in enumerate(states) for table, row in COUNTS.items()
    ])  # fmt: skip
    return indicators.publish_release(release=build_release(cast, year), actor=cast.denise)


def _cells(table: str, row: tuple[int, ...]) -> tuple[int, ...]:
    return row * 3 if table == "VIC_SEX_EXP" else row


@pytest.fixture
def evaluation(released: Release, cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=2, submitted=1)


def content(evaluation: Evaluation, language: str = "en") -> Content:
    data = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash=content_hash(data), cutoff_at=CUTOFF)
    return Content(evaluation, snapshot, summarize(data), language)


def told(release: Release, area: str) -> Iterator[tuple[str, int, str, str, int]]:
    """Straight from what the release keeps: table, year, row, column, figure of an area in the tables shown."""
    for year, blocks in release.content.told["years"].items():
        for block in blocks.values():
            for table, place, row, column, value in block["figures"]:
                if place == area and table in SHOWN and (SHOWN[table] == "columns" or column == TOTAL):
                    yield table, int(year), row, column, value


def frozen(tables: list[Any]) -> set[tuple[str, int, str, str, int]]:
    return {
        (t["code"], int(c) if t["by"] == "years" else int(max(t["sources"])), r, TOTAL if t["by"] == "years" else c, v)
        for t in tables
        for r, c, v, _status in t["cells"]
        if v is not None
    }


def test_every_cell_is_that_of_the_release_and_no_other_is_there(evaluation: Evaluation, released: Release) -> None:
    found = statistics(evaluation)
    assert found is not None
    assert [row["number"] for row in found["releases"]] == [released.number]
    assert frozen(found["tables"]) == set(told(released, "W")) != set()
    assert {row["code"] for row in found["tables"]} == {
        "victims-by-sex-and-age", "victims-by-sex-and-exploitation", "victims-by-age-group",
        "victims-by-citizenship-and-place", "offences-recorded", "persons-convicted",
    }  # fmt: skip
    for iso2, tables in found["states"].items():
        assert frozen(tables) == set(told(released, iso2)) != set()
    assert set(found["elsewhere"]) == set(CATALOGUE) - set(SHOWN)
    data = build_snapshot(evaluation)
    for iso2 in ("BR", "HT"):  # a paper has the figures of its own State, where there are any
        own = own_data(data, iso2)["sections"]["statistics"]
        tables = {"BR": found["states"]["BR"]} if iso2 == "BR" else {}
        assert (own["tables"], own["states"]) == ([], tables)


@pytest.mark.parametrize("language", ["es", pytest.param("fr", marks=pytest.mark.full)])
def test_page_and_workbook_say_the_same_cells(evaluation: Evaluation, released: Release, language: str) -> None:
    with override(language):
        made = content(evaluation, language)
        page = render_to_string("evaluations/document/statistics_words.html", {"c": made, "language": language})
        book = openpyxl.load_workbook(io.BytesIO(xlsx.write(made)))
        sheet = book[pgettext("sheet", "Statistics")]
        assert made.statistics is not None
        shown = [cell for table in made.statistics.tables for cell in table.cells]
        rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]
        assert [(row[1], row[2], row[4], row[5]) for row in rows] == [
            (c.row, c.column, c.value, c.status) for c in shown
        ]
        assert all(row[4] is None or isinstance(row[4], int) for row in rows)
        assert sorted(row[4] for row in rows if row[4] is not None) == sorted(row[4] for row in told(released, "W"))
        for table in made.statistics.tables:
            assert f"<caption>{table.caption}</caption>" in page
        for cell in shown:
            assert f'<td class="c-wide">{cell.text}</td>' in page
        for sign_, meaning in made.statistics.legend:
            assert f"<th>{sign_}</th><td>{meaning}</td>" in page
        assert f" {made.statistics.releases[0]['year']}. " in page


def test_no_release_no_figure(evaluation: Evaluation) -> None:
    evaluation.releases.clear()
    assert statistics(evaluation) is None
    with override("en"):
        page = render_to_string("evaluations/document/statistics_words.html", {"c": content(evaluation)})
    assert "This evaluation uses no release of protected statistics" in page
    assert "<table" not in page


def test_data_frozen_before_hold_no_tables_and_say_so(evaluation: Evaluation, released: Release) -> None:
    made = content(evaluation)
    found = made.data["sections"]["statistics"]
    made.data["sections"]["statistics"] = found["releases"][0]
    with override("en"):
        page = render_to_string("evaluations/document/statistics_words.html", {"c": made})
    assert "The tables of the release were not frozen with these data" in page
    assert released.content.sha256 in page


# --- which releases, and which years --------------------------------------


def test_years_are_those_that_were_over() -> None:
    plan = Plan(start_date=date(2010, 6, 8))
    for end, last in ((date(2013, 12, 31), 2013), (date(2013, 12, 30), 2012), (date(2014, 6, 30), 2013)):
        assert years_of(Round(plan=plan, period_end=end)) == list(range(2010, last + 1))


def test_only_the_releases_of_the_definition_are_read(evaluation: Evaluation, released: Release, cast: Any) -> None:
    later = make_release(cast, 2013)
    assert statistics(evaluation)["releases"][0]["number"] == released.number  # type: ignore[index]
    again = services.create_evaluation(
        round=evaluation.round, compared_round=None, symbol="RTP-IV/doc.9/14", original_language="es", actor=cast.denise
    )
    assert {row.number for row in again.releases.all()} == {released.number, later.number}
    found = statistics(again)
    assert found is not None
    offences = next(row for row in found["tables"] if row["code"] == "offences-recorded")
    assert offences["sources"] == {"2012": later.number, "2013": later.number}  # told last, so told as it is now
    with pytest.raises(services.PortalError):
        services.create_evaluation(
            round=evaluation.round, compared_round=None, symbol="RTP-IV/doc.10/14", original_language="es",
            actor=cast.denise, releases=[build_release(cast, 2013)],
        )  # fmt: skip


# --- which States ---------------------------------------------------------


def test_states_that_are_not_covered_have_no_figure(cast: Any, evaluation: Evaluation) -> None:
    covered = State.objects.filter(iso2__in=("BB", "CR", "GT"))
    made = services.create_evaluation(
        round=evaluation.round, compared_round=evaluation.compared_round, symbol="RTP-IV/doc.9/14",
        original_language="es", states=covered, actor=cast.denise,
    )  # fmt: skip
    data, whole = build_snapshot(made), build_snapshot(evaluation)
    states = {"BB", "CR", "GT"}
    assert made.states == sorted(states)
    assert [set(round_["reports"]) for round_ in data["rounds"]] == [{*states, "SG"}] * 2
    assert set(data["answers"]) <= states
    assert {row["iso2"] for row in data["states"]} == states
    everybody = {row["iso2"] for row in whole["states"]}
    assert {row["iso2"] for row in data["not_covered"]} == everybody - states
    assert summarize(data).response.total == 3
    assert summarize(data).overall.distribution.total == 3 * summarize(data).overall.activities
    with override("en"):
        method = render_to_string("evaluations/document/method.html", {"c": content(made)})
    assert "covers these States, and every figure counts them alone: Barbados, Costa Rica, Guatemala." in method
    haiti = State.objects.get(iso2="HT")
    with pytest.raises(services.StepRefused):
        services.exclude_state(evaluation=made, state=haiti, reason="x", language="es", actor=cast.denise)


def test_an_evaluation_covers_somebody(evaluation: Evaluation, cast: Any) -> None:
    with pytest.raises(services.PortalError):
        services.create_evaluation(
            round=evaluation.round, compared_round=None, symbol="RTP-IV/doc.9/14", original_language="es",
            states=State.objects.filter(reports=None), actor=cast.denise,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(states=[])
