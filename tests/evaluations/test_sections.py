"""What stands beside the reports: published contributions with replies, networks by level, and honest blanks."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Institution, State
from contributions.models import Contribution
from evaluations.delivery.content import Content
from evaluations.enums import CLOCK
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.sections import PROVIDERS, build_sections
from evaluations.queries.snapshot import build_snapshot
from networks.models import AssistanceItem, AssistanceMatch, Network, Seat
from tests.evaluations.test_documents import CUTOFF
from tests.factories.contributions import TEXT, make_accreditation, make_at
from tests.factories.evaluations import make_evaluation
from workplan.models import Round

pytestmark = pytest.mark.django_db


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    return make_evaluation(cast, accepted=3, submitted=1)


def test_empty_portal_has_nothing_to_tell_and_says_so(evaluation: Evaluation) -> None:
    Institution.objects.update(confidence="background")
    assert build_sections(evaluation) == dict.fromkeys(PROVIDERS)


def test_networks_inside_a_state_are_counted_and_not_named(evaluation: Evaluation, cast: Any) -> None:
    for slug, level in (("uno", "national"), ("dos", "regional"), ("tres", "regional")):
        Network.objects.create(slug=slug, level=level, name_es=f"Red {slug}", is_listed=True, created_by=cast.denise)
    Network.objects.create(slug="closed", level="regional", name_es="Cerrada", created_by=cast.denise)
    found = build_sections(evaluation)["networks"]
    assert found is not None
    assert found["counts"] == {"local": 0, "national": 1, "regional": 2, "continental": 0}
    assert [row["name"]["fr"] for row in found["networks"]] == ["Red dos", "Red tres"]


LAST = date(2014, 6, 30)  # of the period
NEXT = LAST + timedelta(days=1)


def test_seats_are_those_of_the_last_day_of_the_period(evaluation: Evaluation, cast: Any) -> None:
    network = Network.objects.create(
        slug="uno", level="regional", name_es="Red uno", is_listed=True, created_by=cast.denise
    )
    days = [(None, None), (LAST, None), (NEXT, None), (None, LAST), (None, LAST - timedelta(days=1))]
    states = State.objects.participating().order_by("iso2").distinct()
    Seat.objects.bulk_create(
        Seat(network=network, state=state, valid_from=first, valid_to=last)
        for state, (first, last) in zip(states, days, strict=False)
    )
    Seat.objects.filter(valid_to=LAST).update(left_at=timezone.now())  # out by now, and not on that day
    found = build_sections(evaluation)["networks"]
    assert found is not None
    assert found["networks"][0]["seats"] == 3


def test_needs_are_those_open_on_the_last_day_of_the_period(evaluation: Evaluation, cast: Any) -> None:
    body = Institution.objects.filter(state__iso2="CR").earliest("pk")
    evening = datetime.combine(LAST, time(23, 59), CLOCK)
    morning = datetime.combine(NEXT, time.min, CLOCK)
    moments = [(evening, None), (morning, None), (evening, LAST), (evening, NEXT)]
    items = [
        AssistanceItem.objects.create(
            side=side, topic="law", institution=body, title=str(number), text="x", language="es", at=at,
            closed_on=closed, by=cast.ana, by_institution=body,
        )
        for side in ("need", "offer")
        for number, (at, closed) in enumerate(moments)
    ]  # fmt: skip
    for number, decided in enumerate((evening, morning)):
        AssistanceMatch.objects.create(
            need=items[0], offer=items[4 + 3 * number], status="agreed", decided_at=decided, proposed_by=cast.ana,
            proposed_side="need",
        )  # fmt: skip
    found = build_sections(evaluation)["assistance"]
    assert found is not None
    row = next(topic for topic in found["topics"] if topic["need_count"])
    assert (row["need_count"], row["offer_count"], row["matched"]) == (2, 2, 1)
    Evaluation.objects.filter(pk=evaluation.pk).update(states=["GT"])
    evaluation.refresh_from_db()
    assert build_sections(evaluation)["assistance"] is None


def content(evaluation: Evaluation) -> Content:
    data = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    return Content(evaluation, snapshot, summarize(data), "en")


def test_only_published_contributions_are_quoted(evaluation: Evaluation, cast: Any) -> None:
    make_accreditation(cast.paula.role_assignments.get().institution, cast)
    shown = make_at("accepted", cast, evaluation.round, visibility="public")
    make_at("accepted", cast, evaluation.round, visibility="state", title="Solo para los Estados")
    make_at("received", cast, evaluation.round, visibility="public", title="En estudio")
    Round.objects.filter(pk=evaluation.round_id).update(status="closed", closed_at=CUTOFF)
    found = build_sections(evaluation)["contributions"]
    assert found is not None
    assert [(row["reference"], row["text"]) for row in found["contributions"]] == [(shown.reference, TEXT)]
    assert found["closed"] == 1
    with override("en"):
        told = [sentence.text for sentence in content(evaluation).told_at("contributions")]
        states = content(evaluation).contributions[0]["states"]
    assert told == ["1 contribution is published here.", "1 other contribution was accepted and is not public."]
    assert states == [State.objects.get(iso2="CR").name_en]
    Evaluation.objects.filter(pk=evaluation.pk).update(with_contributions=False)
    evaluation.refresh_from_db()
    assert build_sections(evaluation)["contributions"] is None
    assert Contribution.objects.count() == 3
