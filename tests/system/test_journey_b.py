"""Journey b in Chromium: a frightened person is registered by consent, helped, and the case ends with an exit plan."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from playwright.sync_api import Page, expect

from accounts.enums import Role
from core.testing import record_proof
from tests.factories.victims import acting_for, make_alert, make_case, make_entry, make_plan_question
from tests.system.axe import found_by_axe, share
from tests.system.test_journey_a import Walk
from tests.victims.people import officer_and_client
from tests.workplan.pages import url
from victims.models import Case, TeamMember

INTAKE, LATER = (6, 8), (2, 3)  # pages, clicks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "sealed", "keys"]),
]


@pytest.fixture
def people(transactional_db: None) -> SimpleNamespace:
    worker, _client = officer_and_client(Role.CASE_WORKER)
    supervisor, _other = officer_and_client(Role.CASE_SUPERVISOR)
    return SimpleNamespace(worker=worker, supervisor=supervisor)


def intake(page: Page) -> Walk:
    walk = Walk(page, url("case_list"))
    walk.go("main a:has-text('Register a person')")
    page.check("input[name=given][value=yes]")
    for field_class in ("identity", "narrative", "quasi"):
        page.check(f"input[name=classes][value={field_class}]")
    page.check("input[name=given_by][value=guardian_with_assent]")
    page.check("#id_interpreter")
    page.check("#id_agrees_to_services")
    walk.go("main form button[type=submit]")
    page.select_option("#id_risk", "high")
    page.check("input[name=dangers][value=no_place]")
    walk.go("main form button[type=submit]")
    page.fill("#id_second_name", "Apellido Inventado")
    walk.go("main form button[type=submit]")
    page.fill("#id_age", "16")
    page.check("input[name=acts][value=recruitment]")
    page.check("input[name=exploitation_types][value=ForcedLabour]")
    page.check("input[name=standing][value=confirmed]")
    page.fill("#id_began_on_2", "2013")
    walk.go("main form button[type=submit]")
    expect(page.locator("h1")).to_contain_text("CR-")
    expect(page.locator("main")).to_contain_text("A person under 18.")
    assert "Inventado" not in page.content()
    return walk


def register_a_service(page: Page, case: Case) -> Walk:
    walk = Walk(page, record("case_detail", case))
    page.select_option("#id_service", "shelter")
    page.fill("#id_provider", "Casa inventada")
    walk.go("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("Safe place to stay")
    return walk


def ask_and_approve(worker: Page, supervisor: Page, case: Case, section: str, kind: str, box: str) -> None:
    worker.goto(record("record_entry_new", case, kind=kind))
    worker.fill(box, "A trade of her own")
    worker.click("main form button[type=submit]")
    worker.click("main a[href*='/ask/']")
    worker.click("main form button[type=submit]")
    supervisor.goto(url("approval_list"))
    supervisor.click(f"main a:has-text('{case.code}')")
    supervisor.check("input[name=decision][value=approved]")
    supervisor.click("main form button[type=submit]")
    expect(supervisor.locator("main")).to_contain_text("Your decision is recorded.")


def record(name: str, case: Case, **words: Any) -> str:
    with translation.override("en"):
        return reverse(name, kwargs={"token": case.token, **words})


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.full)])
def test_journey_b_within_its_budget(people: Any, browse: Callable[..., Page], script: bool) -> None:
    page = browse(people.worker.user, script=script)
    pages, clicks = intake(page).counts
    with acting_for("CR"):
        case = Case.objects.get()
    later = register_a_service(page, case).counts
    supervisor = browse(people.supervisor.user, script=script)
    ask_and_approve(page, supervisor, case, "plan", "goal", "#id_objective")
    ask_and_approve(page, supervisor, case, "exit", "exit", "#id_risks")
    with acting_for("CR"):
        closed = Case.objects.get()
    assert (closed.status, closed.standing, closed.review_on is None) == ("closed", "confirmed", False)
    record_proof(
        "journey_b", javascript=script, pages=pages, clicks=clicks, later_pages=later[0], later_clicks=later[1]
    )
    assert (pages <= INTAKE[0], clicks <= INTAKE[1]) == (True, True)
    assert (later[0] <= LATER[0], later[1] <= LATER[1]) == (True, True)


def furnished(people: Any) -> Case:
    with acting_for("CR", people.worker.code, "case_worker"):
        case = make_case(7, facts={"age": 16, "exploitation_types": ["ForcedLabour"], "declined": ["children"]})
        TeamMember.objects.create(
            state="CR", case_id=case.id, user_id=people.worker.code, since=timezone.now(), added_by=people.worker.code
        )
        goal = make_entry(case, "goal", {"area": "economic", "objective": "A trade of her own"})
        make_entry(case, "step", {"what": "Course of baking"}, parent=goal.id)
        make_entry(case, "need", {"need": "shelter", "risk": "high"})
        make_entry(case, "task", {"what": "Call the shelter"})
        make_entry(case, "interview", {"by": "police"})
        make_entry(case, "service", {"service": "legal", "provider": "Oficina inventada"})
        make_entry(case, "note", {"note_kind": "general", "text": "Prefers mornings."})
        make_plan_question(case)
    return case


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (320, "fr")])
def test_pages_are_accessible_and_no_wider_than_the_window(
    people: Any, browse: Callable[..., Page], width: int, language: str
) -> None:
    case, alert = furnished(people), make_alert("CR", people.worker.code)
    sections = ("assessment", "plan", "services", "protection", "tasks", "exit")
    names = ("case_detail", "identity_detail", "identity_edit", "consent_list", "consent_new", "facts_detail",
             "safety_new", "note_list", "case_team", "access_log")  # fmt: skip
    visits = {
        "worker": [url("case_list"), url("case_new"), url("case_search"), url("area_lock"),
                   url("task_list"), url("emergency_new"),
                   *(record(name, case) for name in names),
                   *(record("case_section", case, section=section) for section in sections),
                   record("facts_edit", case, section="trafficking"),
                   record("record_entry_new", case, kind="goal")],
        "supervisor": [url("approval_list"), url("alert_list"), url("alert_close", alert.id),
                       record("case_team", case), record("identity_detail", case)],
    }  # fmt: skip
    found = {}
    for name, addresses in visits.items():
        page = browse(getattr(people, name).user, width=width)
        for address in share(addresses, width):
            page.goto(address.replace("/en/", f"/{language}/", 1))
            wide = page.evaluate("document.documentElement.scrollWidth") > width
            violations = found_by_axe(page)
            if wide or violations:
                found[address] = (wide, [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations])
    pages = sum(len(share(some, width)) for some in visits.values())
    record_proof("axe-core, case records", width=width, pages=pages, violations=len(found))
    assert found == {}
