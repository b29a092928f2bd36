"""Lists by key are narrowed as their pages are: the same form, the same rows; a wrong value is told."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Grouping, GroupingMember, State
from networks import services as network_services
from tests.api.test_reports import ROOT, is_problem, keyed
from tests.factories.contributions import make_accreditation, make_at, make_draft
from tests.factories.networks import make_desk, make_network
from tests.factories.networks import make_sent as make_sent_request
from tests.workplan.pages import url
from workplan.models import Report, ReportVersion

pytestmark = pytest.mark.django_db
WRONG = (
    "requests/?side=both", "requests/?status=-", "requests/?kind=all", "contributions/?status=-",
    "received-contributions/?kind=-", "received-contributions/?q=%00", "reports/?status=-", "reports/?round=-",
    "reviews/?status=submitted", "reviews/?round=-", "desks/?state=XX", "desks/?language=-", "networks/?level=-",
    "assistance/?side=-", "assistance/?topic=-", "activities/?theme=-", "states/?grouping=-",
    "published-reports/?state=%00",
)  # fmt: skip
Pair = tuple[set[str], set[str]]


def both(client: Client, user: Any, place: str, page: str, query: str, name: str = "reference") -> Pair:
    """What the list tells by key, and what the page shows."""
    client.force_login(user)
    rows = keyed(user).get(f"{ROOT}{place}?page_size=200&{query}").json()["results"]
    attribute = {"id": "public_id"}.get(name, name)
    shown = client.get(f"{url(page)}?{query}").context["page"].paginator.object_list
    return {str(row[name]) for row in rows}, {str(getattr(row, attribute)) for row in shown}


def test_requests(client: Client, cast: Any) -> None:
    asked = make_sent_request(cast.ana, cast.authority_cr, cast.authority_gt)
    came = make_sent_request(cast.carla, cast.authority_gt, cast.authority_cr, kind="training")
    network_services.acknowledge(request=came, actor=cast.ana)
    for user, query, wanted in (
        (cast.ana, "", {asked, came}), (cast.ana, "side=sent", {asked}), (cast.ana, "side=received", {came}),
        (cast.carla, "side=received", {asked}), (cast.carla, "side=sent", {came}), (cast.marta, "", set()),
        (cast.ana, "status=acknowledged", {came}), (cast.ana, "status=open", {asked, came}),
        (cast.ana, "side=sent&status=acknowledged", set()), (cast.ana, "kind=training", {came}),
    ):  # fmt: skip
        named = {row.reference for row in wanted}
        assert both(client, user, "requests/", "request_list", query) == (named, named), (user, query)


def test_contributions(client: Client, cast: Any, open_round: Any) -> None:
    make_accreditation(cast.partner, cast)
    here, there = make_at("accepted", cast, open_round, "CR"), make_at("accepted", cast, open_round, "GT")
    draft = make_draft(cast.paula, open_round, "CR", title="Pasos de frontera", kind="project")
    for user, place, query, wanted in (
        (cast.denise, "received-contributions/", "", {here, there}),
        (cast.denise, "received-contributions/", f"q={here.reference}", {here}),
        (cast.denise, "received-contributions/", "status=received", set()),
        (cast.beto, "received-contributions/", "activity=pro-02", {here}),
        (cast.ciro, "received-contributions/", "kind=evidence&status=accepted", {there}),
        (cast.ciro, "received-contributions/", f"q={here.reference}", set()),
        (cast.paula, "contributions/", "q=frontera", {draft}),
        (cast.paula, "contributions/", "status=draft&kind=project", {draft}),
        (cast.paula, "contributions/", "activity=PRO-02&status=accepted", {here, there}),
    ):
        named = {row.reference for row in wanted}
        assert both(client, user, place, "contribution_list", query) == (named, named), (user, query)


def test_reviews(client: Client, cast: Any, open_round: Any) -> None:
    reports = {code: Report.objects.get(reference=f"{code}-2014-1") for code in ("CR", "GT")}
    for code, status in (("CR", "submitted"), ("GT", "returned")):
        Report.objects.filter(pk=reports[code].pk).update(status=status, submitted_at=timezone.now())
        sent = {"number": 1, "content": {}, "sha256": "0" * 64, "submitted_by": cast.beto}
        ReportVersion.objects.create(report=reports[code], **sent)
    for user, query, wanted in (
        (cast.denise, "", {"CR"}), (cast.denise, "status=returned", {"GT"}), (cast.denise, "status=all", {"CR", "GT"}),
        (cast.denise, "status=all&round=2014-1", {"CR", "GT"}),
        (cast.denise, "status=all&round=2014-1&state=GT", {"GT"}), (cast.denise, "state=GT", set()),
        (cast.denise, "status=accepted", set()),
        (cast.evan, "status=all", set()),
    ):  # fmt: skip
        named = {reports[code].reference for code in wanted}
        assert both(client, user, "reviews/", "review_queue", query) == (named, named), query
    assert keyed(cast.ana).get(f"{ROOT}reviews/?status=all").json()["results"] == []


def test_desks_and_networks(client: Client, cast: Any) -> None:
    here, there = make_desk(cast.authority_cr), make_desk(cast.authority_gt, "Refugio", service="shelter")
    make_network(cast.denise, cast.secretariat)
    for query, wanted in (
        ("", {here, there}),
        ("state=GT", {there}),
        ("service=coordination", {here}),
        ("q=ref", {there}),
    ):
        named = {str(row.public_id) for row in wanted}
        assert both(client, cast.ana, "desks/", "directory_list", query, "id") == (named, named), query
    for query in ("level=regional", "level=national", ""):
        told, shown = both(client, cast.ana, "networks/", "network_list", query, "slug")
        assert told == shown


def test_states(client: Client, cast: Any, open_round: Any) -> None:
    grouping = Grouping.objects.first()
    assert grouping is not None
    GroupingMember.objects.filter(grouping=grouping).delete()
    GroupingMember.objects.create(grouping=grouping, state=State.objects.get(iso2="GT"))
    told = client.get(f"{ROOT}states/?grouping={grouping.slug}").json()["results"]
    shown = client.get(f"{url('state_list')}?grouping={grouping.slug}").context["states"]
    assert [row["iso2"] for row in told] == ["GT"] == [state.iso2 for state in shown]


def test_a_wrong_value_is_told_with_its_name(cast: Any, open_round: Any) -> None:
    reader, told = keyed(cast.denise), {}
    for query in WRONG:
        answer = reader.get(f"{ROOT}{query}")
        assert is_problem(answer, 400), query
        told[query] = {error["pointer"] for error in answer.json()["errors"]}
    assert told == {query: {f"/{query.partition('?')[2].partition('=')[0]}"} for query in WRONG}


def test_a_list_comes_in_the_order_that_it_says_page_by_page(cast: Any) -> None:
    made = [make_sent_request(cast.ana, cast.authority_cr, cast.authority_gt).reference for _ in range(3)]
    client, told, place = keyed(cast.ana), [], f"{ROOT}requests/?page_size=1"
    while place:
        answer = client.get(place).json()
        told += [row["reference"] for row in answer["results"]]
        place = answer["next"]
    assert told == made[::-1]  # the newest first
    codes = [row["iso2"] for row in client.get(f"{ROOT}states/?page_size=200").json()["results"]]
    assert codes == sorted(codes)
