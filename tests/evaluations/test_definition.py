"""What an evaluation is for and of which version of the plan: from the register, frozen, and on its pages."""

from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core.jobs import create_job
from evaluations.models import Evaluation, Meeting, Publication, Snapshot
from evaluations.services import KIND
from tests.evaluations.test_statistics import content
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part

pytestmark = pytest.mark.django_db
PLACE, DAYS = "Port of this test", {"starts_on": date(2014, 12, 9), "ends_on": date(2014, 12, 10)}


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=2, submitted=1)


def cover(evaluation: Evaluation) -> str:
    with override("en"):
        return render_to_string("evaluations/document/cover.html", {"c": content(evaluation)})


def test_cover_takes_the_meeting_from_the_register(evaluation: Evaluation) -> None:
    assert evaluation.meeting == Meeting.objects.get(number=4)
    assert "Fourth Meeting of National Authorities" in cover(evaluation)
    Meeting.objects.filter(number=4).update(place_en=PLACE, **DAYS)
    evaluation.refresh_from_db()
    assert f"9 December 2014 to 10 December 2014, {PLACE}" in cover(evaluation)
    Evaluation.objects.filter(pk=evaluation.pk).update(meeting=Meeting.objects.get(number=3))
    evaluation.refresh_from_db()
    assert f"Summary for this Meeting: {Meeting.objects.get(number=3).title_en}" in cover(evaluation)


def test_data_without_a_meeting_say_so(evaluation: Evaluation) -> None:
    made = content(evaluation)
    del made.data["meeting"]
    with override("en"):
        page = render_to_string("evaluations/document/cover.html", {"c": made})
    assert "do not hold the Meeting’s place and days" in page


def test_meeting_lists_its_published_evaluation(evaluation: Evaluation, cast: Any, client: Client) -> None:
    address, made = reverse("register_detail", args=[4]), content(evaluation)
    assert evaluation.symbol not in client.get(address).content.decode()
    snapshot = _stored(evaluation, made.snapshot, cast)
    Publication.objects.create(
        evaluation=evaluation, snapshot=snapshot, generated_by=cast.denise, published_by=cast.didier
    )
    assert evaluation.symbol in client.get(address).content.decode()
    assert evaluation.symbol not in client.get(reverse("register_detail", args=[3])).content.decode()


def _stored(evaluation: Evaluation, snapshot: Snapshot, cast: Any) -> Snapshot:
    snapshot.job = create_job(kind=KIND, actor=cast.denise)
    snapshot.save()
    return snapshot


def test_version_of_the_plan_is_shown(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    catalogue = evaluation.round.catalogue
    for name, arguments in (("evaluation_new", []), ("evaluation_detail", [evaluation.public_id])):
        page = client.get(reverse(name, args=arguments)).content.decode()
        assert catalogue.sha256[:8] in page, name
