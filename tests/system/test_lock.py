"""The lock of the sealed area in Chromium: the page leaves the document, and comes back with what was typed."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page, expect

from accounts.enums import STARTED, Role
from tests.victims.people import officer_and_client
from tests.victims.test_lock import STALE, TOLD, databases, furnished
from victims.middleware import LAST


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases=databases)
def test_the_screen_is_covered_and_what_was_typed_comes_back(
    transactional_db: None, browse: Callable[..., Page]
) -> None:
    officer, _client = officer_and_client(Role.CASE_WORKER)
    case = furnished(officer)
    page = browse(officer.user)
    page.clock.install()
    with translation.override("en"):
        page.goto(reverse("record_entry_new", kwargs={"token": case.token, "kind": "note"}))
    page.fill("#id_text", TOLD)
    page.clock.run_for(290_000)
    assert page.locator("#id_text").input_value() == TOLD
    page.clock.run_for(20_000)
    expect(page.locator("h1")).to_have_text("Locked")
    assert (page.title(), case.code in page.content(), page.locator("#id_text").count()) == ("Locked", False, 0)
    with STALE:
        for row in Session.objects.all():  # the server decides, and here it has counted five minutes as well
            session = SessionStore(row.session_key)
            session[LAST] = session[STARTED] - 301
            session.save()
        page.click("button:has-text('Show the page again')")
        expect(page.locator(".portal-lock [role=status]")).to_contain_text("still locked")
    page.click("button:has-text('Show the page again')")
    expect(page.locator("#id_text")).to_have_value(TOLD)
    assert page.locator(".portal-lock").count() == 0
