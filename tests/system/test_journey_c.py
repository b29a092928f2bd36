"""Journey c in Chromium: a case is referred to another State, approved by a second person, and accepted there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page, expect

from accounts.enums import Role
from core.db import sealed_scope
from core.testing import record_proof
from tests.factories.victims import acting_for
from tests.system.axe import found_by_axe, share
from tests.system.test_journey_a import Walk
from tests.victims.people import officer_and_client
from tests.victims.referring import agree, make_case
from tests.workplan.pages import url
from victims.models import Case, Referral

SENDER, RECEIVER = (4, 6), (2, 3)  # pages, clicks; the receiver's last page is the new case itself

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "sealed", "keys"]),
]


@pytest.fixture
def people(transactional_db: None) -> SimpleNamespace:
    worker, _one = officer_and_client(Role.CASE_WORKER)
    supervisor, _two = officer_and_client(Role.CASE_SUPERVISOR)
    recipient, _three = officer_and_client(Role.CASE_WORKER, "GT")
    case = make_case(worker)
    agree(worker, case, "GT")
    return SimpleNamespace(worker=worker, supervisor=supervisor, recipient=recipient, case=case)


def refer(page: Page, case: Case) -> Walk:
    with translation.override("en"):
        walk = Walk(page, reverse("case_detail", kwargs={"token": case.token}))
    walk.go("main a:has-text('Refer to another State'), a:has-text('Refer to another State')")
    page.check("input[name=kind][value=transfer]")
    page.select_option("#id_help", "shelter")
    page.check("input[name=urgency][value=urgent]")
    page.check("input[name=classes][value=quasi]")
    page.check("input[name=classes][value=identity]")
    walk.go("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("What the other side reads once it accepts")
    assert "CNRY-family" not in page.content()
    page.check("input[name=reason][value=assistance]")
    walk.go("main form button:has-text('Show the identity')")
    expect(page.locator("main")).to_contain_text("CNRY-family")
    return walk


def accept(page: Page) -> Walk:
    walk = Walk(page, url("referral_list"))
    assert "CNRY" not in page.content()
    walk.go("main form button:has-text('Accept')")
    expect(page.locator("h1")).to_contain_text("GT-")
    return walk


@pytest.mark.parametrize("script", [True, False])
def test_journey_c_within_its_budget(people: Any, browse: Callable[..., Page], script: bool) -> None:
    pages, clicks = refer(browse(people.worker.user, script=script), people.case).counts
    supervisor = browse(people.supervisor.user, script=script)
    supervisor.goto(url("referral_list"))
    supervisor.click("main table a")
    assert "CNRY-family" not in supervisor.content()
    supervisor.click("main form button:has-text('Approve and send')")
    expect(supervisor.locator("main")).to_contain_text("Sent, waits for an answer")
    there = accept(browse(people.recipient.user, script=script)).counts
    with acting_for("GT"):
        arrived = Case.objects.get()
    assert arrived.code != people.case.code
    record_proof(
        "journey_c", javascript=script, pages=pages, clicks=clicks, receiver_pages=there[0], receiver_clicks=there[1]
    )
    assert (pages <= SENDER[0], clicks <= SENDER[1]) == (True, True)
    assert (there[0] <= RECEIVER[0], there[1] <= RECEIVER[1]) == (True, True)


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (320, "fr")])
def test_pages_of_referral_are_accessible(people: Any, browse: Callable[..., Page], width: int, language: str) -> None:
    page = browse(people.worker.user, width=width)
    refer(page, people.case)
    with sealed_scope(people.worker.context()):
        referral = Referral.objects.get()
    with translation.override(language):
        visits = [
            reverse("referral_list"),
            reverse("referral_detail", kwargs={"token": referral.token}),
            reverse("referral_new", kwargs={"token": people.case.token}),
        ]
    found = {}
    for address in share(visits, width):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        violations = found_by_axe(page)
        if wide or violations:
            found[address] = (wide, [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations])
    assert found == {}
