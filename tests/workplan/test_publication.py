"""A State's consent, and what everybody reads by it."""

from typing import Any

import pytest
from django.test import Client

from core.exceptions import NotAllowed, StepRefused
from tests.factories.workplan import submit
from tests.support import sign_in_fresh
from tests.workplan.pages import url
from workplan import services
from workplan.models import PublicConsent, Report

pytestmark = pytest.mark.django_db
WORDS = "Texto de prueba."
PRACTICE = "Una ventanilla, un formulario."


@pytest.fixture
def accepted(cast: Any, open_round: Any) -> Report:
    report = open_round.reports.get(state=cast.costa_rica)
    entry = report.entries.order_by("activity__position")[0]
    evidence = services.EvidenceData(type="web_page", title="Papel interno", language="es", visibility="public")
    services.attach_address(entry=entry, data=evidence, url="https://example.org/papel", actor=cast.ana)
    report = submit(report, cast.ana, cast.bruno, good_practice=PRACTICE)
    services.accept(report=report, actor=cast.denise, ratings={}, version=1)
    report.refresh_from_db()
    return report


def read_by_all() -> str:
    client = Client()
    page = client.get(url("state_detail", "cr"))
    assert (page.status_code, len(page.cookies)) == (200, 0)
    return str(page.content.decode())


def test_nothing_is_shown_without_the_states_consent_and_all_of_it_with_it(cast: Any, accepted: Report) -> None:
    before = read_by_all()
    assert (WORDS in before, PRACTICE in before) == (False, False)
    client = Client()
    sign_in_fresh(client, cast.beto)
    assert client.post(url("report_publish", accepted.reference), {"publish": "yes"}).status_code == 302
    shown = read_by_all()
    assert (WORDS in shown, PRACTICE in shown) == (True, True)
    assert ("Papel interno" in shown, accepted.reference in shown) == (False, False)
    assert client.post(url("report_publish", accepted.reference), {"publish": "no"}).status_code == 302
    assert WORDS not in read_by_all()
    assert PublicConsent.objects.get().ended_by == cast.beto


def test_what_is_opened_again_is_not_shown(cast: Any, accepted: Report) -> None:
    services.publish_report(report=accepted, actor=cast.beto)
    services.publish_report(report=accepted, actor=cast.beto)
    assert PublicConsent.objects.count() == 1
    services.reopen(report=accepted, actor=cast.denise, note="A figure is wrong.")
    assert WORDS not in read_by_all()


def test_the_focal_point_alone_decides_and_of_accepted_reports_alone(cast: Any, accepted: Report) -> None:
    for person in (cast.ana, cast.bruno, cast.carla, cast.denise, cast.didier):
        with pytest.raises(NotAllowed):
            services.publish_report(report=accepted, actor=person)
    services.reopen(report=accepted, actor=cast.denise, note="A figure is wrong.")
    with pytest.raises(StepRefused):
        services.publish_report(report=accepted, actor=cast.beto)


def test_the_list_of_states_is_open_and_quotes_no_body_to_strangers(client: Client, cast: Any) -> None:
    page = client.get(url("state_list"))
    assert (page.status_code, len(page.cookies), "Costa Rica" in page.content.decode()) == (200, 0, True)
    assert cast.authority_cr.name not in page.content.decode()
    assert client.get(url("state_list"), headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
