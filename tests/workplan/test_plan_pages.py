"""The plan is public and says what is provisional; States and authorities show only facts as facts."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.enums import Confidence, InstitutionKind
from accounts.models import Grouping, GroupingMember, Institution, State
from tests.factories.workplan import make_open_round, submit
from tests.support import assert_same_queries
from tests.workplan.test_catalogue_import import good, place, shipped, to_csv
from workplan import services
from workplan.models import Activity, Plan

PROVISIONAL = "Provisional catalogue."


def links(html: str, prefix: str) -> set[str]:
    return set(re.findall(rf'href="{prefix}([^"/?]+)/"', html))


@pytest.fixture
def reader(client: Client, cast: Any) -> Client:
    client.force_login(cast.paula)
    return client


@pytest.mark.django_db
def test_the_plan_is_public_and_whole(client: Client) -> None:
    html = client.get("/en/plan/").content.decode()
    assert links(html, "/en/plan/") == set(Activity.objects.values_list("code", flat=True))
    assert PROVISIONAL in html
    assert "2010-2012, extended to 2014" in html
    assert "Extended to 2014" in html
    assert "16 October 2012" in html
    assert "Adopted for 2010-2012" in html


@pytest.mark.django_db
def test_the_plan_is_filtered_by_theme_and_responsible(client: Client) -> None:
    html = client.get("/en/plan/", {"theme": "4b"}).content.decode()
    expected = set(Activity.objects.filter(themes__contains=["4b"]).values_list("code", flat=True))
    assert links(html, "/en/plan/") == expected != set()
    html = client.get("/en/plan/", {"responsible": "joint"}).content.decode()
    assert links(html, "/en/plan/") == {"COO-01", "COO-03"}
    nothing = client.get("/en/plan/", {"theme": "4g", "responsible": "joint"}).content.decode()
    assert links(nothing, "/en/plan/") == set()
    assert "Show the whole plan" in nothing


@pytest.mark.django_db
def test_an_unknown_filter_is_no_filter(client: Client) -> None:
    html = client.get("/en/plan/", {"theme": "9z"}).content.decode()
    assert len(links(html, "/en/plan/")) == Activity.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_an_activity_stands_in_the_language_of_the_page_and_in_the_others(client: Client, language: str) -> None:
    activity = Activity.objects.get(code="PRV-01")
    html = client.get(f"/{language}/plan/PRV-01/").content.decode()
    with translation.override(language):
        assert f">{activity.title}</h1>" in html.replace("\n", "")
    for title in (activity.title_es, activity.title_en, activity.title_fr, activity.title_pt_br):
        assert title in html


@pytest.mark.django_db
def test_an_activity_says_what_is_not_known(client: Client) -> None:
    html = client.get("/en/plan/PRV-01/").content.decode()
    assert PROVISIONAL in html
    assert "Not known yet" in html
    assert "Not yet verified against AG/RES. 2551" in html
    assert client.get("/en/plan/PRV-99/").status_code == 404


@pytest.mark.django_db
def test_an_official_catalogue_is_no_longer_called_provisional(client: Client) -> None:
    rows = [[*row[:6], "true", *row[7:]] if number else row for number, row in enumerate(good())]
    rows[1][place("official_number")] = "1.1"
    plan = Plan.objects.get()
    services.import_catalogue(plan=plan, content=to_csv(rows), name="a.csv", is_official=True, source="The annex")
    html = client.get("/en/plan/").content.decode()
    assert PROVISIONAL not in html
    assert "Source: The annex" in html
    page = client.get("/en/plan/PRV-01/").content.decode()
    assert "1.1" in page
    assert "Verified against AG/RES. 2551" in page


@pytest.mark.django_db
def test_the_plan_costs_the_same_with_one_activity_and_with_all(client: Client) -> None:
    plan = Plan.objects.get()
    services.import_catalogue(plan=plan, content=to_csv(good(1)), name="one.csv")
    assert_same_queries(
        client,
        "/en/plan/",
        lambda: services.import_catalogue(plan=plan, content=to_csv(shipped()), name="all.csv"),
    )
    assert len(links(client.get("/en/plan/").content.decode(), "/en/plan/")) == 44


@pytest.mark.django_db
def test_authorities_need_a_sign_in_and_states_do_not(client: Client) -> None:
    pages = {path: client.get(path) for path in ("/en/states/", "/en/states/cr/", "/en/authorities/")}
    assert [page.status_code for page in pages.values()] == [200, 200, 302]
    assert not client.cookies


def test_all_states_are_listed_and_who_does_not_take_part_is_said(reader: Client) -> None:
    html = reader.get("/en/states/").content.decode()
    assert links(html, "/en/states/") == {code.lower() for code in State.objects.values_list("iso2", flat=True)}
    assert html.count("does not take part in the Work Plan") == 1


def test_states_are_sorted_as_their_language_does(reader: Client) -> None:
    html = reader.get("/fr/states/").content.decode()
    codes = re.findall(r'href="/fr/states/([a-z]{2})/"', html)
    assert codes.index("ec") < codes.index("us") < codes.index("gd")  # Équateur, États-Unis, Grenade


def test_only_facts_are_shown_as_facts(reader: Client, cast: Any) -> None:
    bodies = {
        Confidence.CONFIRMED: "Confirmed body",
        Confidence.VERIFIED: "Verified body",
        Confidence.BACKGROUND: "Background body",
        Confidence.UNSURE: "Unsure body",
    }
    for confidence, name in bodies.items():
        Institution.objects.create(
            kind=InstitutionKind.AUTHORITY,
            state=cast.costa_rica,
            name=name,
            name_language="en",
            confidence=confidence,
            source=f"source of {name}",
        )
    for path in ("/en/states/", "/en/states/cr/"):
        html = " ".join(reader.get(path).content.decode().split())
        for confidence, name in bodies.items():
            marked = f'{name}</span> <span class="portal-muted">(to be confirmed by the State)' in html
            assert name in html
            assert marked is (confidence in {Confidence.BACKGROUND, Confidence.UNSURE}), (path, name)
    html = reader.get("/en/authorities/").content.decode()
    assert "source of Verified body" in html
    assert "source of Background body" not in html


def test_a_state_shows_the_reports_of_the_readers_own_scope(client: Client, cast: Any) -> None:
    round_ = make_open_round(cast)
    submit(round_.reports.get(state=cast.guatemala), cast.carla, cast.ciro)
    shown = {}
    for name in ("ana", "carla", "denise", "evan", "paula"):
        client.force_login(getattr(cast, name))
        shown[name] = {
            code: links(client.get(f"/en/states/{code}/").content.decode(), "/en/reports/") for code in ("cr", "gt")
        }
    nothing: set[str] = set()
    assert shown == {
        "ana": {"cr": {"CR-2014-1"}, "gt": nothing},
        "carla": {"cr": nothing, "gt": {"GT-2014-1"}},
        "denise": {"cr": nothing, "gt": {"GT-2014-1"}},
        "evan": {"cr": nothing, "gt": {"GT-2014-1"}},
        "paula": {"cr": nothing, "gt": nothing},
    }
    assert client.get("/en/states/zz/").status_code == 404


def test_states_cost_the_same_one_or_all(reader: Client) -> None:
    one = Grouping.objects.create(slug="one", name_es="Uno", name_en="One", name_fr="Un", name_pt_br="Um", source="-")
    GroupingMember.objects.create(grouping=one, state=State.objects.get(iso2="CR"), source="-")
    found = reader.get("/en/states/?grouping=one").content.decode()
    assert links(found, "/en/states/") == {"cr"}
    assert_same_queries(reader, "/en/states/?grouping=one", lambda: None, more_url="/en/states/")


def test_authorities_cost_the_same_with_thirty_more(reader: Client) -> None:
    def grow() -> None:
        for state in State.objects.all()[:30]:
            Institution.objects.create(
                kind=InstitutionKind.AUTHORITY, state=state, name=f"Body of {state.iso2}", name_language="en"
            )

    assert_same_queries(reader, "/en/authorities/", grow)


def test_a_state_costs_the_same_with_one_report_and_with_several(client: Client, cast: Any) -> None:
    client.force_login(cast.ana)
    make_open_round(cast)

    def grow() -> None:
        make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
        make_open_round(cast, "2013-1", start=date(2013, 1, 1), end=date(2013, 6, 30))

    assert_same_queries(client, "/en/states/cr/", grow)
