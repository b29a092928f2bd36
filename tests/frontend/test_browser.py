"""The gallery in Chromium, under the product's own content security policy."""

import mimetypes
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as live_settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route, sync_playwright

from core.testing import record_proof
from tests.frontend.gallery import PAGES, render_page

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("gallery")]

ORIGIN = "http://portal.test"
CHROMIUM = os.environ.get("OAS_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run --disable-background-networking"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGE = dict.fromkeys(PAGES, "es") | {"components": "fr"}
# Text spacing of WCAG 1.4.12, as a reader's own style sheet would set it.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"

# Of the element with the focus: its name, whether it is in view, and whether nothing lies over it.
FOCUSED = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  return [element.tagName, seen, !top || element.contains(top) || top.contains(element)];
}"""


def policy() -> str:
    directives = live_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(map(str, sources))}" for name, sources in directives.items())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of the gallery; anything the browser complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def serve(route: Route, html: dict[str, str]) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.startswith("/static/"):
            file = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=file, content_type=mimetypes.guess_type(str(file))[0])
        elif path in html:
            headers = {"Content-Security-Policy": policy()}
            route.fulfill(body=html[path], content_type="text/html; charset=utf-8", headers=headers)
        else:
            route.fulfill(status=404, body="")
            complaints.append(f"asked for {path}")

    def open_page(name: str, width: int = 1280, script: bool = True, html: str | None = None) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        body = html if html is not None else render_page(name, LANGUAGE[name])
        page.route("**/*", lambda route: serve(route, {f"/{name}": body}))
        page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{ORIGIN}/{name}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def violations(page: Page) -> list[Any]:
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [(v["id"], [node["target"] for node in v["nodes"]]) for v in found]


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("name", PAGES)
def test_accessible_and_no_wider_than_the_window(name: str, width: int, visit: Any) -> None:
    page = visit(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = violations(page)
    record_proof("axe-core, component gallery", page=name, width=width, violations=len(found))
    assert found == []


def test_axe_can_fail(visit: Any) -> None:
    spoilt = render_page("job").replace('<html lang="es"', "<html")
    assert [rule for rule, _targets in violations(visit("job", html=spoilt))] == ["html-has-lang"]


@pytest.mark.parametrize("name", ["400.html", "404.html", "500.html", "language_choice.html"])
def test_pages_outside_the_portal(name: str, visit: Any, rf: Any) -> None:
    page = visit(name, 320, html=render_to_string(name, request=rf.get("/es/x/")))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_wider_letter_spacing_breaks_nothing(name: str, visit: Any, gallery: Any) -> None:
    html = render_page(name, LANGUAGE[name])
    page = visit(name, 320, html=html)
    page.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }", SPACING
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_errors_take_the_focus(visit: Any) -> None:
    page = visit("entry")
    assert "govuk-error-summary" in page.evaluate("document.activeElement.className")
    page.click(".govuk-error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.name") == "reached"


def test_keyboard_order_begins_with_the_skip_link_and_focus_is_never_hidden(visit: Any) -> None:
    page = visit("dashboard")
    page.keyboard.press("Tab")
    assert "govuk-skip-link" in page.evaluate("document.activeElement.className")
    for _step in range(60):
        page.keyboard.press("Tab")
        tag, in_view, uncovered = page.evaluate(FOCUSED)
        assert (in_view, uncovered) == (True, True), tag
        if tag == "BODY":
            break


def test_the_menu_folds_on_a_telephone_and_stands_open_without_script(visit: Any) -> None:
    folded = visit("dashboard", 320)
    assert folded.is_hidden("#navigation")
    folded.click(".govuk-service-navigation__toggle")
    assert folded.is_visible("#navigation")
    assert visit("dashboard", 320, script=False).is_visible("#navigation")


def test_characters_left_are_counted(visit: Any) -> None:
    page = visit("entry")
    page.fill("#id_results", "x" * 1999)
    assert "1" in page.inner_text(".govuk-character-count__message:not(.govuk-visually-hidden)")


def test_first_view_has_few_requests_and_one_origin(browser: Browser, visit: Any) -> None:
    page = visit("dashboard")
    urls = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert {url.split("/static/")[0] for url in urls} == {ORIGIN}
    assert len({url.split("?")[0] for url in urls}) + 1 <= 8


def test_typed_text_is_guarded(visit: Any) -> None:
    page = visit("entry")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    page.fill("#id_results", "texto")
    page.keyboard.press("Tab")
    page.reload()
    assert asked == ["beforeunload"]


def test_paper_shows_the_title_block_and_no_menu(visit: Any) -> None:
    page = visit("components")
    assert page.is_hidden(".portal-print-title")
    page.emulate_media(media="print")
    assert page.is_visible(".portal-print-title")
    assert page.is_hidden(".portal-navigation")
    assert page.is_hidden(".portal-footer")
