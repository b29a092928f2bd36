"""Journey a in Chromium: one activity reported, approved, reviewed, returned, answered, accepted.

A page counts when it is shown, the first one too; a click is a link, a button or an "Add" that unfolds.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.testing import record_proof
from tests.factories.workplan import make_open_round
from tests.workplan.pages import url
from workplan.models import Question, Report

CR = "CR-2014-1"
# Pages and clicks of one person for their part (design: a trained user, typing not counted).
BUDGET = {"focal_point": (4, 6), "coordinator": (2, 2), "secretariat": (3, 4)}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Walk:
    def __init__(self, page: Page, start: str) -> None:
        self.page, self.pages, self.clicks = page, 1, 0
        page.goto(start)

    def go(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)
        self.pages += 1
        self.clicks += 1

    def unfold(self, selector: str) -> None:
        self.page.click(selector)
        self.clicks += 1

    @property
    def counts(self) -> tuple[int, int]:
        return self.pages, self.clicks


def report_one_activity(page: Page) -> Walk:
    walk = Walk(page, url("home"))
    walk.go("main .portal-due a")
    walk.go("main a:has-text('PRV-01')")
    page.check("input[name=status][value=partial]")
    page.fill("#id_narrative", "Se hicieron seis campañas.")
    walk.unfold("summary:has-text('Add action 1')")
    page.select_option("#id_actions-0-kind", "campaign")
    page.fill("#id_actions-0-title", "Semana nacional")
    for box, text in enumerate(("3", "3", "2014")):
        page.fill(f"#id_actions-0-starts_on_{box}", text)
    page.check("#id_completed_0")
    walk.go("button[value=continue]")
    expect(page.locator("h1")).to_contain_text("PRV-02")
    return walk


def send(page: Page) -> Walk:
    walk = Walk(page, url("report_detail", CR))
    walk.go("main a[role=button]")
    walk.go("main form button[type=submit]")
    expect(page.locator(".portal-strip--success")).to_contain_text("Sent to the coordinator")
    return walk


def approve(page: Page) -> Walk:
    """From the link in the mail."""
    walk = Walk(page, url("report_approve", CR))
    walk.clicks += 1
    page.check("#id_declaration")
    walk.go("button[value=approve]")
    expect(page.locator(".govuk-panel")).to_contain_text(CR)
    return walk


def send_back(page: Page) -> Walk:
    walk = Walk(page, url("review_queue"))
    walk.go("main a:has-text('Costa Rica')")
    walk.unfold("summary:has-text('Ask about PRV-01')")
    page.fill("#id_ask-PRV-01-text", "How many people were reached?")
    walk.go("button[value=return]")
    expect(page.locator(".portal-strip--success")).to_contain_text("went back")
    return walk


def answer_question(page: Page) -> Walk:
    walk = Walk(page, url("home"))
    walk.go("main a:has-text('question to answer')")
    walk.go(".portal-question a >> nth=0")
    page.fill("#id_text", "Cuatro mil.")
    walk.go("main form button[type=submit]")
    return walk


def accept(page: Page) -> Walk:
    walk = Walk(page, url("review_queue"))
    walk.go("main a:has-text('Costa Rica')")
    walk.go(f"button[value='resolve:{Question.objects.get().public_id}']")
    walk.go("button[value=accept]")
    expect(page.locator(".portal-strip--success")).to_contain_text("is accepted")
    return walk


@pytest.mark.parametrize("script", [True, False])
def test_journey_a_within_its_budget(cast: Any, browse: Callable[..., Page], script: bool) -> None:
    make_open_round(cast)
    ana, beto, denise = (browse(person, script=script) for person in (cast.ana, cast.beto, cast.denise))
    counts = {"focal_point": report_one_activity(ana).counts, "sending": send(ana).counts}
    counts |= {"coordinator": approve(beto).counts, "secretariat": send_back(denise).counts}
    assert Question.objects.get().text == "How many people were reached?"
    counts |= {"answering": answer_question(ana).counts}
    send(ana)
    approve(beto)
    counts |= {"accepting": accept(denise).counts}
    pages, clicks = ({part: count[index] for part, count in counts.items()} for index in range(2))
    record_proof("journey_a", javascript=script, pages=pages, clicks=clicks)
    report = Report.objects.get(reference=CR)
    assert (report.status, report.accepted_version.number) == ("accepted", 2)
    over = {part: counts[part] for part, (most, limit) in BUDGET.items() if pages[part] > most or clicks[part] > limit}
    assert over == {}
