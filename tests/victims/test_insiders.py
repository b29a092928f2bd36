"""What an officer of the same State tries: a way into a team, emergencies in a row, an identity by a side door."""

import contextlib
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client, override_settings
from django.urls import reverse

from accounts.enums import Role
from core.db import sealed_scope
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from core.models import AuditEvent
from tests.victims.conftest import AREA
from tests.victims.referring import IDENTITY, agree, make_case, make_sides, officer, sent
from victims import services
from victims.models import Approval, Case, Consent, Identity, Referral, ReferralMessage, TeamMember
from victims.permissions import Officer
from victims.services import approvals

STALE = override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=-1)
here = pytest.mark.django_db(databases=AREA)


@pytest.fixture
def worker() -> Officer:
    return officer(Role.CASE_WORKER, state="CR")


@pytest.fixture
def case(worker: Officer) -> Case:
    return make_case(worker)


def signed_in(person: Officer) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def at(name: str, case: Case, **more: Any) -> str:
    return reverse(name, kwargs={"token": case.token, **more})


# --- the team --------------------------------------------------------------------------------------


@here
def test_nobody_brings_themselves_into_a_team(case: Case) -> None:
    both = officer(Role.CASE_SUPERVISOR, Role.CASE_WORKER, state="CR")
    client = signed_in(both)
    page = client.get(at("case_team", case))
    assert both.code not in [code for code, _name in page.context["form"].fields["colleague"].choices]
    assert client.post(at("case_team", case), {"colleague": both.code}).status_code == 422
    with sealed_scope(both.context()), pytest.raises(NotAllowed):
        services.add_to_team(actor=both, case=case, colleague=both)
    assert client.post(at("identity_detail", case), {"reason": "assistance"}).status_code == 403
    assert AuditEvent.objects.filter(verb="team.refused", object_id=str(case.id)).count() == 1


@here
def test_the_database_brings_nobody_into_a_team_who_asks_for_it(case: Case, worker: Officer) -> None:
    """Nor a worker who only left, nor somebody by the hand of a colleague who is no supervisor."""
    both, third = officer(Role.CASE_SUPERVISOR, Role.CASE_WORKER, state="CR"), officer(Role.CASE_WORKER, state="CR")
    for actor, person in ((both, both), (worker, third), (third, third)):
        with sealed_scope(actor.context()), pytest.raises(DatabaseError, match="not theirs to bring in"):
            _joined(case, actor, person)
    with sealed_scope(both.context()):
        services.remove_from_team(actor=both, case=case, code=worker.code)
    mine = TeamMember.objects.filter(case_id=case.id, user_id=worker.code)
    with sealed_scope(worker.context()), pytest.raises(DatabaseError, match="not theirs to bring in"):
        _again(mine)
    with sealed_scope(both.context()):
        services.add_to_team(actor=both, case=case, colleague=worker)
        assert mine.current().exists()


def _again(left: Any) -> None:
    with transaction.atomic(using="sealed"):
        left.update(until=None)


def _joined(case: Case, actor: Officer, person: Officer) -> None:
    with transaction.atomic(using="sealed"):
        TeamMember.objects.create(
            state="CR", case_id=case.id, user_id=person.code, since="2013-01-01T00:00Z", added_by=actor.code
        )


# --- emergencies -----------------------------------------------------------------------------------


@here
def test_an_emergency_that_is_returned_ends_at_once(worker: Officer, case: Case) -> None:
    curious, supervisor = officer(Role.CASE_WORKER, state="CR"), officer(Role.CASE_SUPERVISOR, state="CR")
    client, second = signed_in(curious), make_case(worker)
    begin = reverse("emergency_new")
    assert client.post(begin, {"code": case.code, "confirm": "on"}).status_code == 302
    shown = client.post(at("identity_detail", case), {"reason": "safety"})
    assert IDENTITY["second_name"] in shown.content.decode()
    with sealed_scope(supervisor.context()):
        asked = Approval.objects.get(question="emergency")
        services.decide(actor=supervisor, case=case, approval=asked, is_approved=False, words="no emergency")
    assert client.post(at("identity_detail", case), {"reason": "safety"}).status_code == 404
    again = client.post(begin, {"code": second.code, "confirm": "on"})
    assert (again.status_code, "not confirmed" in again.content.decode()) == (422, True)
    with sealed_scope(curious.context()):
        row = Approval.objects.get(question="emergency")
        assert row.until == row.decided_at
        with pytest.raises(DatabaseError, match="an emergency was returned"), transaction.atomic(using="sealed"):
            _begun(second, curious)


def _begun(case: Case, person: Officer) -> Approval:
    return Approval.objects.create(
        state="CR", case_id=case.id, question="emergency", reason="safety", asked_by=person.code,
        asked_at="2013-01-01T00:00Z",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True, databases=AREA)
def test_of_three_emergencies_at_once_one_begins(worker: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked for before any of the three is written, and kept open until all are: no look at the rows helps."""
    curious, cases = officer(Role.CASE_WORKER, state="CR"), [make_case(worker) for _number in range(3)]
    before, after, answers = threading.Barrier(3), threading.Barrier(3), list[str]()
    ask = approvals._ask

    def held(*given: Any, **named: Any) -> Approval:
        before.wait(10)
        row = ask(*given, **named)
        with contextlib.suppress(threading.BrokenBarrierError):
            after.wait(1)  # where the database lets only one in, the others never come here
        return row

    monkeypatch.setattr(approvals, "_ask", held)

    def begin(case: Case) -> None:
        try:
            with sealed_scope(curious.context()):
                services.begin_emergency(actor=curious, code=case.code)
            answers.append("begun")
        except StepRefused as refusal:
            answers.append(str(refusal.message))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    wait = "Your last emergency access waits for its review. Until then no other begins."
    assert sorted(answers) == sorted(["begun", wait, wait])
    with sealed_scope(curious.context()):
        assert Approval.objects.lent_to(curious).count() == 1


# --- two hands at one identity ---------------------------------------------------------------------


@here
def test_the_second_first_identity_is_told_that_a_colleague_was_faster(worker: Officer) -> None:
    yes = services.Answer(given=True, classes=("identity", "quasi"))
    with sealed_scope(worker.context()):
        case = services.open_case(actor=worker, consent=yes, facts={})
        for name, refusal in (("One", None), ("Other", StaleVersion)):
            change = {"identity": {"second_name": name}, "version": 0}
            if refusal is None:
                services.change_identity(actor=worker, case=case, **change)
            else:
                with pytest.raises(refusal):
                    services.change_identity(actor=worker, case=case, **change)
        assert services.reveal_identity(actor=worker, case=case, reason="assistance") == {"second_name": "One"}
        assert (Identity.objects.count(), Consent.objects.count()) == (1, 1)  # the transaction goes on


# --- an identity by the way of a referral ----------------------------------------------------------


@here
def test_the_copy_of_a_referral_shows_an_identity_as_the_record_does(case: Case, worker: Officer) -> None:
    """With the second factor of these minutes, a reason, and a look that is counted; no other way."""
    agree(worker, case, "GT")
    wanted = {
        "to_state": "GT",
        "kind": "service",
        "help": "shelter",
        "urgency": "soon",
        "classes": ["identity", "quasi"],
    }
    client, name = signed_in(worker), IDENTITY["second_name"]
    with STALE:
        assert "reauthenticate" in client.post(at("referral_new", case), wanted)["Location"]
    page = client.post(at("referral_new", case), wanted)["Location"]
    before = looks(case)
    masked, without = client.get(page), client.post(page, {})
    assert (masked.status_code, without.status_code) == (200, 422)
    assert [name in answer.content.decode() for answer in (masked, without)] == [False, False]
    assert looks(case) == before
    with STALE:
        assert "reauthenticate" in client.post(page, {"reason": "judicial"})["Location"]
    assert name in client.post(page, {"reason": "judicial"}).content.decode()
    assert looks(case) == [*before, ("reveal", "judicial")]
    supervisor = signed_in(officer(Role.CASE_SUPERVISOR, state="CR"))
    assert supervisor.post(page, {"reason": "supervision"}).status_code == 403
    assert signed_in(officer(Role.CASE_WORKER, state="GT")).post(page, {"reason": "safety"}).status_code == 404


@here
def test_a_referral_without_identity_or_from_elsewhere_shows_none() -> None:
    sides = make_sides()
    case = make_case(sides.worker)
    agree(sides.worker, case, "GT")
    referral = sent(sides, case, ["quasi"])
    page = reverse("referral_detail", kwargs={"token": referral.token})
    assert signed_in(sides.worker).post(page, {"reason": "safety"}).status_code == 422
    assert signed_in(sides.recipient).post(page, {"reason": "safety"}).status_code == 403
    assert [how for how, _reason in looks(case)] == []


def looks(case: Case) -> list[tuple[str, str]]:
    """How often an identity was opened, and how."""
    events = AuditEvent.objects.filter(verb="case.read", object_id=str(case.id), data__class="identity")
    return [(event.data["how"], event.data["purpose"]) for event in events.order_by("seq")]


# --- steps that cannot be undone -------------------------------------------------------------------


@here
def test_what_destroys_or_opens_asks_again() -> None:
    """Each is sent too late, and nothing of it has happened."""
    sides = make_sides()
    case, colleague = make_case(sides.worker), officer(Role.CASE_WORKER, state="CR")
    consent = agree(sides.worker, case, "GT")
    referral = sent(sides, case)
    word = {"token": referral.token}
    late = [
        (sides.supervisor, at("case_team", case), {"colleague": colleague.code}),
        (sides.supervisor, at("team_remove", case, person=sides.worker.code), {}),
        (sides.worker, at("consent_withdraw", case, consent=consent.id), {}),
        (sides.worker, reverse("referral_withdraw", kwargs=word), {}),
        (sides.recipient, reverse("referral_refuse", kwargs=word), {"reason": "no_capacity"}),
        (sides.recipient, reverse("referral_write", kwargs={**word, "kind": "question"}), {"text": "Invented"}),
    ]
    clients = {id(person): signed_in(person) for person, _address, _data in late}
    with STALE:
        answers = [clients[id(person)].post(address, data) for person, address, data in late]
    assert ["reauthenticate" in answer["Location"] for answer in answers] == [True] * len(late)
    with sealed_scope(sides.worker.context()):
        assert Consent.objects.get(id=consent.id).withdrawn_at is None
        assert [member.user_id for member in TeamMember.objects.current()] == [sides.worker.code]
        row = Referral.objects.get(id=referral.id)
        assert (row.stage, row.identity is None) == ("sent", False)
        assert not ReferralMessage.objects.exists()
