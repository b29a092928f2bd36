"""A State's page: beside itself alone, for whoever may open its reports, at the same cost with ten periods."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client

from core.models import AuditEvent
from evaluations.models import Evaluation
from evaluations.queries.figures import answers, area_activities, distribution
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import fill_round, make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.support import assert_same_queries, sign_in_fresh
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db
PERIODS = {"period": "2014-1", "compare": "2012-2"}


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    """Of Costa Rica both reports are accepted."""
    only_a_few_take_part()
    return make_evaluation(cast, accepted=3, submitted=1)


def page_of(client: Client, **query: str) -> Any:
    response = client.get(url("state_detail", "cr"), query or PERIODS)
    assert response.status_code == 200
    return response.context["page"]


def test_its_figures_are_those_of_the_evaluation(cast: Any, client: Client, evaluation: Evaluation) -> None:
    client.force_login(cast.denise)
    page, snapshot = page_of(client), build_snapshot(evaluation)
    now = snapshot["rounds"][0]
    for line, area in zip(page.lines, snapshot["areas"], strict=True):
        codes = [a["code"] for a in area_activities(snapshot, area["code"])]
        assert line.row.distribution == distribution(answers(now, codes, ["CR"]))
        assert sum(count.figure for count in line.counts) == len(codes)
    assert [row.code for row in page.periods] == ["2014-1", "2012-2"]
    assert page.of.response.total == 1, "another State's report was read"


def told(page: Any) -> set[str]:
    return {row.code for row in page.answers}


def test_an_area_narrows_the_activities(cast: Any, client: Client, evaluation: Evaluation) -> None:
    client.force_login(cast.denise)
    assert {code[:3] for code in told(page_of(client, area="PRV"))} == {"PRV"}
    assert len({code[:3] for code in told(page_of(client, area="nowhere"))}) == 4


def test_outsiders_see_no_progress(cast: Any, client: Client, evaluation: Evaluation) -> None:
    seen = {}
    for person in ("ana", "beto", "bruno", "carla", "marta", "paula", "evan", "denise"):
        client.force_login(getattr(cast, person))
        seen[person] = client.get(url("state_detail", "cr")).context["page"] is not None
    assert {person for person, sees in seen.items() if sees} == {"ana", "beto", "bruno", "evan", "denise"}
    sign_in_fresh(client, cast.carla)
    assert client.get(url("state_export", "cr", "csv")).status_code == 403


def test_a_file_is_exactly_the_view_and_leaves_its_trace(cast: Any, client: Client, evaluation: Evaluation) -> None:
    sign_in_fresh(client, cast.denise)
    page = page_of(client, area="PRV")
    content = client.get(url("state_export", "cr", "xlsx"), {"area": "PRV"}).content
    sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    cells = [[cell.value for cell in row] for row in sheets[2].iter_rows(min_row=2)]
    assert [row[0] for row in cells] == [row.code for row in page.answers]
    assert [row[2] for row in cells] == [row.label for row in page.answers]
    event = AuditEvent.objects.filter(verb="state.exported").latest("seq")
    assert (event.chain, event.data["period"]) == ("CR", "2014-1")


def test_the_page_costs_the_same_with_one_round_and_with_ten(cast: Any, client: Client) -> None:
    only_a_few_take_part()
    fill_round(cast, "2014-1", date(2014, 1, 1), date(2014, 6, 30), accepted=5, submitted=0)

    def more() -> None:
        for month in range(1, 10):
            fill_round(cast, f"2012-m{month}", date(2012, month, 1), date(2012, month, 28), accepted=5, submitted=0)

    client.force_login(cast.denise)
    assert assert_same_queries(client, url("state_detail", "cr"), more) <= 17
