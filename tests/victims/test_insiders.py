"""What an officer of the same State tries: the own way into a team, emergencies in a row, two hands at one identity."""

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
from tests.victims.referring import IDENTITY, make_case, officer
from victims import services
from victims.models import Approval, Case, Consent, Identity, TeamMember
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
