"""axe on every page of the table of access, in every language, wide and narrow: a new page cannot be forgotten.

The browser asks the test client, in the transaction of the world that holds an object for every address; static files
come from where they lie. So the security policy is the pages' own, and no server has to run.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.access.policy import EVERYBODY, SEES, STRANGERS, URLS
from tests.access.world import World
from tests.support import note_figures
from tests.system.axe import found_by_axe
from tests.system.conftest import chromium  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

LANGUAGES = ("es", "en", "fr", "pt-br")
WIDTHS = (1280, 320)
HOST = "http://testserver"
FEWEST = 40
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}


@contextmanager
def outside_the_loop() -> Iterator[None]:
    """Where the loop of Playwright runs, Django opens a connection of its own, which is outside the transaction."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


@dataclass
class Desk:
    """One browser, in which one person after another sits down."""

    page: Page
    world: World
    client: Client = field(default_factory=Client)
    faults: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.path.startswith("/static/"):
            route.fulfill(body=static_file(parts.path), content_type=TYPES[parts.path.rpartition(".")[2]])
            return
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        accept = route.request.headers.get("accept", "*/*")
        with outside_the_loop():
            response: Any = self.client.generic(route.request.method, address, headers={"Accept": accept})
            content = content_of(response)
        route.fulfill(status=response.status_code, headers=dict(response.headers), body=content)

    def look(self, address: str, actor: str) -> None:
        with outside_the_loop():
            self.client, before = self.world.client(actor), transaction.savepoint()
        self.page.goto(f"{HOST}{address}", wait_until="load")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            self.faults += [f"{actor} {width}: {fault}" for fault in faults_of(self.page, width)]
        with outside_the_loop():
            transaction.savepoint_rollback(before)


def content_of(response: Any) -> bytes:
    """Read to its end: a file that is not read stays open."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def static_file(path: str) -> bytes:
    found = finders.find(path.removeprefix("/static/"))
    assert found, path
    return Path(str(found)).read_bytes()


def faults_of(page: Page, width: int) -> list[str]:
    found = found_by_axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    faults = [f"{page.url} {item['id']}: {node['html'][:200]}" for item in found for node in item["nodes"][:2]]
    return faults + ([f"{page.url}: {wide} pixels wide"] if wide > width else [])


def page_types(world: World) -> Iterator[tuple[str, str, str]]:
    """Name, address and reader of every page: for each row of the table the first object and person it serves."""
    for name, row in sorted(URLS.items()):
        for target in SEES[row.over] if row.over else [""]:
            who = row.serves("GET", target) or frozenset()
            seen = who & SEES[row.over][target] if row.over else who
            reader = reader_among(seen)
            if reader and is_page(world, address := world.address(name, target, reader), reader):
                yield name, address, reader
                break


def reader_among(seen: frozenset[str]) -> str:
    """Strangers where everybody reads, or the page with a menu of one's own would hide what they get."""
    return "public" if seen >= EVERYBODY else min(seen - set(STRANGERS), default="")


def is_page(world: World, address: str, reader: str) -> bool:
    """Not a file, a fragment, or one more way to another page."""
    with outside_the_loop(), transaction.atomic():
        response: Any = world.client(reader).get(address)
        found = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
        whole = b"<html" in content_of(response) and found
        transaction.set_rollback(True)
    return bool(whole)


@pytest.fixture
def desk(world: World, request: Any) -> Iterator[Desk]:
    # After the world: what is built while the loop runs is built on another connection.
    browser: Browser = request.getfixturevalue("chromium")
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 800})
    desk = Desk(context.new_page(), world)
    desk.page.route("**/*", desk.answer)
    yield desk
    context.close()


def in_language(address: str, language: str) -> str:
    return address.replace("/en/", f"/{language}/", 1)


# One of each kind of layout; the rest is in the long run.
SLICE = ("activity_detail", "theme_detail", "state_detail", "dashboard", "entry_edit", "account_login", "team")


def test_axe_finds_nothing_on_some_pages(world: World, desk: Desk) -> None:
    found = [page for page in page_types(world) if page[0] in SLICE]
    assert {name for name, _address, _reader in found} == set(SLICE)
    for place, (_name, address, reader) in enumerate(found):
        desk.look(in_language(address, LANGUAGES[place % len(LANGUAGES)]), reader)
    assert "\n".join(desk.faults) == ""


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_page(world: World, desk: Desk, language: str) -> None:
    found = list(page_types(world))
    for _name, address, reader in found:
        desk.look(in_language(address, language), reader)
    # One language counts the pages: they are the same in each.
    pages = len(found) if language == LANGUAGES[0] else 0
    note_figures("axe", pages=pages, languages=1, violations=len(desk.faults))
    assert "\n".join(desk.faults) == ""
    assert len(found) >= FEWEST


def test_a_fault_is_seen(desk: Desk) -> None:
    """Were axe or the width not looked at, every page would pass."""
    desk.page.set_viewport_size({"width": 320, "height": 800})
    desk.page.set_content('<html lang="en"><main><img src="x"><p><span>' + "wide" * 400 + "</span></p></main></html>")
    faults = faults_of(desk.page, 320)
    assert any("image-alt" in fault for fault in faults)
    assert any("pixels wide" in fault for fault in faults)
