"""Past reports from a spreadsheet, as somebody at a ministry does it: pages and clicks counted."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.testing import record_proof
from tests.factories.workplan import make_open_round
from tests.system.axe import found_by_axe, share
from tests.workplan.pages import url
from tests.workplan.sheets import C, with_cells
from workplan import services
from workplan.models import Report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CR = "CR-2014-1"


class Walk:
    """Counts the pages seen and the clicks made, files chosen included."""

    def __init__(self, page: Page, start: str) -> None:
        self.page, self.pages, self.clicks = page, 1, 0
        page.goto(start)

    def go(self, selector: str) -> None:
        self.clicks, self.pages = self.clicks + 1, self.pages + 1
        with self.page.expect_navigation():
            self.page.click(selector)

    def download(self, selector: str, folder: Path) -> bytes:
        self.clicks += 1
        with self.page.expect_download() as caught:
            self.page.click(selector)
        caught.value.save_as(folder / "file.xlsx")
        return (folder / "file.xlsx").read_bytes()

    def choose(self, content: bytes) -> None:
        self.clicks += 1
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        self.page.set_input_files("#id_file", {"name": "cr.xlsx", "mimeType": kind, "buffer": content})


def violations(page: Page) -> list[Any]:
    found = found_by_axe(page)
    return [(v["id"], [node["target"] for node in v["nodes"]]) for v in found]


def hand_in(walk: Walk, folder: Path, changes: dict[str, dict[C, Any]]) -> None:
    walk.go(f"a[href='{url('import_new', language='es')}']")
    content = walk.download(f"a[href='{url('report_spreadsheet', CR, language='es')}']", folder)
    walk.choose(with_cells(content, changes))
    walk.go("main form button[type=submit]")


GOOD = {"PRV-01": {C.STATUS: "planned", C.NARRATIVE: "Hay un borrador."}, "PRV-02": {C.STATUS: "not_started"}}


@pytest.mark.parametrize("script", [True, False])
def test_journey_h(cast: Any, browse: Any, tmp_path: Path, script: bool) -> None:
    make_open_round(cast)
    walk = Walk(browse(cast.ana, script=script), url("report_list", language="es"))
    hand_in(walk, tmp_path, GOOD)
    walk.go("aside form button[type=submit]")
    expect(walk.page.locator(".portal-strip--success")).to_have_count(1)
    entry = Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")
    assert (entry.status, entry.narrative) == ("planned", "Hay un borrador.")
    if script:
        record_proof("journey_h", pages=walk.pages, clicks=walk.clicks)
    assert (walk.pages, walk.clicks) == (4, 5)


def test_an_attempt_with_errors_costs_one_page_more(cast: Any, browse: Any, tmp_path: Path) -> None:
    """From the preview with problems: the marked file, corrected, handed in again."""
    make_open_round(cast)
    walk = Walk(browse(cast.ana), url("report_list", language="es"))
    hand_in(walk, tmp_path, {**GOOD, "PRV-03": {C.STATUS: "Hecho"}})
    expect(walk.page.locator("#problems-title")).to_have_count(1)
    marked = walk.download("a[href$='/problems/']", tmp_path)
    before = walk.pages
    walk.choose(with_cells(marked, {"PRV-03": {C.STATUS: "full"}}))
    walk.go("aside form[enctype] button[type=submit]")
    assert walk.pages - before == 1
    walk.go("aside form[action$='/confirm/'] button[type=submit]")
    entries = Report.objects.get(reference=CR).entries
    assert entries.get(activity__code="PRV-03").status == "full"
    assert walk.pages == 5


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_of_the_cycle_are_accessible_and_fit(cast: Any, browse: Any, tmp_path: Path, width: int) -> None:
    round_ = make_open_round(cast)
    report = Report.objects.get(reference=CR)
    later = report.today.replace(year=report.today.year + 1)
    extension = services.request_extension(report=report, requested_date=later, reason="Elecciones.", actor=cast.beto)
    walk = Walk(browse(cast.ana, width=width), url("report_list", language="es"))
    hand_in(walk, tmp_path, {**GOOD, "PRV-03": {C.STATUS: "Hecho"}})
    preview = walk.page.url
    other = Report.objects.get(reference="GT-2014-1")
    other.state.refresh_from_db()
    pages = {
        "ana": [preview, url("import_new"), url("notification_list")],
        "ciro": [url("extension_new", other.reference), url("report_detail", other.reference)],
        "denise": [
            url("extension_decide", extension.public_id),
            url("submission_matrix", round_.code),
            url("period_matrix"),
        ],
    }
    found = {}
    for name, addresses in pages.items():
        page = browse(getattr(cast, name), width=width)
        for address in share(addresses, width):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            found[address] = violations(page)
    assert {address: faults for address, faults in found.items() if faults} == {}
