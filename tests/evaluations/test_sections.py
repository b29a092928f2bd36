"""What stands beside the reports: published contributions with replies, networks by level, and honest blanks."""

from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import Institution, State
from contributions.models import Contribution
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.sections import PROVIDERS, build_sections
from evaluations.queries.snapshot import build_snapshot
from networks.models import Network
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
