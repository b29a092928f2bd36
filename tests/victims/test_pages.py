"""Pages of a record as their people use them: intake by consent, a masked identity, plan, closing, an emergency."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from core.db import sealed_scope
from core.models import AuditEvent, OutboxMessage
from tests.factories.victims import acting_for, make_case, make_entry
from tests.victims.people import officer_and_client
from victims import services
from victims.models import Approval, Case, Entry
from victims.permissions import Officer
from victims.services.retention import years_after

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])
CONSENT = {
    "given": "yes",
    "classes": ["identity", "narrative", "quasi"],
    "given_by": "person",
    "manner": "spoken",
    "language": "spa",
    "agrees_to_services": "on",
}


def at(name: str, case: Case, **words: Any) -> str:
    return reverse(name, kwargs={"token": case.token, **words})


@pytest.fixture
def worker() -> tuple[Officer, Client]:
    return officer_and_client(Role.CASE_WORKER)


def opened(client: Client) -> Case:
    """By consent, through the page."""
    response = client.post(reverse("case_new"), CONSENT)
    assert response.status_code == 302, response.content
    token = response["Location"].split("/")[-4]
    with acting_for("CR"):
        return Case.objects.get(token=token)


def test_a_case_begins_with_consent(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    case = opened(client)
    page = client.get(reverse("case_list")).content.decode()
    assert case.code in page
    with sealed_scope(officer.context()):
        assert services.has_consent(case, purpose="service", classes=["quasi"])
        assert Case.objects.visible_to(officer).count() == 1


def test_without_consent_the_page_keeps_nothing(worker: tuple[Officer, Client]) -> None:
    response = worker[1].post(reverse("case_new"), {**CONSENT, "given": "no"})
    assert (response.status_code, b"Nothing was kept" in response.content) == (200, True)
    with acting_for("CR"):
        assert Case.objects.count() == 0


def test_a_danger_becomes_a_task_for_today(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    response = client.post(at("safety_new", case) + "?intake=1", {"risk": "high", "dangers": ["no_place", "child"]})
    assert response["Location"] == at("identity_edit", case) + "?intake=1"
    with acting_for("CR"):
        assert Entry.objects.open_tasks().count() == 2
    assert b"No safe place tonight" in client.get(at("case_section", case, section="tasks")).content


def test_identity_is_masked_until_somebody_says_why(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    case = opened(client)
    saved = client.post(at("identity_edit", case) + "?intake=1", {"version": 0, "second_name": "CNRY-surname"})
    assert saved["Location"] == at("facts_edit", case, section="intake") + "?intake=1"
    assert b"CNRY" not in client.get(at("case_detail", case)).content
    assert b"CNRY" not in client.get(at("identity_detail", case)).content
    assert client.post(at("identity_detail", case), {"reason": ""}).status_code == 422
    shown = client.post(at("identity_detail", case), {"reason": "safety"})
    assert b"CNRY-surname" in shown.content
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.filter(verb="case.read", data__how="reveal", data__purpose="safety").get()
    assert event.actor == officer.user
    hide = re.search(r'href="([^"]+)"[^>]*>Hide the identity', shown.content.decode())
    assert hide is not None
    hidden = client.get(hide[1])
    assert (hidden.status_code, b"CNRY" in hidden.content) == (200, False)
    assert AuditEvent.objects.filter(verb="case.read", data__how="reveal").count() == 1


@pytest.mark.parametrize(
    ("facts", "confirmed"),
    [
        ({"age": "30", "acts": ["transfer"], "means": ["fraud"], "exploitation_types": ["ForcedLabour"]}, True),
        ({"age": "30", "acts": ["transfer"], "exploitation_types": ["ForcedLabour"]}, False),
        ({"age": "16", "acts": ["transfer"], "exploitation_types": ["ForcedLabour"]}, True),
        ({"age": "16", "exploitation_types": ["ForcedLabour"]}, False),
        ({"age": "30", "acts": ["transfer"], "means": ["fraud"]}, False),
    ],
)
def test_nobody_is_confirmed_without_the_elements(
    worker: tuple[Officer, Client], facts: dict[str, Any], confirmed: bool
) -> None:
    _officer, client = worker
    case = opened(client)
    given = {"version": 1, "standing": "confirmed", "began_on_1": "5", "began_on_2": "2013", **facts}
    response = client.post(at("facts_edit", case, section="intake") + "?intake=1", given)
    assert response.status_code == (302 if confirmed else 422)
    with acting_for("CR"):
        assert Case.objects.get(id=case.id).standing == ("confirmed" if confirmed else "possible")
    if confirmed:
        page = client.get(at("facts_detail", case)).content.decode()
        assert ("May 2013" in page, "Not asked yet" in page) == (True, True)


def test_the_database_confirms_nobody_either() -> None:
    from django.db import IntegrityError, transaction

    with acting_for("CR"):
        case = make_case(1)
        with pytest.raises(IntegrityError), transaction.atomic(using="sealed"):
            Case.objects.filter(id=case.id).update(standing="confirmed", elements=["act", "purpose"])


def test_what_was_not_said_is_kept_apart_from_what_was_not_asked(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    client.post(at("facts_edit", case, section="profile"), {"version": 1, "age": "20", "declined": ["children"]})
    page = client.get(at("facts_detail", case)).content.decode()
    assert page.count("Preferred not to say") == 1


def test_two_people_who_change_the_facts_meet(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    address = at("facts_edit", case, section="profile")
    assert client.post(address, {"version": 1, "age": "20"}).status_code == 302
    late = client.post(address, {"version": 1, "age": "21"})
    assert (late.status_code, b"in the meantime" in late.content) == (422, True)


ENTRIES: list[tuple[str, dict[str, Any], str]] = [
    ("need", {"need": "shelter", "risk": "high", "levels": ["individual"]}, "assessment"),
    ("goal", {"area": "economic", "objective": "CNRY own shop"}, "plan"),
    ("service", {"service": "legal", "provider": "CNRY office", "began_2": "2014"}, "services"),
    ("protection", {"judicial_stage": "trial", "measure": "companion"}, "protection"),
    ("interview", {"by": "police", "recorded": "on"}, "protection"),
    ("event", {"type": "Transit", "country": "Panamá", "happened_2": "2013"}, "events"),
    ("task", {"what": "CNRY call", "due_on_0": "1", "due_on_1": "2", "due_on_2": "2014"}, "tasks"),
    ("exit", {"goals": "partly", "contact": "no"}, "exit"),
]


@pytest.mark.parametrize(("kind", "data", "section"), ENTRIES, ids=[kind for kind, _data, _section in ENTRIES])
def test_each_kind_is_written_shown_and_changed(
    worker: tuple[Officer, Client], kind: str, data: dict[str, Any], section: str
) -> None:
    _officer, client = worker
    case = opened(client)
    assert client.get(at("record_entry_new", case, kind=kind)).status_code == 200
    response = client.post(at("record_entry_new", case, kind=kind), data)
    assert response["Location"] == at("case_section", case, section=section)
    with acting_for("CR"):
        entry = Entry.objects.get(kind=kind)
        assert b"CNRY" not in bytes(entry.body)
    edit = at("record_entry_edit", case, entry=entry.id)
    assert client.get(edit).status_code == 200
    assert client.post(edit, {**data, "version": 1}).status_code == 302
    assert client.get(at("case_section", case, section=section)).status_code == 200


def test_a_story_told_before_is_told_again_with_a_reason_alone(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    address = at("record_entry_new", case, kind="interview")
    client.post(address, {"by": "police"})
    assert client.post(address, {"by": "court"}).status_code == 422
    assert client.post(address, {"by": "court", "again": "court_order"}).status_code == 302
    assert b"told it 2 times" in client.get(at("case_section", case, section="protection")).content


def test_a_service_needs_consent_to_services(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    response = client.post(reverse("case_new"), {k: v for k, v in CONSENT.items() if k != "agrees_to_services"})
    with acting_for("CR"):
        case = Case.objects.get(token=response["Location"].split("/")[-4])
    refused = client.post(at("record_entry_new", case, kind="service"), {"service": "legal"})
    assert refused.status_code == 422


def test_notes_are_for_the_team_alone(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    client.post(at("record_entry_new", case, kind="note"), {"note_kind": "non_punishment", "text": "CNRY told"})
    assert b"CNRY told" in client.get(at("note_list", case)).content
    _supervisor, other = officer_and_client(Role.CASE_SUPERVISOR)
    page = other.get(at("note_list", case))
    assert (page.status_code, b"CNRY" in page.content) == (200, False)


def test_a_supervisor_approves_the_plan_and_closes(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    _other, supervisor = officer_and_client(Role.CASE_SUPERVISOR)
    case = opened(client)
    with acting_for("CR", _officer.code, "case_worker"):
        make_entry(case, "goal", {"objective": "A trade"})
        make_entry(case, "exit", {"goals": "reached"})
    for question in ("plan", "closure"):
        assert client.post(at("approval_new", case, question=question), {"words": "Ready"}).status_code == 302
        with acting_for("CR"):
            asked = Approval.objects.waiting().get(question=question)
        decide = at("approval_decide", case, approval=asked.id)
        assert client.post(decide, {"decision": "approved"}).status_code == 403
        assert supervisor.post(decide, {"decision": "returned"}).status_code == 422  # without a word why
        assert supervisor.post(decide, {"decision": "approved"}).status_code == 302
    with acting_for("CR"):
        closed = Case.objects.get(id=case.id)
        assert (closed.status, closed.review_on) == ("closed", years_after(closed.closed, 2))
    assert client.post(at("record_entry_new", case, kind="goal"), {"objective": "More"}).status_code == 403


def test_a_custodian_lends_sight_of_an_identity(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    client.post(at("identity_edit", case), {"version": 0, "second_name": "CNRY-surname"})
    _s, supervisor = officer_and_client(Role.CASE_SUPERVISOR)
    _c, custodian = officer_and_client(Role.CUSTODIAN)
    look = {"reason": "supervision"}
    assert supervisor.post(at("identity_detail", case), look).status_code == 403
    assert supervisor.post(at("approval_new", case, question="identity"), look).status_code == 302
    with acting_for("CR"):
        asked = Approval.objects.get(question="identity")
    assert supervisor.post(at("approval_decide", case, approval=asked.id), {"decision": "approved"}).status_code == 403
    assert custodian.post(at("identity_detail", case), look).status_code == 403
    assert custodian.post(at("approval_decide", case, approval=asked.id), {"decision": "approved"}).status_code == 302
    assert b"CNRY-surname" in supervisor.post(at("identity_detail", case), look).content


def test_an_emergency_lasts_an_hour_and_waits_for_its_review(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case, second = opened(client), opened(client)
    rescuer, other = officer_and_client(Role.CASE_WORKER)
    _s, supervisor = officer_and_client(Role.CASE_SUPERVISOR)
    _c, custodian = officer_and_client(Role.CUSTODIAN)
    assert other.get(at("case_detail", case)).status_code == 404
    begin = {"code": case.code, "confirm": "on"}
    assert other.post(reverse("emergency_new"), begin).status_code == 302
    assert other.get(at("case_detail", case)).status_code == 200
    told = OutboxMessage.objects.filter(task="accounts.send_area_notice")
    assert told.count() == 2
    assert case.code not in repr(list(told.values()))
    again = other.post(reverse("emergency_new"), {**begin, "code": second.code})
    assert (again.status_code, b"waits for its review" in again.content) == (422, True)
    with acting_for("CR"):
        asked = Approval.objects.get(question="emergency")
        assert (asked.until - asked.asked_at).total_seconds() == 3600
    assert custodian.post(at("approval_decide", case, approval=asked.id), {"decision": "approved"}).status_code == 302
    assert other.post(reverse("emergency_new"), {**begin, "code": second.code}).status_code == 302
    assert rescuer.state == "CR"
    assert supervisor.get(reverse("approval_list")).status_code == 200


def test_an_emergency_of_another_state_is_no_case(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    _foreign, other = officer_and_client(Role.CASE_WORKER, "GT")
    answer = other.post(reverse("emergency_new"), {"code": case.code, "confirm": "on"})
    never = other.post(reverse("emergency_new"), {"code": "CR-2222-22", "confirm": "on"})
    assert (answer.status_code, never.status_code) == (422, 422)
    assert b"no open case" in answer.content


def test_the_access_log_names_who_looked(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    case = opened(client)
    supervisor, other = officer_and_client(Role.CASE_SUPERVISOR)
    other.get(at("case_detail", case))
    page = client.get(at("access_log", case)).content.decode()
    assert str(officer.user) in page
    assert str(supervisor.user) in page


def test_a_supervisor_joins_and_removes_colleagues(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    case = opened(client)
    colleague, other = officer_and_client(Role.CASE_WORKER)
    _s, supervisor = officer_and_client(Role.CASE_SUPERVISOR)
    assert client.post(at("case_team", case), {"colleague": colleague.code}).status_code == 403
    assert supervisor.post(at("case_team", case), {"colleague": colleague.code}).status_code == 302
    assert other.get(at("case_detail", case)).status_code == 200
    assert supervisor.post(at("team_remove", case, person=colleague.code)).status_code == 302
    assert other.get(at("case_detail", case)).status_code == 404


def test_consent_is_asked_and_withdrawn(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    case = opened(client)
    ask = {**CONSENT, "purpose": "recipient", "recipient": "GT", "classes": ["quasi"]}
    assert client.post(at("consent_new", case), ask).status_code == 302
    with sealed_scope(officer.context()):
        assert services.has_consent(case, purpose="recipient", recipient="GT", classes=["quasi"])
        consent = next(part for part in _consents(officer, case) if part.row.purpose == "recipient").row
    assert client.post(at("consent_withdraw", case, consent=consent.id)).status_code == 302
    with sealed_scope(officer.context()):
        assert not services.has_consent(case, purpose="recipient", recipient="GT", classes=["quasi"])


def _consents(officer: Officer, case: Case) -> list[services.Part]:
    return services.read_record(actor=officer, case=case, reason="assistance").consents


def test_a_record_page_is_one_reading(worker: tuple[Officer, Client], django_assert_max_num_queries: Any) -> None:
    """However much is in the record: one event, and as many queries as with little."""
    officer, client = worker
    case = opened(client)
    with acting_for("CR", officer.code):
        for number in range(20):
            make_entry(case, "task", {"what": f"Call {number}"})
    before = AuditEvent.objects.filter(verb="case.read").count()
    with django_assert_max_num_queries(40):
        client.get(at("case_section", case, section="tasks"))
    assert AuditEvent.objects.filter(verb="case.read").count() == before + 1
