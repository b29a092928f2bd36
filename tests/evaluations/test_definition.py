"""What an evaluation is for and of which version of the plan: from the register, frozen, and on its pages."""

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core.exceptions import PortalError
from core.jobs import create_job
from core.models import AuditEvent
from evaluations.delivery.content import Content
from evaluations.delivery.data import write_csv, write_json
from evaluations.delivery.xlsx import sheets
from evaluations.models import Evaluation, FurtherRound, Meeting, Publication, Snapshot
from evaluations.queries.consent import withheld
from evaluations.queries.figures import STATUSES, periods, summarize
from evaluations.queries.snapshot import build_snapshot
from evaluations.serializers import EvaluationSerializer
from evaluations.services import KIND, create_evaluation
from tests.evaluations.test_pages import form_data
from tests.evaluations.test_statistics import content
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import make_round, only_a_few_take_part
from workplan.models import Plan, Round

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


# --- further periods ------------------------------------------------------


@pytest.fixture
def looking_back(cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=5, submitted=1, further=("2012-1", "2011-1"))


def test_database_refuses_periods_that_are_not_earlier_or_chosen_already(looking_back: Evaluation) -> None:
    """Whatever a service would have said."""
    first, last, before = (Round.objects.get(code=code) for code in ("2011-1", "2014-1", "2012-2"))
    later = make_round("2014-2", date(2014, 7, 1), date(2014, 12, 31))
    of_another_plan = make_round("2010-1", date(2010, 1, 1), date(2010, 6, 30))
    plan = Plan.objects.get()
    plan.pk, plan.slug = None, "another"
    plan.save()
    Round.objects.filter(pk=of_another_plan.pk).update(plan=plan)
    for wrong in (first, last, before, later, of_another_plan):
        with pytest.raises(IntegrityError), transaction.atomic():
            FurtherRound.objects.create(evaluation=looking_back, round=wrong)
    for wrong in (first, later, last, of_another_plan):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evaluation.objects.filter(pk=looking_back.pk).update(compared_round=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=looking_back.pk).update(compared_round=None, round=first)
    assert [each.code for each in looking_back.further_rounds.order_by("period_start")] == ["2011-1", "2012-1"]


def test_definition_with_further_periods_by_its_form(looking_back: Evaluation, client: Client, cast: Any) -> None:
    """Ticked in any order, told in that of time: on the page, to a key, in the trail."""
    data = form_data(looking_back, further_rounds=["2012-1", "2011-1"])
    client.force_login(cast.denise)
    assert client.post(reverse("evaluation_new"), data).status_code == 302
    made = Evaluation.objects.get(symbol=data["symbol"])
    page = client.get(made.get_absolute_url()).content.decode()
    assert "2011-1, 2012-1" in page
    assert EvaluationSerializer(made).data["further_rounds"] == ["2011-1", "2012-1"]
    assert AuditEvent.objects.filter(verb="evaluation.created").latest("pk").data["further_rounds"] == "2011-1, 2012-1"


def test_service_refuses_further_periods_that_are_not_earlier(looking_back: Evaluation, cast: Any) -> None:
    for wrong in (looking_back.round, looking_back.compared_round):
        with pytest.raises(PortalError, match="Further periods are earlier ones"):
            create_evaluation(
                round=looking_back.round, compared_round=looking_back.compared_round, symbol="RTP-IV/doc.9/14",
                original_language="es", actor=cast.denise, further_rounds=[wrong],
            )  # fmt: skip


def test_further_periods_are_counts_alone(looking_back: Evaluation) -> None:
    """Frozen is how many answered what, and of nobody who; without them the data say the same of the two others."""
    data = build_snapshot(looking_back)
    assert [round_["code"] for round_ in data["further_rounds"]] == ["2011-1", "2012-1"]
    assert not {"reports", "ratings"} & data["further_rounds"][0].keys()
    codes = {state["iso2"] for state in data["states"]}
    assert not codes & set(json.dumps(data["further_rounds"]).replace('"', " ").split())
    assert withheld(data) == withheld({**data, "further_rounds": []})  # no consent is asked for what names nobody
    found = {row.code: row for row in periods(data)}
    assert list(found) == ["2011-1", "2012-1", "2012-2", "2014-1"]
    overall = summarize(data).overall
    assert found["2014-1"].rows[""].distribution == overall.distribution
    assert overall.change is not None
    assert found["2012-2"].rows[""].distribution == overall.change.before


def test_older_data_know_of_no_further_periods(looking_back: Evaluation) -> None:
    """They are read and written anew as before: without the tables, and without a word of other periods."""
    made = content(looking_back)
    table, shown = "answers on the scale, by period", looking_back.further_rounds.get(code="2011-1")
    with override("en"):
        assert table in render_to_string(made.template, {"c": made, "language": "en"})
        assert shown.code in json.dumps(json.loads(write_json(made))["by_period"])
    del made.data["further_rounds"]
    older = Content(looking_back, made.snapshot, summarize(made.data), "en")
    with override("en"):
        page = render_to_string(older.template, {"c": older, "language": "en"})
        assert table not in page
        assert shown.code not in page
        assert json.loads(write_json(older))["by_period"] == []
        assert shown.code not in write_csv(older).decode()
        sheet = next(sheet for sheet in sheets(older) if sheet.name == "By period")
        assert list(sheet.rows) == []


def test_csv_counts_states_in_every_period(looking_back: Evaluation) -> None:
    """The sum of its last column is a distribution: of States by name, and of how many where no name is kept."""
    made = content(looking_back)
    with override("en"):
        rows = list(csv.reader(io.StringIO(write_csv(made).decode("utf-8-sig"))))[1:]
    for period in made.summary.periods:
        for code, counted in period.rows.items():
            summed = dict.fromkeys(STATUSES, 0)
            for row in rows:
                if (row[0], row[3]) == (period.code, code):
                    summed[row[6]] += int(row[8])
            assert code not in made.activities or summed == counted.distribution.counts
    assert {row[1] for row in rows if row[0] == "2011-1"} == {""}
