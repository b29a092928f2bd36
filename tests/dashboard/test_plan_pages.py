"""The pages of an activity and of a theme: the evaluation's figures for whoever opens reports, and what was published
for everybody; States by name, at a cost that does not grow."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from evaluations.models import Evaluation
from evaluations.queries.figures import answers, distribution, reporters
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import fill_round, make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.support import assert_same_queries
from tests.workplan.pages import url
from workplan import services
from workplan.models import Activity, Report
from workplan.presenters import by_name

pytestmark = pytest.mark.django_db
CODE = "PRV-01"
SECRET = "Kept-inside-2f7a"


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=3, submitted=1)


@pytest.fixture
def published(cast: Any, evaluation: Evaluation) -> Report:
    """Costa Rica shows its report of the latest period."""
    report = Report.objects.get(state=cast.costa_rica, round=evaluation.round)
    services.publish_report(report=report, actor=cast.beto)
    return report


def test_figures_are_those_of_the_evaluation_and_states_stand_by_name(
    cast: Any, client: Client, evaluation: Evaluation
) -> None:
    client.force_login(cast.denise)
    told = client.get(url("activity_detail", CODE, language="es")).context["told"]
    rounds = build_snapshot(evaluation)["rounds"]
    for line, round_ in zip(told.lines, rounds, strict=True):
        expected = distribution(answers(round_, [CODE], reporters(round_)))
        assert line.figures == list(expected.counts.values())
        assert line.total == expected.total
    answered = {c for r in rounds for c, report in r["reports"].items() if CODE in report.get("ratings", {})} - {"SG"}
    states = Report.objects.filter(state__iso2__in=answered).select_related("state")
    assert [row.name for row in told.states] == [state.name for state in by_name({r.state for r in states})]


def test_each_reader_is_told_what_they_may_open(cast: Any, client: Client, evaluation: Evaluation) -> None:
    assert client.get(url("activity_detail", CODE)).context["told"] is None
    seen = {}
    for person in ("ana", "carla", "paula", "denise"):
        client.force_login(getattr(cast, person))
        told = client.get(url("activity_detail", CODE)).context["told"]
        seen[person] = sorted(row.name for row in told.states) if told else []
    assert seen["ana"] == ["Costa Rica"]
    assert (seen["carla"], seen["paula"]) == (["Guatemala"], [])
    assert len(seen["denise"]) > 1


def test_the_public_reads_what_is_published_and_nothing_else(cast: Any, client: Client, published: Report) -> None:
    page = client.get(url("activity_detail", CODE)).context["published"]
    entries = {entry["activity"]: entry for entry in published.accepted_version.content["entries"]}
    assert [row.name for row in page.states] == ["Costa Rica"]
    assert [row.said.status for row in page.words] == [entries[CODE]["status"]]
    assert page.words[0].said.evidence == []
    services.unpublish_report(report=published, actor=cast.beto)
    assert client.get(url("activity_detail", CODE)).context["published"].lines == []


def test_a_theme_gathers_its_own(cast: Any, client: Client, published: Report) -> None:
    for theme in ("4a", "4h"):
        response = client.get(url("theme_detail", theme))
        of = response.context
        codes = set(Activity.objects.filter(themes__contains=[theme]).values_list("code", flat=True))
        assert {line.activity.code for line in of["lines"]} == codes
        assert of["conclusions"][0].number == theme
        assert all(set(row.activities) & codes for row in of["conclusions"])
        assert {row.name for row in of["published"]} <= {"Costa Rica"}
        assert of["live"] is None
    assert client.get(url("theme_detail", "4i")).status_code == 404


def test_pages_lead_to_each_other(cast: Any, client: Client) -> None:
    themes = [url("theme_detail", theme) for theme in Activity.objects.get(code=CODE).themes]
    page, plan = (client.get(url(*to)).content.decode() for to in (("activity_detail", CODE), ("plan_detail",)))
    theme = client.get(themes[0]).content.decode()
    wanted = [f'href="{address}"' for address in themes]
    assert [link for link in wanted if link not in page or link not in plan] == []
    back = [f'href="{url("activity_detail", CODE)}"', f'href="{url("plan_detail")}"']
    assert [link for link in back if link not in theme] == []


@pytest.mark.parametrize(("name", "argument", "most"), [("activity_detail", CODE, 15), ("theme_detail", "4a", 15)])
def test_the_cost_does_not_grow_with_periods(
    cast: Any, client: Client, published: Report, name: str, argument: str, most: int
) -> None:
    client.force_login(cast.denise)
    address = url(name, argument)

    def more() -> None:
        for year in (2010, 2011, 2015):
            fill_round(cast, f"{year}-1", date(year, 1, 1), date(year, 6, 30), accepted=3, submitted=0)

    assert assert_same_queries(client, address, more) <= most
