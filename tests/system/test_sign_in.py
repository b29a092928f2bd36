"""Signing in with a real browser: the first enrolment, a passkey, and what axe says of the pages."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts import services
from accounts.enums import SEEN
from tests.accounts.sign_in import code_now, forget_steps, url
from tests.factories.accounts import PASSWORD, give_role, make_cast, make_user
from tests.support import forget_cache

CHROMIUM = os.environ.get("OAS_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
SUBMIT = "main form button[type=submit].govuk-button"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    forget_cache()
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1180, "height": 900})
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def cast(transactional_db: None) -> Any:
    return make_cast()


def first_step(page: Page, email: str, language: str = "en") -> None:
    page.goto(url("account_login", language=language))
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.click(f"{SUBMIT} >> nth=0")


def sign_in(page: Page, person: Any, language: str = "en") -> None:
    forget_steps(person)
    first_step(page, person.email, language)
    page.fill("#id_code", code_now())
    page.click(f"{SUBMIT} >> nth=0")
    page.wait_for_url("**/home/")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{page.url} {item['id']}: {item['nodes'][0]['html'][:160]}" for item in found]


def test_first_enrolment_with_an_app(page, cast):
    nora = make_user("nora", second_factor=False)
    give_role(nora, cast.authority_cr, "contributor")
    first_step(page, nora.email)
    page.wait_for_url(f"**{url('sign_in_set_up')}")
    page.goto(url("profile"))
    page.wait_for_url(f"**{url('sign_in_set_up')}")
    page.click(f"a[href='{url('mfa_activate_totp')}']")
    expect(page.locator("svg.portal-qr__code")).to_be_visible()
    key = "".join(page.locator("#key").inner_text().split())
    page.fill("#id_code", code_now(key))
    page.click(SUBMIT)
    page.wait_for_url(f"**{url('mfa_view_recovery_codes')}")
    expect(page.locator("#codes li")).to_have_count(10)
    page.click(SUBMIT)
    page.wait_for_url(f"**{url('home')}")


def test_a_passkey_from_enrolment_to_sign_in(page, cast):
    nora = make_user("nora", second_factor=False)
    give_role(nora, cast.authority_cr, "contributor")
    add_authenticator(page)
    first_step(page, nora.email)
    page.click(f"a[href='{url('mfa_add_webauthn')}']")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(f"**{url('mfa_view_recovery_codes')}")
    page.click(SUBMIT)
    page.wait_for_url(f"**{url('home')}")
    page.context.clear_cookies()
    page.goto(url("account_login"))
    page.click("#passkey_login")
    page.wait_for_url(f"**{url('home')}")
    page.goto(url("profile"))
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith(url("profile"))


def test_two_minutes_before_the_idle_limit_one_button_goes_on(page, cast):
    sign_in(page, cast.ana)
    page.clock.install()
    page.goto(url("profile"))
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME)
    session = SessionStore(key)
    session[SEEN] -= 800
    session.save()
    page.clock.fast_forward(780_000)
    dialog = page.locator("#session-warning")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.locator("button").click()
    expect(dialog).to_be_hidden()
    assert time.time() - SessionStore(key)[SEEN] < 60


def test_a_cancelled_passkey_says_so(page, cast):
    page.goto(url("account_login"))
    refusal = "Promise.reject(new DOMException('no', 'NotAllowedError'))"
    page.evaluate(f"() => {{ navigator.credentials.get = () => {refusal} }}")
    page.click("#passkey_login")
    expect(page.locator("[data-passkey-error]")).to_contain_text("not accepted")


def add_authenticator(page: Page) -> None:
    """A passkey device made of software, as Chromium's developer tools offer it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("language", ["es", pytest.param("pt-br", marks=pytest.mark.full)])
def test_axe_finds_nothing(page, cast, language):
    cast.beto.language = language
    cast.beto.save()
    nora = make_user("nora", second_factor=False, language=language)
    give_role(nora, cast.authority_cr, "contributor")
    found = []
    for name in ("account_login", "account_reset_password", "account_reset_password_done"):
        page.goto(url(name, language=language))
        found += violations(page)
    first_step(page, nora.email, language)
    found += violations(page)
    page.goto(url("mfa_activate_totp", language=language))
    found += violations(page)
    page.fill("#id_code", "000000")
    page.click(SUBMIT)
    found += violations(page)
    page.context.clear_cookies()
    first_step(page, cast.beto.email, language)
    found += violations(page)
    page.context.clear_cookies()
    invitee = services.Invitee(email="waiting@example.org", full_name="Waiting", language=language)
    services.invite(actor=cast.beto, invitee=invitee, institution=cast.authority_cr, role="approver")
    sign_in(page, cast.beto, language)
    pages = [("team",), ("invite",), ("access_review",), ("appointment_list",), ("grant_list",), ("profile",)]
    pages += [("mfa_index",), ("usersessions_list",), ("account_change_password",), ("mfa_add_webauthn",)]
    pages += [(name, cast.ana.public_id) for name in ("person_detail", "give_role", "hand_over")]
    for name, *args in pages:
        page.goto(url(name, *args, language=language))
        assert page.locator("h1").count() == 1
        found += violations(page)
    assert found == []
