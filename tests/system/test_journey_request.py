"""Networks in Chromium: the right desk of another State is found; a request is sent, transferred, answered, closed.

Pages and clicks are counted as in journey a.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.testing import record_proof
from networks.models import CooperationRequest
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.networks import make_desk, make_network, make_sent, seat
from tests.system.axe import found_by_axe, share
from tests.system.test_journey_a import Walk
from tests.workplan.pages import url

# Pages and clicks of one person for their part; finding a desk takes two pages.
BUDGET = {"find": (2, 1), "send": (3, 2), "transfer": (4, 3), "answer": (5, 4), "close": (4, 3)}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def prosecution(cast: Any) -> Any:
    """The office in Guatemala to which the question belongs, and somebody who works there."""
    office = make_institution("agency", "Fiscalía de la mujer", cast.guatemala)
    cast.gabriela = make_user("gabriela")
    give_role(cast.gabriela, office, "contributor")
    make_desk(cast.authority_gt, "Secretaría de enlace", email="enlace@gt.example", phone="+000 502 1")
    make_desk(cast.authority_cr, "Oficina propia")
    return office


def find_desk(page: Page) -> Walk:
    """From the directory, with a word of one's own language, to the number and address of the desk."""
    walk = Walk(page, url("directory_list"))
    page.fill("#id_q", "point focal guatemala")
    walk.go(".portal-filter button[type=submit]")
    expect(page.locator("main table tbody tr")).to_have_count(1)
    expect(page.locator("main table")).to_contain_text("enlace@gt.example")
    expect(page.locator("main table")).to_contain_text("+000 502 1")
    return walk


def send(page: Page) -> Walk:
    """From the desk that was found."""
    page.click("main table a:has-text('Secretaría de enlace')")
    walk = Walk(page, page.url)
    walk.go("main a:has-text('Write a request')")
    page.check("input[name=kind][value=legal_assistance]")
    page.check("input[name=urgency][value=urgent]")
    page.fill("#id_subject", "Contacto para una solicitud")
    page.fill("#id_text", "¿A qué autoridad se dirige la solicitud de asistencia?")
    walk.go("button[name=send]")
    expect(page.locator("main")).to_contain_text("The request is sent")
    return walk


def transfer(page: Page) -> Walk:
    """The receiver sees at once what is asked and by when, and passes it on to the office it belongs to."""
    walk = Walk(page, url("home"))
    expect(page.locator("main")).to_contain_text("Request from Costa Rica: Contacto para una solicitud")
    walk.go("main a:has-text('Request from Costa Rica')")
    walk.go("main a:has-text('Transfer to the right authority')")
    page.select_option("#id_to", label="Guatemala · Fiscalía de la mujer")
    page.fill("#id_text", "Es competencia de la fiscalía.")
    walk.go("main form button[type=submit]")
    return walk


def acknowledge_and_answer(page: Page) -> Walk:
    walk = Walk(page, url("home"))
    walk.go("main a:has-text('Request from Costa Rica')")
    walk.go("main button:has-text('Acknowledge')")
    walk.go("main a.govuk-button:has-text('Answer')")
    page.fill("#id_text", "A la Fiscalía de la mujer, por nota verbal.")
    walk.go("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("A la Fiscalía de la mujer, por nota verbal.")
    return walk


def close(page: Page) -> Walk:
    walk = Walk(page, url("request_list"))
    walk.go("main table a:has-text('Contacto para una solicitud')")
    expect(page.locator("main")).to_contain_text("por nota verbal")
    walk.go("main a.govuk-button:has-text('Close')")
    page.check("input[name=outcome][value=met]")
    walk.go("main form button[type=submit]")
    return walk


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_request_from_the_first_search_to_its_end(
    cast: Any, prosecution: Any, browse: Callable[..., Page], script: bool
) -> None:
    ana, carla, gabriela = (browse(one, script=script) for one in (cast.ana, cast.carla, cast.gabriela))
    counts = {"find": find_desk(ana).counts, "send": send(ana).counts}
    counts |= {"transfer": transfer(carla).counts, "answer": acknowledge_and_answer(gabriela).counts}
    counts |= {"close": close(ana).counts}
    request = CooperationRequest.objects.get()
    assert (request.status, request.outcome, request.receiver) == ("closed", "met", prosecution)
    assert [change.step for change in request.changes.all()] == ["send", "transfer", "acknowledge", "answer", "close"]
    pages, clicks = ({part: count[index] for part, count in counts.items()} for index in range(2))
    record_proof("journey_request", javascript=script, pages=pages, clicks=clicks)
    over = {part: counts[part] for part, (most, limit) in BUDGET.items() if pages[part] > most or clicks[part] > limit}
    assert over == {}


def test_the_guard_asks_before_a_name_leaves(cast: Any, prosecution: Any, browse: Callable[..., Page]) -> None:
    page = browse(cast.ana)
    page.goto(url("request_new"))
    page.select_option("#id_receiver", label="Guatemala · Autoridad de prueba GT")
    page.check("input[name=kind][value=information]")
    page.fill("#id_subject", "Consulta")
    page.fill("#id_text", "La joven Yolanda Quispe, nacida el 3 de mayo de 1999, desea volver.")
    page.click("button[name=send]")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("Yolanda Quispe")
    expect(summary).to_contain_text("date of birth")
    assert not CooperationRequest.objects.exists()
    page.fill("#id_text", "Una persona adulta desea volver.")
    page.click("button[name=send]")
    expect(page.locator("main")).to_contain_text("The request is sent")


PAGES = ("directory_list", "focal_point_list", "network_list", "request_list", "request_new", "corridor_list",
         "assistance_list", "cooperation_map", "route_list", "desk_new", "network_new")  # fmt: skip


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_are_accessible_and_no_wider_than_the_window(
    cast: Any, prosecution: Any, browse: Callable[..., Page], width: int
) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    network = make_network(cast.ciro, cast.authority_gt)
    seat(network, cast.authority_cr)
    things = [url("request_detail", request.reference), url("network_detail", network.slug)]
    things += [
        url("network_drawing", network.slug),
        url("cooperation_state", "gt"),
        url("cooperation_pair", "cr", "gt"),
    ]
    page, found = browse(cast.ciro, width=width), {}
    pages = share([*(url(name) for name in PAGES), *things], width)
    for address in pages:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        violations = found_by_axe(page)
        if wide or violations:
            found[address] = (wide, [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations])
    record_proof("axe-core, networks", width=width, pages=len(pages), violations=len(found))
    assert found == {}
