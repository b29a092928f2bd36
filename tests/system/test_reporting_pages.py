"""The reporting and review pages in a real browser: axe, narrow screens, the security policy, and no JavaScript."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from core.testing import record_proof
from tests.factories.workplan import answer, make_open_round
from tests.system.axe import found_by_axe, share
from tests.workplan.pages import sent, url
from workplan import services
from workplan.models import Question, Report

CR = "CR-2014-1"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(cast: Any) -> Any:
    """Every page has something to show: answers, actions, a period before, questions, changes."""
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    make_open_round(cast)
    action = services.ActionData("campaign", "Semana nacional", date(2014, 3, 3), date(2014, 3, 7), "Limón")
    counted = {"women": 0, "men": "not_applicable", "odd": "Escuela nueva."}
    course = services.ActionData("training", "Curso", date(2014, 3, 3), details=counted)
    level = {"education_level": "isced_4", "participants": "no_data"}
    lesson = services.ActionData("virtual_education", "Lección", date(2014, 3, 3), details=level)
    for reference, writer in ((CR, cast.ana), ("GT-2014-1", cast.carla)):
        entries = Report.objects.get(reference=reference).entries
        told = {"results": "Seis.", "obstacle_kinds": ["legal"], "actions": [action, course, lesson]}
        answer(entries.get(activity__code="PRV-01"), writer, **told)
        answer(entries.get(activity__code="PRV-02"), writer, status="not_applicable", reason="No hay costa.")
    services.send_to_coordinator(report=Report.objects.get(reference="CR-2013-2"), actor=cast.ana)
    guatemala = sent(Report.objects.get(reference="GT-2014-1"), cast.carla, cast.ciro)
    cast.question = services.ask_question(
        report=guatemala,
        activity=guatemala.entries.all()[0].activity,
        field="results",
        text="How many?",
        actor=cast.denise,
    )
    services.return_report(report=guatemala, actor=cast.denise, note="One number is missing.")
    services.answer_question(question=cast.question, text="Seis.", actor=cast.carla)
    answer(guatemala.entries.get(activity__code="PRV-01"), cast.carla, narrative="Otra vez.")
    sent(guatemala, cast.carla, cast.ciro)
    again = services.ask_question(
        report=guatemala,
        activity=guatemala.entries.all()[1].activity,
        field="status",
        text="Why?",
        actor=cast.denise,
    )
    cast.open_question = again
    return cast


def press(page: Page, selector: str) -> None:
    """Press a button that leads to another page, or to this one again, and wait for it."""
    with page.expect_navigation():
        page.click(selector)


def go(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.click(selector)


def with_errors(page: Page) -> None:
    page.check("#id_completed_0")
    page.fill("#id_results", "x" * 2001)
    press(page, "button[value=continue]")


def in_conflict(page: Page) -> None:
    """Beto saves the entry that Ana has open."""
    entry = Report.objects.get(reference=CR).entries.get(activity__code="PRV-04")
    answer(entry, User.objects.get(full_name="Beto"), narrative="Guardado antes.")
    page.fill("#id_narrative", "Escrito después.")
    press(page, "button[value=continue]")
    expect(page.locator(".portal-versus")).not_to_have_count(0)


def wrong_rating(page: Page) -> None:
    page.locator("details.portal-review-part", has=page.locator("#id_rate-PRV-01-status")).locator("summary").click()
    page.select_option("#id_rate-PRV-01-status", "planned")
    press(page, "button[value=accept]")


def without_declaration(page: Page) -> None:
    press(page, "button[value=approve]")


# Person, page, its arguments, and what is done before it is examined.
PAGES: list[tuple[str, str, list[Any], Callable[[Page], None] | None]] = [
    ("beto", "home", [], None),
    ("paula", "home", [], None),
    ("ana", "report_list", [], None),
    ("ana", "report_detail", [CR], None),
    ("ana", "entry_edit", [CR, "PRV-01"], None),
    ("ana", "entry_edit", [CR, "PRV-03"], with_errors),
    ("ana", "entry_edit", [CR, "PRV-04"], in_conflict),
    ("bruno", "entry_edit", [CR, "PRV-01"], None),
    ("ana", "report_check", [CR], None),
    ("beto", "report_approve", ["CR-2013-2"], without_declaration),
    ("ciro", "report_sent", ["GT-2014-1"], None),
    ("ciro", "report_detail", ["GT-2014-1"], None),
    ("ciro", "report_history", ["GT-2014-1"], None),
    ("ciro", "report_version", ["GT-2014-1", 2], None),
    ("ciro", "report_versions", ["GT-2014-1"], None),
    ("ciro", "report_compare", ["GT-2014-1"], None),
    ("denise", "review_queue", [], None),
    ("denise", "review_detail", ["GT-2014-1"], wrong_rating),
]


def examine(page: Page, width: int) -> list[str]:
    found = found_by_axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    faults = [f"{page.url} {item['id']}: {item['nodes'][0]['html'][:160]}" for item in found]
    return faults + ([f"{page.url}: {wide} pixels wide in a window of {width}"] if wide > width else [])


def examine_all(scene: Any, browse: Callable[..., Page], language: str, width: int) -> list[str]:
    people: dict[str, Page] = {}
    faults: list[str] = []
    answering = ("ciro", "question_answer", ["GT-2014-1", scene.open_question.public_id], None)
    pages = share([*PAGES, answering], width)
    for person, name, arguments, act in pages:
        page = people.get(person) or browse(getattr(scene, person), width=width)
        people[person] = page
        page.goto(url(name, *arguments, language=language))
        expect(page.locator("h1")).to_have_count(1)
        if act is not None:
            act(page)
        faults += examine(page, width)
    record_proof("axe-core, reporting pages", language=language, width=width, pages=len(pages), violations=len(faults))
    return faults


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("es", 1280),
        ("fr", 320),
        pytest.param("es", 320, marks=pytest.mark.full),
        pytest.param("fr", 1280, marks=pytest.mark.full),
    ],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    scene: Any, browse: Callable[..., Page], language: str, width: int
) -> None:
    assert examine_all(scene, browse, language, width) == []


def test_errors_take_the_focus_and_lead_to_their_field(scene: Any, browse: Callable[..., Page]) -> None:
    page = browse(scene.ana)
    page.goto(url("entry_edit", CR, "PRV-03"))
    with_errors(page)
    assert page.title().startswith("Error: ")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.click(".govuk-error-summary a[href='#id_results']")
    expect(page.locator("#id_results")).to_be_focused()
    expect(page.locator("#id_results")).to_have_value("x" * 2001)


@pytest.mark.parametrize("script", [True, False])
def test_from_the_first_answer_to_acceptance(cast: Any, browse: Callable[..., Page], script: bool) -> None:
    """The whole way, as three people walk it, with and without JavaScript."""
    make_open_round(cast)
    ana, beto, denise = (browse(person, script=script) for person in (cast.ana, cast.beto, cast.denise))

    ana.goto(url("home"))
    go(ana, "main .portal-due a")
    go(ana, "main a:has-text('PRV-01')")
    ana.check("input[name=status][value=partial]")
    ana.fill("#id_narrative", "Se hicieron seis campañas.\n\nEn dos provincias.")
    ana.click("summary:has-text('Add action 1')")
    ana.select_option("#id_actions-0-kind", "campaign")
    ana.fill("#id_actions-0-title", "Semana nacional")
    for box, text in enumerate(("3", "March", "2014")):
        ana.fill(f"#id_actions-0-starts_on_{box}", text)
    ana.check("#id_completed_0")
    go(ana, "button[value=continue]")
    expect(ana.locator("h1")).to_contain_text("PRV-02")
    go(ana, "a.portal-back")
    expect(ana.locator(".portal-ready")).to_contain_text("1 of ")
    go(ana, "main a[role=button]")
    go(ana, "main form button[type=submit]")
    expect(ana.locator(".portal-strip--success")).to_contain_text("Sent to the coordinator")

    beto.goto(url("home"))
    go(beto, "main a:has-text('to approve')")
    beto.check("#id_declaration")
    go(beto, "button[value=approve]")
    expect(beto.locator(".govuk-panel")).to_contain_text(CR)

    denise.goto(url("review_queue"))
    go(denise, "main a:has-text('Costa Rica')")
    denise.click("summary:has-text('Ask about PRV-01')")
    denise.fill("#id_ask-PRV-01-text", "How many people were reached?")
    go(denise, "button[value='ask:PRV-01']")
    go(denise, "button[value=return]")
    expect(denise.locator(".portal-strip--success")).to_contain_text("went back")

    ana.goto(url("home"))
    go(ana, "main a:has-text('question to answer')")
    go(ana, ".portal-question a >> nth=0")
    ana.fill("#id_text", "Cuatro mil.")
    go(ana, "main form button[type=submit]")
    go(ana, "main a[role=button]")
    go(ana, "main form button[type=submit]")
    beto.goto(url("report_approve", CR))
    beto.check("#id_declaration")
    go(beto, "button[value=approve]")

    denise.goto(url("review_detail", CR))
    go(denise, f"button[value='resolve:{Question.objects.get().public_id}']")
    go(denise, "button[value=accept]")
    expect(denise.locator(".portal-strip--success")).to_contain_text("is accepted")
    report = Report.objects.get(reference=CR)
    assert (report.status, report.accepted_version.number) == ("accepted", 2)
    entry = report.accepted_version.content["entries"][0]
    assert (entry["narrative"], entry["actions"][0]["starts_on"]) == (
        "Se hicieron seis campañas.\n\nEn dos provincias.",
        "2014-03-03",
    )
