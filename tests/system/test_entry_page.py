"""The page of one answer in Chromium: what is typed is kept by itself, and what happens when the line fails."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from tests.factories.workplan import answer, make_open_round
from tests.workplan.pages import url
from workplan.models import EntryDraft, Report, ReportEntry

CR = "CR-2014-1"
ADDRESS = f"/en/reports/{CR}/PRV-01/"
LINE = "[data-portal-kept]"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def entry(cast: Any) -> ReportEntry:
    make_open_round(cast)
    return Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")


def drafts() -> list[str]:
    return [draft.answer["narrative"][0] for draft in EntryDraft.objects.exclude(answer={})]


def opened(page: Page) -> Page:
    page.goto(ADDRESS, wait_until="networkidle")
    return page


def test_after_a_pause_the_draft_is_saved_and_the_page_may_be_left(
    cast: Any, browse: Callable[..., Page], entry: ReportEntry
) -> None:
    page = opened(browse(cast.ana))
    page.locator("#id_narrative").press_sequentially("Seis campañas.")
    expect(page.locator(LINE)).to_have_text("", timeout=500)
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=5000)
    assert drafts() == ["Seis campañas."]
    page.on("dialog", lambda dialog: pytest.fail("asked whether to leave"))
    opened(page)
    expect(page.locator("#id_narrative")).to_have_value("Seis campañas.")
    page.click("button:has-text('Discard what I typed')")
    expect(page.locator("#id_narrative")).to_have_value("")
    page.click("button:has-text('Bring it back')")
    expect(page.locator("#id_narrative")).to_have_value("Seis campañas.")


def test_closing_the_page_sends_what_was_typed_last(
    cast: Any, browse: Callable[..., Page], entry: ReportEntry, live_server: Any
) -> None:
    page = opened(browse(cast.ana))
    page.locator("#id_narrative").press_sequentially("Justo antes.")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(url("home"))
    page.wait_for_timeout(300)
    assert drafts() == ["Justo antes."]


def test_a_broken_line_is_told_and_mended(
    cast: Any, browse: Callable[..., Page], entry: ReportEntry, complaints: list[str]
) -> None:
    page = opened(browse(cast.ana))
    page.clock.install()
    broken = [True]

    def line(route: Route) -> None:
        if broken[0]:
            route.abort()
        else:
            route.continue_()

    page.route("**/autosave/", line)
    page.locator("#id_narrative").fill("Sin línea.")
    page.clock.run_for(2500)
    expect(page.locator(LINE)).to_contain_text("Do not close this page")
    assert drafts() == []
    broken[0] = False
    page.clock.run_for(5500)
    expect(page.locator(LINE)).to_contain_text("Draft saved at")
    assert drafts() == ["Sin línea."]
    assert all("ERR_FAILED" in text for text in complaints)
    complaints.clear()


def test_after_signing_in_again_elsewhere_the_text_is_kept(
    cast: Any, browse: Callable[..., Page], entry: ReportEntry, complaints: list[str], live_server: Any
) -> None:
    page = opened(browse(cast.ana))
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.locator("#id_narrative").fill("Mientras tanto.")
    page.locator("#id_narrative").blur()
    expect(page.locator(LINE)).to_contain_text("Do not close this page")
    session = [cookie for cookie in cookies if "csrf" not in cookie["name"].lower()]
    page.context.add_cookies(session)  # type: ignore[arg-type]
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=70_000)
    assert drafts() == ["Mientras tanto."]
    complaints.clear()


def test_saving_while_a_draft_is_on_its_way(cast: Any, browse: Callable[..., Page], entry: ReportEntry) -> None:
    page = opened(browse(cast.ana))
    page.fill("#id_narrative", "Entera.")
    page.check("input[name=status][value=partial]")
    with page.expect_navigation():
        page.click("button[value=exit]")
    entry.refresh_from_db()
    assert (entry.narrative, drafts()) == ("Entera.", [])


def test_what_was_typed_meets_what_another_saved(cast: Any, browse: Callable[..., Page], entry: ReportEntry) -> None:
    page = opened(browse(cast.ana))
    page.fill("#id_narrative", "De Ana.")
    answer(entry, User.objects.get(full_name="Beto"), narrative="De Beto.")
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=5000)
    opened(page)
    expect(page.locator("form.portal-strip--warning")).to_contain_text("Beto saved this answer in the meantime")
    with page.expect_navigation():
        page.click("button[value=continue]")
    expect(page.locator(".portal-versus:has-text('De Ana.')")).to_contain_text("De Beto.")
