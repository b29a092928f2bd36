"""The dashboard in a real browser: axe, narrow screens, the security policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.system.test_reporting_pages import examine
from tests.workplan.pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_axe_finds_nothing_and_nothing_scrolls_sideways(cast: Any, browse: Callable[..., Page]) -> None:
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    faults: list[str] = []
    for language, width in (("es", 1280), ("fr", 320)):
        page = browse(cast.denise, width=width)
        for name in ("dashboard", "dashboard_answers"):
            page.goto(url(name, language=language), wait_until="networkidle")
            expect(page.locator("h1")).to_have_count(1)
            faults += examine(page, width)
    assert faults == []
