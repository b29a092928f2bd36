"""Needs and offers that find each other; agreements; routes in rounded figures."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StepRefused
from networks import queries, services
from networks.models import AgreementParty, AssistanceItem, AssistanceMatch, RouteFigure
from networks.services import AssistanceData, RouteData
from tests.workplan.pages import url


def publish(actor: Any, institution: Any, side: str, topic: str = "data", **fields: Any) -> AssistanceItem:
    texts = {"title": "Registro", "text": "Un registro único.", "language": "es"}
    data = AssistanceData(side=side, topic=topic, institution=institution, **{**texts, **fields})
    return services.publish_assistance(data=data, actor=actor)


def test_a_state_needs_and_a_partner_offers(cast: Any) -> None:
    need = publish(cast.ana, cast.authority_cr, "need")
    offer = publish(cast.paula, cast.partner, "offer")
    with pytest.raises(NotAllowed):
        publish(cast.paula, cast.partner, "need")
    with pytest.raises(NotAllowed):
        services.propose_match(need=need, offer=offer, actor=cast.ciro)
    match = services.propose_match(need=need, offer=offer, actor=cast.paula)
    with pytest.raises(NotAllowed):
        services.decide_match(match=match, status="agreed", actor=cast.paula)
    services.decide_match(match=match, status="agreed", actor=cast.beto)
    with pytest.raises(StepRefused):
        services.decide_match(match=match, status="declined", actor=cast.beto)
    row = queries.assistance_matrix(cast.denise)["data"]
    assert (row.needs, row.needs_met, row.offers, row.offers_used) == (1, 1, 1, 1)
    services.decide_match(match=match, status="done", actor=cast.paula)


def test_two_needs_make_no_match(cast: Any) -> None:
    first, second = publish(cast.ana, cast.authority_cr, "need"), publish(cast.ciro, cast.authority_gt, "need")
    with pytest.raises(DatabaseError, match="match_of_need_and_offer"), transaction.atomic():
        AssistanceMatch.objects.create(need=first, offer=second, proposed_by=cast.ana, proposed_side="need")


def test_a_need_names_nobody(cast: Any) -> None:
    with pytest.raises(IdentitySuspected):
        publish(cast.ana, cast.authority_cr, "need", text="Para atender a Yolanda Quispe.")


def test_the_matrix_counts_once_however_many_matches(cast: Any) -> None:
    need = publish(cast.ana, cast.authority_cr, "need")
    for _number in range(2):
        offer = publish(cast.paula, cast.partner, "offer")
        match = services.propose_match(need=need, offer=offer, actor=cast.paula)
        services.decide_match(match=match, status="agreed", actor=cast.beto)
    publish(cast.denise, cast.secretariat, "offer")
    row = queries.assistance_matrix(cast.ana)["data"]
    assert (row.needs, row.needs_met, row.offers, row.offers_used) == (1, 1, 3, 2)


def test_proposed_and_decided_on_the_page(cast: Any, client: Client) -> None:
    need, offer = publish(cast.ana, cast.authority_cr, "need"), publish(cast.paula, cast.partner, "offer")
    client.force_login(cast.paula)
    answer = client.post(url("assistance_detail", need.public_id), {"other": str(offer.public_id)})
    assert answer.status_code == 302
    match = AssistanceMatch.objects.get()
    address = url("match_decide", need.public_id, match.pk, "agreed")
    codes = {}
    for name in ("paula", "ciro", "beto"):
        client.force_login(getattr(cast, name))
        codes[name] = client.post(address).status_code
    assert codes == {"paula": 403, "ciro": 403, "beto": 302}


def test_an_agreement_is_recorded_by_one_of_its_parties(cast: Any, client: Client) -> None:
    parties = [cast.costa_rica, cast.guatemala]
    common = {"title": "Memorando", "language": "es", "source": "Gaceta"}
    with pytest.raises(NotAllowed):
        services.record_agreement(parties=parties, actor=cast.denise, **common)
    with pytest.raises(PortalError, match="at least two"):
        services.record_agreement(parties=parties[:1], actor=cast.ana, **common)
    services.record_agreement(parties=parties, actor=cast.ana, **common)
    assert AgreementParty.objects.count() == 2
    client.force_login(cast.carla)
    assert "Memorando" in client.get(url("cooperation_pair", "cr", "gt")).content.decode()
    pair = queries.cooperation_pairs(cast.carla)[cast.guatemala.pk, cast.costa_rica.pk]
    assert (pair.agreements, pair.networks, pair.requests) == (1, 0, 0)


@pytest.mark.parametrize(("count", "stored"), [(0, 0), (4, 0), (5, 10), (14, 10), (15, 20), (104, 100), (105, 110)])
def test_a_count_is_rounded_before_it_is_stored(cast: Any, count: int, stored: int) -> None:
    data = RouteData("own_abroad", cast.guatemala, 2013, count, "Informe")
    figure = services.report_route(state=cast.costa_rica, data=data, actor=cast.ana)
    assert figure.rounded == stored
    kept = RouteFigure.objects.values("rounded", "year", "source", "side").get()
    assert kept == {"rounded": stored, "year": 2013, "source": "Informe", "side": "own_abroad"}


def test_the_database_refuses_a_figure_that_is_not_rounded(cast: Any) -> None:
    with pytest.raises(DatabaseError, match="route_figure_rounded"), transaction.atomic():
        RouteFigure.objects.create(
            state=cast.costa_rica, side="transit", other=cast.guatemala, year=2013, rounded=7, source="x"
        )


def test_both_ends_of_a_route_stand_side_by_side(cast: Any, client: Client) -> None:
    for state, actor, side, other, count in (
        (cast.costa_rica, cast.ana, "own_abroad", cast.guatemala, 33),
        (cast.guatemala, cast.carla, "from_there", cast.costa_rica, 58),
        (cast.guatemala, cast.carla, "own_abroad", cast.costa_rica, 3),
    ):
        services.report_route(state=state, data=RouteData(side, other, 2013, count, "Informe"), actor=actor)
    client.force_login(cast.denise)
    lines = client.get(url("route_list")).context["lines"]
    shown = [(line.origin.iso2, line.destination.iso2, line.by_origin, line.by_destination) for line in lines]
    assert shown == [("CR", "GT", "30", "60"), ("GT", "CR", "0–4", "not reported")]
    data = RouteData("own_abroad", cast.guatemala, 2013, 3, "Informe")
    with pytest.raises(NotAllowed):
        services.report_route(state=cast.costa_rica, data=data, actor=cast.carla)
