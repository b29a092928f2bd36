"""Chromium, and pages of people who are signed in."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.factories.accounts import make_cast

CHROMIUM = os.environ.get("OAS_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
# A refused form answers 422 and a conflict 409; Chromium writes that to its console, and it is no fault.
EXPECTED = ("status of 422", "status of 409")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's synchronous interface runs a loop of its own; Django must not take that for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def cast(transactional_db: None) -> Any:
    return make_cast()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """Whatever the browser complains about fails the test."""
    lines: list[str] = []
    yield lines
    assert lines == []


@pytest.fixture
def browse(chromium: Browser, live_server: Any, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """A page of somebody who is signed in; of anybody, where that is None."""
    contexts: list[BrowserContext] = []

    def listen(page: Page) -> Page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: (
                complaints.append(line.text)
                if line.type == "error" and not any(text in line.text for text in EXPECTED)
                else None
            ),
        )
        return page

    def open_as(person: Any, *, width: int = 1280, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 800}, java_script_enabled=script
        )
        contexts.append(context)
        if person is not None:
            client, name = Client(), settings.SESSION_COOKIE_NAME
            client.force_login(person)
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return listen(context.new_page())

    yield open_as
    for context in contexts:
        context.close()
