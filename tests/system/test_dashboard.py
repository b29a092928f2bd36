"""The dashboard and journey e in a real browser: axe, narrow screens, the security policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.testing import record_proof
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.system.axe import share
from tests.system.test_journey_a import Walk
from tests.system.test_reporting_pages import examine
from tests.workplan.pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_axe_finds_nothing_and_nothing_scrolls_sideways(cast: Any, browse: Callable[..., Page]) -> None:
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    faults: list[str] = []
    for language, width in (("es", 1280), ("fr", 320)):
        page = browse(cast.denise, width=width)
        for name, *arguments in share([("dashboard",), ("dashboard_answers",), ("state_detail", "br")], width):
            page.goto(url(name, *arguments, language=language))
            expect(page.locator("h1")).to_have_count(1)
            faults += examine(page, width)
    assert faults == []


def test_journey_e_drill_to_a_state_and_compare(cast: Any, browse: Callable[..., Page]) -> None:
    """Dashboard, the State of a tile, down to one of its areas, another period, and the link to the file."""
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    walk = Walk(browse(cast.denise), url("dashboard", language="es"))
    walk.go(".portal-tile__link[href*='/states/br/']")
    expect(walk.page.locator("h1")).to_contain_text("Brasil")
    walk.unfold("#areas ~ .portal-scroll tbody tr:nth-child(2) a")
    expect(walk.page.locator("tbody:target")).to_contain_text("Protección")
    walk.page.select_option("select[name=compare]", "none")
    walk.go(".portal-filter button")
    expect(walk.page.locator("select[name=compare]")).to_have_value("none")
    expect(walk.page.locator("a[href*='/states/br/export.xlsx?']")).to_have_count(1)
    pages, clicks = walk.counts
    record_proof("journey_e", pages=pages, clicks=clicks, budget=[3, 4])
    assert (pages <= 3, clicks <= 4) == (True, True)
