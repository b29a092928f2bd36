"""The start page: exactly what waits for each person, oldest deadline first, each line a link that opens."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.workplan import answer, make_open_round
from tests.support import queries_of
from tests.workplan.pages import sent, url
from workplan import services
from workplan.models import EntryUserObjectPermission, Report

PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "denise", "didier", "evan", "paula")


@pytest.fixture
def busy(cast: Any, open_round: Any) -> None:
    """Two rounds: in 2013-2 Costa Rica waits for approval and Guatemala has a question; in 2014-1 Costa
    Rica writes, one entry is in Marta's hands, and the Secretariat's own report waits for the Meeting."""
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    services.send_to_coordinator(report=Report.objects.get(reference="CR-2013-2"), actor=cast.ana)
    guatemala = sent(Report.objects.get(reference="GT-2013-2"), cast.carla, cast.ciro)
    activity = guatemala.entries.all()[0].activity
    services.ask_question(report=guatemala, activity=activity, field="status", text="Why?", actor=cast.denise)
    services.return_report(report=guatemala, actor=cast.denise, note="")
    sent(Report.objects.get(reference="GT-2014-1"), cast.carla, cast.ciro)
    sent(Report.objects.get(reference="SG-2013-2"), cast.denise, cast.didier)
    entry = Report.objects.get(reference="CR-2014-1").entries.get(activity__code="PRV-01")
    answer(entry, cast.ana)
    permission = Permission.objects.get(codename="change_reportentry")
    EntryUserObjectPermission.objects.create(user=cast.marta, permission=permission, content_object=entry)


def titles(client: Client, user: Any) -> list[str]:
    client.force_login(user)
    return [item.title for item in client.get(url("home")).context["items"]]


def test_everybody_sees_what_waits_for_them(cast: Any, client: Client, busy: None) -> None:
    total = Report.objects.get(reference="CR-2014-1").entries.count()
    own = Report.objects.get(reference="SG-2014-1").entries.count()
    states = Report.objects.filter(round__code="2014-1", state__isnull=False).count()
    writing = f"Report 2014-1: 1 of {total} ready"
    secretariat = [
        f"Period 2013-2: 1 of {states} reports have arrived",
        f"Secretariat’s report 2014-1: 0 of {own} ready",
        f"Period 2014-1: 1 of {states} reports have arrived",
        "1 report to review",
    ]
    found = {name: titles(client, getattr(cast, name)) for name in PEOPLE}
    marta = found.pop("marta")
    assert found == {
        "ana": [writing],
        "beto": ["Report 2013-2: to approve", writing],
        "bruno": ["Report 2013-2: to approve"],
        "carla": [f"Report 2013-2: 0 of {total} ready", "Report 2013-2: 1 question to answer"],
        "denise": secretariat,
        "didier": secretariat,
        "evan": ["1 report to review"],
        "paula": [],
    }
    assert [title.split()[0] for title in marta] == ["PRV-01"]


def test_each_line_opens(cast: Any, client: Client, busy: None) -> None:
    for name in PEOPLE:
        client.force_login(getattr(cast, name))
        items = client.get(url("home")).context["items"]
        assert [client.get(item.url).status_code for item in items] == [200] * len(items), name


def test_nothing_due_says_so(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    assert "Nothing is due" in client.get(url("home")).content.decode()


def test_the_menu_counts_what_waits(cast: Any, client: Client, busy: None) -> None:
    found = {}
    for name in PEOPLE:
        client.force_login(getattr(cast, name))
        items = client.get(url("plan_detail")).context["nav_items"]
        found[name] = {item.label: item.badge for item in items if item.badge}
    assert found == {
        "ana": {},
        "beto": {"Reports": 1},
        "bruno": {"Reports": 1},
        "marta": {},
        "carla": {},
        "denise": {"Review": 1},
        "didier": {"Review": 1},
        "evan": {"Review": 1},
        "paula": {},
    }


def test_a_refusal_counts_nothing(cast: Any, client: Client, busy: None) -> None:
    """Whoever tries addresses costs the database no piles of work."""
    client.force_login(cast.denise)
    address = url("plan_detail") + "nothing/"
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address)
    assert page.status_code == 404
    assert [item.badge for item in page.context["nav_items"] if item.badge] == []
    assert [query["sql"] for query in asked if "workplan_report" in query["sql"]] == []


@pytest.mark.parametrize("person", PEOPLE)
def test_the_page_takes_few_queries(cast: Any, client: Client, busy: None, person: str) -> None:
    client.force_login(getattr(cast, person))
    client.get(url("home"))
    asked = [sql for sql in queries_of(client, url("home")) if sql.startswith("SELECT")]
    assert len(asked) <= 15, "\n".join(asked)
