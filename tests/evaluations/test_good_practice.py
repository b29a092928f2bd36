"""Good practice in the States' own words: frozen from accepted reports and quoted in its area."""

import copy
import io
import json
import random
from typing import Any

import openpyxl
import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from evaluations.delivery import xlsx
from evaluations.delivery.content import Content, Paper, paper_of
from evaluations.delivery.data import write_json
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.consulted import _part
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.evaluations.test_documents import CUTOFF
from tests.factories.contributions import make_accreditation, make_at
from tests.factories.evaluations import accept, make_evaluation
from tests.factories.workplan import only_a_few_take_part
from workplan.models import ReportEntry, Round

pytestmark = pytest.mark.django_db
KEY, TEXT = "practice:GT:PRV-01", "Una ventanilla.\n\nUn formulario."
NONE = "No State described a good practice in this area in this period."


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    """Guatemala's accepted report describes one; Haiti's is described in a report that nobody sent."""
    only_a_few_take_part()
    made = make_evaluation(cast, accepted=3, submitted=0)
    entries = ReportEntry.objects.filter(report__round=made.round, activity__code="PRV-01")
    entries.filter(report__state__iso2__in=["GT", "HT"]).update(good_practice=TEXT, language="es")
    accept(entries.get(report__state__iso2="GT").report, cast, random.Random(1))
    return made


def content_of(evaluation: Evaluation, data: dict[str, Any], language: str = "en") -> Content:
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    return Content(evaluation, snapshot, summarize(data), language)


def told(content: Content, area: str = "PRV", **context: Any) -> str:
    chapter = next(chapter for chapter in content.chapters if chapter.key == area)
    names = {"c": content, "chapter": chapter, "area": chapter.area, "number": 6, **context}
    return str(render_to_string("evaluations/document/area.html", names))


def test_the_documents_quote_it_whatever_its_rating(evaluation: Evaluation) -> None:
    data = build_snapshot(evaluation)
    assert data["practice"] == {"GT": {"PRV-01": {"text": TEXT, "language": "es"}}}
    data["translations"] = {"en": {KEY: "One window."}}
    with override("en"):
        content = content_of(evaluation, data)
        html, other = told(content), told(content, "PRO")
        rows = list(openpyxl.load_workbook(io.BytesIO(xlsx.write(content)))["Good practice"].values)
        texts = {row["key"]: row for row in json.loads(write_json(content))["texts"]}
    assert "Guatemala, PRV-01. Original: Spanish" in html
    assert f'<blockquote lang="es">{TEXT}</blockquote>' in html
    assert "<blockquote>One window.</blockquote>" in html
    assert (NONE in html, NONE in other) == (False, True)
    said = ("Guatemala", "PRV-01", None, "Español", TEXT, "Translated from Spanish (reviewed)", "One window.")
    assert rows[1:] == [said]
    assert (texts[KEY]["kind"], texts[KEY]["text"]) == ("practice", TEXT)


def test_it_is_the_states_own_and_no_other_States(evaluation: Evaluation) -> None:
    data = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    with override("es"):
        papers: list[Paper] = [paper_of(evaluation, snapshot, iso2, "es") for iso2 in ("CR", "GT")]
    assert [[quote.words.text for part in paper.parts for quote in part.block.practice] for paper in papers] == [
        [], [TEXT],
    ]  # fmt: skip


def test_data_of_before_say_that_they_hold_none(evaluation: Evaluation) -> None:
    data = build_snapshot(evaluation)
    del data["practice"]
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    with override("en"):
        content = content_of(evaluation, data)
        html = told(content)
        assert xlsx.write(content)
        assert paper_of(evaluation, snapshot, "GT", "en").parts
    assert "were frozen before States were asked for good practice" in html
    assert (NONE in html, TEXT in html) == (False, False)


def test_contributions_of_the_kind_are_referred_to_and_change_no_States_part(evaluation: Evaluation, cast: Any) -> None:
    make_accreditation(cast.paula.role_assignments.get().institution, cast)
    about = {"visibility": "public", "activities": list(evaluation.round.catalogue.activities.filter(code="PRV-02"))}
    shown, other = (
        make_at("accepted", cast, evaluation.round, kind=kind, **about) for kind in ("good_practice", "data")
    )
    Round.objects.filter(pk=evaluation.round_id).update(status="closed", closed_at=CUTOFF)
    data = build_snapshot(evaluation)
    before = copy.deepcopy(data)  # as it was frozen before States were asked
    del before["practice"]
    for row in before["sections"]["contributions"]["contributions"]:
        del row["kind"], row["activities"]
    assert [_part(data, iso2) == _part(before, iso2) for iso2 in ("CR", "GT")] == [True, False]
    with override("en"):
        content = content_of(evaluation, data)
        html, elsewhere = told(content, contributions_url="/pages/contributions/"), told(content, "PRO")
    assert f'href="/pages/contributions/#contribution-{shown.reference}">{shown.reference}</a>' in html
    assert "(PRV-02)" in html
    assert (other.reference in html, shown.reference in elsewhere) == (False, False)
