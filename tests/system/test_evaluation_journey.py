"""Journey f: the evaluation for the Meeting, from the list to its files, with and without JavaScript."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import OutboxMessage
from core.testing import record_proof
from evaluations.delivery import pipeline
from evaluations.enums import today
from evaluations.models import Consultation, Document, Evaluation, StatePaper
from evaluations.services import request_build
from tests.factories.evaluations import make_evaluation, show_reports
from tests.factories.workplan import only_a_few_take_part
from tests.system.axe import found_by_axe, share
from tests.system.test_import_journey import Walk
from tests.workplan.pages import url

COMMENT = "En el segundo semestre se aprobó el reglamento."
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def build(evaluation: Evaluation) -> None:
    """What a worker does with the message; the worker itself is in tests/evaluations/test_kill.py."""
    pipeline.build(OutboxMessage.objects.get(job=evaluation.job), str(evaluation.public_id))


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.full)])
def test_journey_f(cast: Any, browse: Any, settings: Any, tmp_path: Path, script: bool) -> None:
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, "of this test"
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    walk = Walk(browse(cast.denise, script=script), url("evaluation_list", language="es"))
    walk.go(f"a[href='{url('evaluation_new', language='es')}']")
    walk.page.fill("#id_symbol", "RTP-IV/doc.9/14")
    walk.go("main form button[type=submit]")
    expect(walk.page.locator("table")).to_have_count(1)  # the check before generating
    walk.go("form[action$='/build/'] button")
    evaluation = Evaluation.objects.get(symbol="RTP-IV/doc.9/14")
    assert f"/jobs/{evaluation.job.public_id}/" in walk.page.url  # type: ignore[union-attr]
    build(evaluation)  # the page sees it by itself, without JavaScript at its next five seconds
    link = walk.page.locator("a[href$='/es.xlsx']")
    expect(link).to_have_count(1, timeout=15_000)
    walk.download("a[href$='/es.xlsx']", tmp_path)
    assert Document.objects.current().filter(snapshot__evaluation=evaluation).count() == 16
    assert StatePaper.objects.current().filter(snapshot__evaluation=evaluation).count() == 5 * 4
    if script:
        record_proof("journey_f", pages=walk.pages, clicks=walk.clicks)
    assert (walk.pages, walk.clicks) == (4, 4)


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.full)])
def test_the_rest_of_journey_f(cast: Any, browse: Any, settings: Any, tmp_path: Path, script: bool) -> None:
    """From the files to the public: the State's own part, its comment, the documents again, the second person."""
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    evaluation = make_evaluation(cast, accepted=3, submitted=1, formats=("csv", "docx"), languages=("es",))
    request_build(evaluation=evaluation, actor=cast.denise)
    build(Evaluation.objects.get(pk=evaluation.pk))
    detail = url("evaluation_detail", evaluation.public_id, language="es")
    denise = Walk(browse(cast.denise, script=script), detail)
    denise.go("a[href$='/consultation/']")
    day = today() + timedelta(days=14)
    for part, value in zip("012", (day.day, day.month, day.year), strict=True):
        denise.page.fill(f"[name=closes_on_{part}]", str(value))
    denise.go("main form button[type=submit]")
    beto = Walk(browse(cast.beto, script=script), url("consultation_list", language="es"))
    beto.go("main li a")
    assert "Argentina" not in beto.page.inner_text("main")  # its own part alone
    beto.page.fill("[name=text_]", COMMENT)
    beto.go("main form button[type=submit]")
    Consultation.objects.update(closes_on=today() - timedelta(days=1))  # the fortnight has passed
    denise.page.goto(detail)
    denise.go("form[action$='/build/'] button")
    build(Evaluation.objects.get(pk=evaluation.pk))
    expect(denise.page.locator("a[href$='/es.docx']")).to_have_count(1, timeout=15_000)
    didier = Walk(browse(cast.didier, script=script), detail)
    didier.go("form[action$='/publish/'] button")
    show_reports(cast)
    anybody = browse(None, script=script)
    anybody.goto(url("publication_list", language="es"))
    anybody.click("main a[href*='/publications/']")
    anybody.click("main a[href$='/annexes/']")
    expect(anybody.locator("main")).to_contain_text(COMMENT)
    record_proof(
        "journey_f_published", script=script,
        pages=[walk.pages for walk in (denise, beto, didier)], clicks=[walk.clicks for walk in (denise, beto, didier)],
    )  # fmt: skip


@pytest.mark.parametrize(("width", "language"), [(1280, "es"), (320, "fr")])
def test_the_pages_of_evaluations_are_accessible_and_fit(
    cast: Any, browse: Any, settings: Any, tmp_path: Path, width: int, language: str
) -> None:
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, "of this test"
    evaluation = make_evaluation(cast, accepted=3, submitted=1, formats=("csv",))
    code = evaluation.round.catalogue.activities.earliest("position").code
    key = evaluation.public_id
    addresses = [
        url("evaluation_new", language=language),
        url("evaluation_preflight", key, language=language),
        url("evaluation_exclude", key, "ve", language=language),
        url("evaluation_detail", key, language=language),
        url("element_list", key, language=language),
        url("element_edit", key, code, language=language),
        url("publication_list", language=language),
    ]
    page: Page = browse(cast.denise, width=width)
    found = {}
    for address in share(addresses, width):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        answer = found_by_axe(page)
        found[address] = [(v["id"], [node["target"] for node in v["nodes"]]) for v in answer]
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
