"""What the API gives to everybody, and what authorities share: no more than the pages do."""

from typing import Any

import pytest
from django.test import Client

from networks.models import AssistanceItem
from tests.api.test_reports import ROOT, is_problem, keyed
from tests.factories.workplan import submit
from workplan import services
from workplan.models import Report

pytestmark = pytest.mark.django_db
REPORTS = f"{ROOT}published-reports/"


@pytest.fixture
def accepted(cast: Any, open_round: Any) -> Report:
    report = open_round.reports.get(state=cast.costa_rica)
    entry = report.entries.order_by("activity__position")[0]
    evidence = services.EvidenceData(type="web_page", title="Papel interno", language="es", visibility="public")
    services.attach_address(entry=entry, data=evidence, url="https://example.org/papel", actor=cast.ana)
    report = submit(report, cast.ana, cast.bruno)
    services.accept(report=report, actor=cast.denise, ratings={}, version=1)
    report.refresh_from_db()
    return report


def test_a_report_is_read_by_everybody_while_its_state_shows_it(client: Client, cast: Any, accepted: Report) -> None:
    one = f"{REPORTS}cr/2014-1/"
    assert (client.get(REPORTS).json()["results"], client.get(one).status_code) == ([], 404)
    services.publish_report(report=accepted, actor=cast.beto)
    listed = client.get(f"{REPORTS}?state=CR&round=2014-1")
    assert [(row["state"], row["round"]) for row in listed.json()["results"]] == [("CR", "2014-1")]
    assert listed.cookies == {}
    told = client.get(one)
    sent = accepted.versions.get().content["entries"]
    assert [entry["activity"] for entry in told.json()["entries"]] == [
        entry["activity"] for entry in sent if entry["status"] != "no_information"
    ]
    assert {entry["good_practice"] for entry in told.json()["entries"]} == {""}  # versions of before hold none
    assert [word in told.content.decode() for word in ("Texto de prueba", "Papel interno", accepted.reference)] == [
        True, False, False,
    ]  # fmt: skip
    assert client.get(one, headers={"If-None-Match": told.headers["ETag"]}).status_code == 304
    services.unpublish_report(report=accepted, actor=cast.beto)
    assert is_problem(client.get(one), 404)


@pytest.mark.parametrize(("query", "found"), [("state=GT", 0), ("state=cr", 1), ("round=2013-2", 0)])
def test_the_list_is_filtered(client: Client, cast: Any, accepted: Report, query: str, found: int) -> None:
    services.publish_report(report=accepted, actor=cast.beto)
    assert len(client.get(f"{REPORTS}?{query}").json()["results"]) == found


def test_the_states_that_take_part(client: Client, cast: Any, open_round: Any) -> None:
    told = {row["iso2"]: row["names"] for row in client.get(f"{ROOT}states/?page_size=200").json()["results"]}
    assert set(told) == {report.state.iso2 for report in open_round.reports.exclude(state=None)}
    assert told["CR"] == dict.fromkeys(("es", "en", "fr", "pt_br"), "Costa Rica")


def test_assistance_is_read_with_a_key_and_counted_as_on_the_page(client: Client, cast: Any) -> None:
    for side, topic, title in (("need", "data", "Registro"), ("offer", "law", "Asesoría")):
        AssistanceItem.objects.create(
            side=side, topic=topic, title=title, text="-", language="es", institution=cast.authority_cr,
            by_institution=cast.authority_cr, by=cast.beto,
        )  # fmt: skip
    own = keyed(cast.carla, "read")
    listed = own.get(f"{ROOT}assistance/?side=need").json()["results"]
    assert [(row["title"], row["state"], row["matches"]) for row in listed] == [("Registro", "CR", 0)]
    matrix = {row.pop("topic"): row for row in own.get(f"{ROOT}assistance/matrix/").json()}
    assert (matrix["data"]["needs"], matrix["law"]["offers"], sum(sum(row.values()) for row in matrix.values())) == (
        1,
        1,
        2,
    )
    assert is_problem(client.get(f"{ROOT}assistance/"), 401)
    assert is_problem(client.get(f"{ROOT}assistance/matrix/"), 401)
