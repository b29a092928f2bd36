"""Plans and treaties in an evaluation: frozen as entered, in force by their days at the end of the period."""

import json
from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from accounts.models import State
from evaluations.delivery import data as plain
from evaluations.delivery import xlsx
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.preview import own_data
from evaluations.queries.snapshot import build_snapshot
from networks.management.commands.load_networks import load_instruments
from networks.models import InstrumentAct, LegalInstrument, NationalPlan
from tests.evaluations.test_documents import CUTOFF
from tests.factories.evaluations import make_evaluation

pytestmark = pytest.mark.django_db
END = date(2014, 6, 30)  # of the period
AFTER = date(2014, 7, 1)


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    """Plans on both sides of the two boundary days; a treaty ratified on the last day, and one day later."""
    load_instruments()
    days = {"CR": (date(2010, 1, 1), END), "GT": (END, None), "HN": (AFTER, None), "MX": (date(2010, 1, 1), None)}
    for iso2, (first, last) in days.items():
        plan(iso2, first, last)
    NationalPlan.objects.filter(state__iso2="MX").update(removed_at=CUTOFF)
    plan("PA", date(2009, 1, 1), date(2014, 6, 29))
    treaty = LegalInstrument.objects.get(code="UNTOC-P")
    for iso2, day in (("CR", END), ("GT", AFTER)):
        InstrumentAct.objects.create(
            state=State.objects.get(iso2=iso2), instrument=treaty, act="ratified", done_on=day, source="UNTS"
        )
    return make_evaluation(cast, accepted=3, submitted=1)


def plan(iso2: str, first: date, last: date | None) -> None:
    texts = {"title": f"Plan {iso2}", "language": "es", "adopted_by": "Ley", "source": "Gaceta"}
    state = State.objects.get(iso2=iso2)
    NationalPlan.objects.create(state=state, valid_from=first, valid_to=last, **texts)


def content_of(evaluation: Evaluation, data: Any) -> Content:
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    return Content(evaluation, snapshot, summarize(data), "en")


def test_in_force_on_the_last_day_of_the_period(evaluation: Evaluation) -> None:
    data = build_snapshot(evaluation)
    with override("en"):
        content = content_of(evaluation, data)
        standing = {p["title"]: p["standing"] for row in content.law_plans for p in row["plans"]}
        told = {s.query.arguments[-1][1]: s.figures["n"] for s in content.told_at("institutions") if s.query.function in
                {"plans", "bound"}}  # fmt: skip
        page = render_to_string("evaluations/document/law.html", {"c": content})
        book = [row for sheet in xlsx.sheets(content) if sheet.name == "National plans" for row in sheet.rows]
        frozen = json.loads(plain.write_json(content))["law"]
    assert standing == {
        "Plan CR": "In force", "Plan GT": "In force", "Plan HN": "Not yet in force", "Plan PA": "Expired",
    }  # fmt: skip
    assert told["in_force"] == 2
    assert (told["expired"], told["none"], told["UNTOC-P"], told["C182"]) == (1, 34 - 4, 1, 0)
    assert "Ratified, 30 June 2014" in page
    assert page.count("No plan registered") == 34 - 4
    assert ("Costa Rica", "Plan CR", date(2010, 1, 1), END) in {tuple(row[:4]) for row in book}
    assert (frozen["on"], len(frozen["acts"])) == ("2014-06-30", 1)


def test_a_paper_knows_its_state_alone_and_older_data_say_so(evaluation: Evaluation) -> None:
    data = build_snapshot(evaluation)
    own = own_data(data, "CR")["sections"]["law"]
    assert [row["state"] for part in ("plans", "acts") for row in own[part]] == ["CR", "CR"]
    older = {**data, "sections": {name: part for name, part in data["sections"].items() if name != "law"}}
    assert "law" not in own_data(older, "CR")["sections"]
    with override("en"):
        content = content_of(evaluation, older)
        page = render_to_string("evaluations/document/law.html", {"c": content})
        assert "frozen before the portal kept a register" in page
        assert "plans" not in {s.query.function for s in content.sentences}
        assert xlsx.sheets(content)
        assert json.loads(plain.write_json(content))["law"] is None
