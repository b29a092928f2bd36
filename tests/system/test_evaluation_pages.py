"""The pages around an evaluation as people see them: Meetings, consultation, translation desk, what is published."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from core.i18n import LANGUAGES
from core.models import OutboxMessage
from core.testing import record_proof
from evaluations import services
from evaluations.delivery import pipeline
from evaluations.models import Consultation, Evaluation, Meeting
from tests.factories.evaluations import make_evaluation, publish
from tests.factories.workplan import only_a_few_take_part
from tests.system.axe import found_by_axe
from tests.workplan.pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMMENT = "Costa Rica no comparte la valoración de PRV-02: la campaña llegó a las siete provincias."


@pytest.fixture
def made(cast: Any, settings: Any, tmp_path: Path) -> SimpleNamespace:
    """Two evaluations: of one the States are asked and its texts translated, the other is published."""
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, "of this test"
    only_a_few_take_part()
    asked = make_evaluation(cast, accepted=4, submitted=0, formats=("csv", "json"))
    suggest(asked, cast, "Un registro común de planes nacionales, con sus fechas de vigencia.")
    build(asked, cast)
    consultation = services.open_consultation(
        evaluation=asked, closes_on=timezone.localdate() + timedelta(days=9), actor=cast.denise
    )
    services.save_comments(
        consultation=consultation, state=cast.costa_rica, texts={"PRV": COMMENT}, language="es", seen=0, actor=cast.beto
    )
    published = services.create_evaluation(
        round=asked.round, compared_round=asked.compared_round, symbol="RTP-IV/doc.7/14", original_language="es",
        formats=("csv", "json"), actor=cast.denise,
    )  # fmt: skip
    build(published, cast)
    publish(published, cast)
    return SimpleNamespace(asked=asked, consultation=consultation, published=published)


def suggest(evaluation: Evaluation, cast: Any, text: str) -> None:
    services.save_element(
        evaluation=evaluation, key="N1", seen=0, suggestion="new", text=text, language="es", is_draft=False,
        actor=cast.denise,
    )  # fmt: skip


def build(evaluation: Evaluation, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()


def follow(cast: Any) -> Meeting:
    """A conclusion of the Third Meeting with a word on what became of it."""
    third = Meeting.objects.get(number=3)
    services.follow_up(
        conclusion=third.conclusions.get(number="6"), status="under_way", text="Se envió la convocatoria.",
        language="es", who="Departamento de Seguridad Pública", due_on=date(2014, 12, 4), actor=cast.denise,
    )  # fmt: skip
    return third


def secretariat(made: SimpleNamespace, third: Meeting, language: str) -> list[str]:
    point, key = third.conclusions.get(number="6"), made.asked.public_id
    other = "en" if language == "es" else language  # the texts are Spanish
    return [
        url("register_list", language=language),
        url("register_detail", 3, language=language),
        url("register_edit", 3, language=language),
        url("register_item_edit", 3, "conclusions", point.pk, language=language),
        url("register_follow_up", 3, "6", language=language),
        url("evaluation_consultation", key, language=language),
        url("translation_list", language=language),
        url("translation_desk", key, other, language=language),
        url("translation_edit", key, other, "element:N1", language=language),
    ]


def state(consultation: Consultation, language: str) -> list[str]:
    return [
        url("consultation_list", language=language),
        url("consultation_preview", consultation.public_id, "cr", language=language),
    ]


def public(made: SimpleNamespace, language: str) -> list[str]:
    key = made.published.public_id
    sections = ("executive", "method", "overview", "area-prv", "themes", "annex", "annexes")
    return [
        url("publication_list", language=language),
        url("publication_detail", key, language=language),
        *(url("publication_section", key, section, language=language) for section in sections),
    ]


def look(page: Page, address: str, width: int) -> list[Any]:
    """What is wrong with a page: wider than the screen, or against a rule."""
    response = page.goto(address, wait_until="networkidle")
    assert response is not None
    assert response.status == 200, address
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    found = found_by_axe(page)
    return [*(["wider than the screen"] if wide else []), *((v["id"], v["nodes"][0]["target"]) for v in found)]


def look_at_all(made: SimpleNamespace, cast: Any, browse: Any, width: int, language: str) -> dict[str, list[Any]]:
    third = follow(cast)
    pages = {
        cast.denise: secretariat(made, third, language),
        cast.beto: state(made.consultation, language),
        cast.paula: public(made, language),
    }
    found: dict[str, list[Any]] = {}
    for person, addresses in pages.items():
        page = browse(person, width=width)
        found |= {address: look(page, address, width) for address in addresses}
    return found


def test_pages_around_an_evaluation_are_accessible_and_fit(made: SimpleNamespace, cast: Any, browse: Any) -> None:
    found = look_at_all(made, cast, browse, 320, "fr")
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.full
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_four_languages(made: SimpleNamespace, cast: Any, browse: Any, width: int, language: str) -> None:
    found = look_at_all(made, cast, browse, width, language)
    wrong = {address: findings for address, findings in found.items() if findings}
    record_proof("axe-core, evaluation", language=language, width=width, pages=len(found), violations=len(wrong))
    assert wrong == {}
