"""Periods: the Secretariat prepares, opens and closes them; who has reported is shown without a word of content."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import State, StateMembership
from core.exceptions import NotAllowed, PortalError
from tests.factories.workplan import answer, make_open_round, make_round, submit
from tests.support import assert_same_queries
from workplan import services
from workplan.models import Report, Round
from workplan.queries import current_catalogue, submission_overview

TODAY = timezone.localdate()
PERIOD = {"period_start": date(2014, 1, 1), "period_end": date(2014, 6, 30), "due_on": date(2014, 7, 31)}


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


def typed(code: str = "2014-1", **changes: date) -> dict[str, str]:
    days = {**PERIOD, **changes}
    return {"code": code, **{key: value for name, day in days.items() for key, value in parts(name, day).items()}}


@pytest.fixture
def denise(client: Client, cast: Any) -> Client:
    client.force_login(cast.denise)
    return client


# --- scope and permissions ----------------------------------------------------------------------


def test_a_draft_is_the_secretariats_alone(client: Client, cast: Any) -> None:
    make_round()
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    shown = {}
    for name in ("ana", "carla", "denise", "didier", "evan", "paula"):
        client.force_login(getattr(cast, name))
        html = client.get("/en/periods/").content.decode()
        shown[name] = set(re.findall(r"\b20\d\d-\d\b", html))
    opened = {"2013-2"}
    assert shown == {
        "ana": opened,
        "carla": opened,
        "denise": opened | {"2014-1"},
        "didier": opened | {"2014-1"},
        "evan": opened,
        "paula": opened,
    }


@pytest.mark.parametrize(
    ("name", "followed", "managed"),
    [
        ("ana", 403, 403),
        ("beto", 403, 403),
        ("carla", 403, 403),
        ("paula", 403, 403),
        ("evan", 200, 403),
        ("denise", 200, 302),
        ("didier", 200, 302),
    ],
)
def test_who_follows_and_who_manages(client: Client, cast: Any, name: str, followed: int, managed: int) -> None:
    make_open_round(cast)
    client.force_login(getattr(cast, name))
    assert client.get("/en/periods/2014-1/").status_code == followed
    assert client.get("/en/periods/new/").status_code == (200 if managed == 302 else 403)
    assert client.post("/en/periods/2014-1/close/").status_code == managed
    assert Round.objects.get().status == ("closed" if managed == 302 else "open")


def test_a_draft_does_not_exist_for_those_who_do_not_see_it(client: Client, cast: Any) -> None:
    make_round()
    for name in ("ana", "evan"):
        client.force_login(getattr(cast, name))
        assert client.get("/en/periods/2014-1/").status_code == 404
        assert client.post("/en/periods/2014-1/open/").status_code == 404
    assert Report.objects.count() == 0


@pytest.mark.parametrize("path", ["/en/periods/", "/en/periods/2014-1/", "/en/periods/new/"])
def test_periods_need_a_sign_in(client: Client, open_round: Any, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("step", ["open", "close"])
def test_steps_are_posts(denise: Client, open_round: Any, step: str) -> None:
    assert denise.get(f"/en/periods/2014-1/{step}/").status_code == 405


# --- preparing, opening, closing ----------------------------------------------------------------


def test_a_period_is_prepared_opened_and_closed(denise: Client) -> None:
    assert denise.post("/en/periods/new/", typed()).status_code == 302
    round_ = Round.objects.get()
    assert (round_.code, round_.status, round_.catalogue.is_current) == ("2014-1", "draft", True)
    assert "Open the period" in denise.get("/en/periods/2014-1/").content.decode()
    denise.post("/en/periods/2014-1/open/")
    assert Report.objects.count() == State.objects.participating().count() + 1
    again = denise.post("/en/periods/2014-1/open/", follow=True).content.decode()
    assert "already open" in again
    denise.post("/en/periods/2014-1/close/")
    round_.refresh_from_db()
    assert round_.status == "closed"
    assert "Close the period" not in denise.get("/en/periods/2014-1/").content.decode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (typed("2014-a"), "for example 2014-2"),
        (typed(period_start=date(2014, 7, 1)), "within the years"),
        (typed(period_end=date(2015, 6, 30), due_on=date(2015, 7, 1)), "within the years"),
        (typed(due_on=date(2014, 6, 1)), "before the period ends"),
        (typed(period_start=date(2013, 12, 1)), "overlap"),
        (typed("2013-2"), "already"),
        ({**typed(), "due_on_1": "13"}, "a date that exists"),
    ],
)
def test_a_wrong_period_is_refused_with_a_sentence(denise: Client, data: dict[str, str], reason: str) -> None:
    make_round("2013-2", date(2013, 7, 1), date(2013, 12, 31))
    response = denise.post("/en/periods/new/", data)
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert Round.objects.count() == 1


def test_services_refuse_whoever_may_not(cast: Any) -> None:
    with pytest.raises(NotAllowed):
        services.create_round(catalogue=current_catalogue(), code="2014-1", actor=cast.ana, **PERIOD)
    with pytest.raises(NotAllowed):
        services.open_round(round=make_round(), actor=cast.evan)
    with pytest.raises(PortalError):
        services.create_round(catalogue=current_catalogue(), code="2014-1", actor=cast.denise, **PERIOD)


# --- who has reported ---------------------------------------------------------------------------


def open_before_brazil_joined(cast: Any) -> Round:
    """A round in which one State that takes part today has no report."""
    joined = StateMembership.objects.filter(state__iso2="BR", kind="participates")
    joined.update(valid_from=TODAY + timedelta(days=1))
    round_ = make_open_round(cast)
    joined.update(valid_from=TODAY)
    return round_


def test_the_overview_is_one_query_and_has_the_states_without_a_report(cast: Any) -> None:
    round_ = open_before_brazil_joined(cast)
    submit(round_.reports.get(state=cast.guatemala), cast.carla, cast.ciro)
    answer(round_.reports.get(state=cast.costa_rica).entries.first(), cast.ana)
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    with CaptureQueriesContext(connection) as queries:
        rows = {state.iso2: state for state in submission_overview(round_)}
    assert len(queries) == 1
    assert set(rows) == set(State.objects.participating().values_list("iso2", flat=True))
    entries = round_.catalogue.activities.addressed_to_states().count()
    facts = {
        code: (rows[code].report_status, rows[code].reference, rows[code].ready_count, rows[code].entry_count)
        for code in ("BR", "CR", "GT")
    }
    assert facts == {
        "BR": (None, None, 0, 0),
        "CR": ("in_preparation", "CR-2014-1", 1, entries),
        "GT": ("submitted", "GT-2014-1", entries, entries),
    }
    assert (rows["GT"].version_count, rows["GT"].submitted_at is None, rows["CR"].submitted_at) == (1, False, None)


def test_a_state_that_left_still_counts_where_it_reported(cast: Any) -> None:
    round_ = make_open_round(cast)
    cast.guatemala.memberships.filter(kind="participates").delete()
    assert "GT" in {state.iso2 for state in submission_overview(round_)}


def test_the_matrix_says_where_each_state_stands_and_nothing_of_what_it_wrote(denise: Client, cast: Any) -> None:
    round_ = open_before_brazil_joined(cast)
    submit(round_.reports.get(state=cast.guatemala), cast.carla, cast.ciro)
    answer(round_.reports.get(state=cast.costa_rica).entries.first(), cast.ana, narrative="A draft of Costa Rica.")
    html = denise.get("/en/periods/2014-1/").content.decode()
    assert "A draft of Costa Rica." not in html
    assert set(re.findall(r'href="/en/reports/([A-Z]{2}-2014-1)/"', html)) == {"GT-2014-1", "SG-2014-1"}
    for status, codes in {"submitted": {"gt"}, "none": {"br"}}.items():
        page = denise.get("/en/periods/2014-1/", {"status": status}).content.decode()
        assert set(re.findall(r'href="/en/states/([a-z]{2})/"', page)) == codes
    none = denise.get("/en/periods/2014-1/", {"status": "none"}).content.decode()
    assert "portal-tag--hatched" in none
    assert "No report" in none


def test_overdue_is_a_label_that_follows_from_the_date(denise: Client, cast: Any, monkeypatch: Any) -> None:
    round_ = make_open_round(cast)
    submit(round_.reports.get(state=cast.guatemala), cast.carla, cast.ciro)
    expected = State.objects.participating().count() - 1
    for due, code in ((TODAY + timedelta(days=9), "due"), (TODAY - timedelta(days=9), "overdue")):
        Round.objects.update(due_on=due)
        html = denise.get("/en/periods/2014-1/").content.decode()
        counts = dict(re.findall(r'\?status=(\w+)"[^>]*><strong[^>]*>(\d+)<', html))
        assert counts == {"submitted": "1", code: str(expected)}
    assert set(Report.objects.values_list("status", flat=True)) == {"in_preparation", "submitted"}


def test_periods_cost_the_same_one_or_thirty(denise: Client, cast: Any) -> None:
    make_round("0-0", date(1990, 1, 1), date(1990, 6, 30))

    def grow() -> None:
        for year in range(1991, 2021):
            make_round(f"{year}-1", date(year, 1, 1), date(year, 6, 30))

    assert_same_queries(denise, "/en/periods/", grow)


def test_the_matrix_costs_the_same_with_one_report_and_with_all(denise: Client, cast: Any) -> None:
    round_ = make_round()
    state = State.objects.get(iso2="CR")
    Report.objects.create(round=round_, state=state, reference="CR-2014-1", language="es")

    def grow() -> None:
        Report.objects.all().delete()
        services.open_round(round=round_, actor=cast.denise)

    assert_same_queries(denise, "/en/periods/2014-1/", grow)
