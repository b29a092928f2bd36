"""Journey d in Chromium: an organization sends a contribution; the State replies; the Secretariat accepts.

Pages and clicks are counted as in journey a.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contributions.models import Contribution
from core.testing import record_proof
from tests.factories.contributions import make_accreditation, make_at, make_draft
from tests.factories.workplan import make_open_round
from tests.system.axe import found_by_axe, share
from tests.system.test_journey_a import Walk
from tests.workplan.pages import url

BUDGET = (5, 7)  # pages, clicks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def partner(cast: Any) -> Any:
    cast.round = make_open_round(cast)
    cast.accreditation = make_accreditation(cast.partner, cast)
    return cast


def send(page: Page) -> Walk:
    walk = Walk(page, url("contribution_list"))
    walk.go("main a:has-text('Send a contribution')")
    page.check("input[name=visibility][value=state]")
    page.check("#id_name_withheld")
    page.check("input[name=kind][value=evidence]")
    page.check("input[name=states][value=CR]")
    page.check("input[name=activities_PRO][value=PRO-02]")
    page.select_option("#id_language", "es")
    walk.go("main form button[type=submit]")
    page.fill("#id_title", "Acogida de noche")
    page.fill("#id_text", "En tres provincias no hay casas de acogida abiertas de noche.")
    for name, parts in (("period_from", ("1", "1", "2014")), ("period_to", ("31", "3", "2014"))):
        for box, text in enumerate(parts):
            page.fill(f"#id_{name}_{box}", text)
    page.set_input_files("#id_file", {"name": "casas.txt", "mimeType": "text/plain", "buffer": b"Tres provincias."})
    walk.go("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("Acogida de noche")
    walk.go("button[name=send]")
    expect(page.locator("main")).to_contain_text("Sent. Its reference is PC-")
    return walk


def take(page: Page, *buttons: str) -> None:
    page.goto(url("contribution_list"))
    page.click("main a:has-text('Acogida de noche')")
    for button in buttons:
        page.click(f"main button:has-text('{button}')")


def reply(page: Page) -> None:
    page.goto(url("entry_edit", "CR-2014-1", "PRO-02"))
    page.click("#contributions a:has-text('Acogida de noche')")
    expect(page.locator("main")).to_contain_text("asked that its name be withheld")
    page.click("main a:has-text('Reply for your State')")
    page.fill("#id_text", "Se abrirán dos casas.")
    page.click("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("Se abrirán dos casas.")


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.full)])
def test_journey_d_within_its_budget(partner: Any, browse: Callable[..., Page], script: bool) -> None:
    pages, clicks = send(browse(partner.paula, script=script)).counts
    take(browse(partner.denise, script=script), "Confirm receipt", "Begin the review")
    reply(browse(partner.beto, script=script))
    take(browse(partner.denise, script=script), "Accept")
    row = Contribution.objects.get()
    assert (row.status, row.shown_name, row.files.count(), row.replies.count()) == ("accepted", "", 1, 1)
    record_proof("journey_d", javascript=script, pages=pages, clicks=clicks)
    assert pages <= BUDGET[0]
    assert clicks <= BUDGET[1]


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_are_accessible_and_no_wider_than_the_window(
    partner: Any, browse: Callable[..., Page], width: int
) -> None:
    row, draft = make_at("received", partner, partner.round), make_draft(partner.paula, partner.round)
    visits = {
        "paula": [url("contribution_list"), url("contribution_new"), url("contribution_text", draft.reference),
                  url("contribution_check", draft.reference), url("accreditation_list"),
                  partner.accreditation.get_absolute_url(), url("contribution_published"), url("accreditation_apply")],
        "denise": [url("contribution_list"), row.get_absolute_url(), url("contribution_ask", row.reference)],
        "beto": [row.get_absolute_url(), url("contribution_reply", row.reference)],
    }  # fmt: skip
    found = {}
    for name, addresses in visits.items():
        page = browse(getattr(partner, name), width=width)
        for address in share(addresses, width):
            page.goto(address)
            wide = page.evaluate("document.documentElement.scrollWidth") > width
            violations = found_by_axe(page)
            if wide or violations:
                found[address] = (wide, [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations])
    pages = sum(len(share(some, width)) for some in visits.values())
    record_proof("axe-core, contributions", width=width, pages=pages, violations=len(found))
    assert found == {}
