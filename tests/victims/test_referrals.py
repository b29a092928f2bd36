"""Referral between States: the envelope first, the copy by consent alone, one case of it, and nothing after a no."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from core.db import sealed_scope, wrapped_keys
from core.envelope import SealBroken
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from tests.victims.referring import (
    ALL,
    FACTS,
    IDENTITY,
    NOTE,
    Sides,
    acting,
    agree,
    make_case,
    make_sides,
    proposed,
    sent,
    wish,
)
from victims import services, vault
from victims.enums import FieldClass, Purpose
from victims.models import Case, Consent, PackageKey, Referral, ReferralArrival, ReferralOrigin
from victims.services import referrals as referring

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])


@pytest.fixture
def sides() -> Sides:
    return make_sides()


@pytest.fixture
def case(sides: Sides) -> Case:
    made = make_case(sides.worker)
    agree(sides.worker, made, "GT")
    return made


def seen_by(actor: Any, referral: Referral) -> bool:
    with sealed_scope(actor.context()):
        return Referral.objects.filter(id=referral.id).exists()


def keys_of(actor: Any, record: Any) -> int:
    with sealed_scope(actor.context()), wrapped_keys():
        return PackageKey.objects.filter(record=record).count()


def records_of(actor: Any, case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    with sealed_scope(actor.context()):
        facts = services.read_facts(actor=actor, cases=[case], reason="assistance")[case.id]
        return facts, services.reveal_identity(actor=actor, case=case, reason="assistance")


def test_what_was_previewed_is_what_arrives(sides: Sides, case: Case) -> None:
    referral = proposed(sides, case)
    shown = acting(sides.worker, referring.preview, referral)
    assert shown == {"quasi": FACTS, "narrative": {"incoming_details": NOTE}}
    assert acting(sides.worker, referring.reveal_copy, referral, reason="assistance") == IDENTITY
    assert acting(sides.supervisor, referring.preview, referral) == shown
    with pytest.raises(NotAllowed):  # who approves need not know
        acting(sides.supervisor, referring.reveal_copy, referral, reason="supervision")
    assert not seen_by(sides.recipient, referral)
    acting(sides.supervisor, referring.approve, referral)
    arrived = acting(sides.recipient, referring.accept, referral)
    assert arrived.code != case.code
    assert arrived.state == "GT"
    assert records_of(sides.recipient, arrived) == ({**FACTS, "incoming_details": NOTE}, IDENTITY)


def test_fields_are_left_out_one_by_one(sides: Sides) -> None:
    with sealed_scope(sides.worker.context()):
        facts = {**FACTS, "declined": ["children", "education"]}
        yes = services.Answer(given=True, classes=ALL)
        case = services.open_case(actor=sides.worker, consent=yes, facts=facts, identity=IDENTITY)
    agree(sides.worker, case, "GT")
    chosen = wish(["identity", "quasi"], without=["age", "second_name", "children"])
    with sealed_scope(sides.worker.context()):
        referral = referring.propose(actor=sides.worker, case=case, wish=chosen)
    shown = {
        **acting(sides.worker, referring.preview, referral),
        "identity": acting(sides.worker, referring.reveal_copy, referral, reason="assistance"),
    }
    assert shown == {
        "identity": {"first_name": IDENTITY["first_name"]},
        "quasi": {**{n: v for n, v in FACTS.items() if n != "age"}, "declined": ["education"]},
    }
    acting(sides.supervisor, referring.approve, referral)
    facts, identity = records_of(sides.recipient, acting(sides.recipient, referring.accept, referral))
    assert (facts, identity) == (shown["quasi"], shown["identity"])


@pytest.mark.parametrize("classes", [["quasi"], ["identity"], ["narrative"], ["identity", "quasi"]])
def test_only_the_classes_chosen_go_over(sides: Sides, case: Case, classes: list[str]) -> None:
    referral = sent(sides, case, classes)
    with sealed_scope(sides.recipient.context()):
        row = Referral.objects.get(id=referral.id)
        assert {each for each in ALL if getattr(row, each) is not None} == set(classes)
    facts, identity = records_of(sides.recipient, acting(sides.recipient, referring.accept, referral))
    assert identity == (IDENTITY if "identity" in classes else {})
    assert ("incoming_details" in facts) == ("narrative" in classes)
    assert ("gender" in facts) == ("quasi" in classes)


def test_a_stranger_and_the_draft_of_another_are_not_there(sides: Sides, case: Case) -> None:
    referral = proposed(sides, case)
    assert [seen_by(each, referral) for each in (sides.worker, sides.recipient, sides.stranger)] == [True, False, False]
    acting(sides.supervisor, referring.approve, referral)
    assert [seen_by(each, referral) for each in (sides.recipient, sides.stranger)] == [True, False]
    with sealed_scope(sides.recipient.context()):  # whose case it was is the sender's alone
        assert not ReferralOrigin.objects.exists()


def test_a_second_person_approves(sides: Sides, case: Case) -> None:
    referral = proposed(sides, case)
    with pytest.raises(NotAllowed):
        acting(sides.worker, referring.approve, referral)
    with sealed_scope(sides.worker.context()), transaction.atomic(using="sealed"):
        with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
            Referral.objects.filter(id=referral.id).update(stage="sent", approved_by=sides.worker.code)
        with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
            Referral.objects.filter(id=referral.id).update(stage="sent", approved_by=sides.supervisor.code)


def test_a_refusal_destroys_the_key(sides: Sides, case: Case) -> None:
    referral = sent(sides, case)
    with sealed_scope(sides.recipient.context()):
        kept = bytes(Referral.objects.get(id=referral.id).identity)  # as if copied before
    acting(sides.recipient, referring.refuse, referral, reason="no_capacity")
    assert keys_of(sides.recipient, referral.id) == 0
    with sealed_scope(sides.recipient.context()):
        row = Referral.objects.get(id=referral.id)
        assert (row.stage, row.identity, row.quasi, row.narrative) == ("refused", None, None, None)
        receipt = vault.announce(
            cases=[referral.id], field_class="identity", purpose="assistance", actor_id=sides.recipient.user.pk
        )
        with pytest.raises(SealBroken):
            vault.open_from("CR", kept, receipt, record=referral.id, table="referral")
    with pytest.raises(StepRefused):
        acting(sides.recipient, referring.accept, referral)


def test_a_withdrawal_makes_it_unreadable_and_is_too_late_afterwards(sides: Sides, case: Case) -> None:
    referral = sent(sides, case)
    acting(sides.worker, referring.withdraw, referral)
    assert not seen_by(sides.recipient, referral)
    assert keys_of(sides.recipient, referral.id) == 0
    other = sent(sides, case)
    acting(sides.recipient, referring.accept, other)
    with pytest.raises(StepRefused):
        acting(sides.worker, referring.withdraw, other)


def test_questions_answers_and_feedback_are_packages_of_their_own(sides: Sides, case: Case) -> None:
    referral = sent(sides, case)
    acting(sides.recipient, referring.write_message, referral, kind="question", text="CNRY-question")
    acting(sides.worker, referring.write_message, referral, kind="answer", text="CNRY-answer")
    arrived = acting(sides.recipient, referring.accept, referral)
    with pytest.raises(StepRefused):  # nobody agreed that anything be told back
        acting(sides.recipient, referring.write_message, referral, kind="feedback", text="CNRY-feedback")
    agree(sides.recipient, arrived, "CR")
    acting(sides.recipient, referring.write_message, referral, kind="feedback", text="CNRY-feedback")
    for each in (sides.worker, sides.recipient):
        texts = [text for _row, text in acting(each, referring.read_messages, referral)]
        assert texts == ["CNRY-question", "CNRY-answer", "CNRY-feedback"]
    with pytest.raises(StepRefused):  # the time of questions is over
        acting(sides.recipient, referring.write_message, referral, kind="question", text="CNRY-question")


def test_late_answers_are_told_once_by_the_envelope_alone(sides: Sides, case: Case, monkeypatch: Any) -> None:
    sent(sides, case)
    monkeypatch.setattr("core.keys.provider", None)  # no key may be asked for
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(referring.timezone, "now", lambda: later)
    before = OutboxMessage.objects.count()
    assert (referring.escalate_overdue(), referring.escalate_overdue()) == (1, 0)
    assert OutboxMessage.objects.count() == before + 1  # Costa Rica has a supervisor, Guatemala a case worker alone
    told = OutboxMessage.objects.filter(task="accounts.send_referral_notice")
    assert {user for (user,) in told.values_list("args", flat=True)} == {
        sides.recipient.user.pk, sides.supervisor.user.pk,
    }  # fmt: skip


def test_ended_packages_lose_their_keys(sides: Sides, case: Case, monkeypatch: Any) -> None:
    referral = sent(sides, case)
    acting(sides.recipient, referring.accept, referral)
    assert keys_of(sides.recipient, referral.id) == 3
    assert referring.destroy_ended() == 1
    assert keys_of(sides.recipient, referral.id) == 0
    destroyed = list[Any]()
    monkeypatch.setattr(vault, "destroy_package", destroyed.append)
    assert (referring.destroy_ended(), destroyed) == (0, [])  # what ended before is not counted as new


def test_every_reading_of_a_package_is_in_the_trail(sides: Sides, case: Case) -> None:
    referral = sent(sides, case)
    acting(sides.recipient, referring.accept, referral)
    read = AuditEvent.objects.filter(chain="GT", verb="case.read", object_id=str(referral.id))
    assert sorted(event.data["class"] for event in read) == sorted(ALL)
    assert "CNRY" not in repr(list(AuditEvent.objects.values()))


# --- consent (B35, B36) ----------------------------------------------------------------------------

TODAY = timezone.localdate
SHORT: dict[str, Callable[[Sides, Case], Any]] = {
    "missing": lambda sides, case: None,
    "refused": lambda sides, case: _asked(sides, case, given=False),
    "expired": lambda sides, case: agree(
        sides.worker, case, "GT", given_on=TODAY() - timedelta(days=9), expires_on=TODAY()
    ),
    "for another State": lambda sides, case: agree(sides.worker, case, "PE"),
    "for another purpose": lambda sides, case: _asked(sides, case, purpose=Purpose.SERVICE, recipient=""),
    "withdrawn": lambda sides, case: _withdraw(sides, case, agree(sides.worker, case, "GT")),
    "two halves": lambda sides, case: [agree(sides.worker, case, "GT", [each]) for each in ALL],
}
CHOICES = [["identity"], ["quasi"], ["narrative"], ["identity", "quasi"], ["narrative", "quasi"], list(ALL)]


def _asked(sides: Sides, case: Case, *, given: bool = True, **asked: Any) -> None:
    asked = {"purpose": Purpose.RECIPIENT, "recipient": "GT", **asked}
    with sealed_scope(sides.worker.context()):
        answer = services.Answer(given=given, classes=ALL)
        services.ask_consent(actor=sides.worker, case=case, answer=answer, **asked)


def _withdraw(sides: Sides, case: Case, consent: Any) -> None:
    with sealed_scope(sides.worker.context()):
        services.withdraw_consent(actor=sides.worker, case=case, consent=consent)


def readable(sides: Sides, referral: Referral) -> bool:
    """Whether the recipient gets at anything: by accepting, or by SQL and its keys."""
    with sealed_scope(sides.recipient.context()):
        row = Referral.objects.filter(id=referral.id).first()
        if row is not None and any(getattr(row, each) is not None for each in ALL):
            return True
    try:
        acting(sides.recipient, referring.accept, referral)
    except (PortalError, Referral.DoesNotExist):
        return False
    return True


def reaches(sides: Sides, case: Case, classes: list[str]) -> bool:
    try:
        return readable(sides, sent(sides, case, classes))
    except PortalError:
        return False


def withdrawn_at(point: str, sides: Sides, case: Case, classes: list[str]) -> bool:
    """The consent is withdrawn at this point; whether the recipient still gets at the package."""
    consent = agree(sides.worker, case, "GT")
    referral = proposed(sides, case, classes)
    if point == "draft":
        _withdraw(sides, case, consent)
        with contextlib.suppress(PortalError):
            acting(sides.supervisor, referring.approve, referral)
        return readable(sides, referral)
    acting(sides.supervisor, referring.approve, referral)
    if point == "asked":
        acting(sides.recipient, referring.write_message, referral, kind="question", text="Invented")
    if point == "answered":
        acting(sides.recipient, referring.write_message, referral, kind="question", text="Invented")
        acting(sides.worker, referring.write_message, referral, kind="answer", text="Invented")
    _withdraw(sides, case, consent)
    return readable(sides, referral)


def test_no_package_is_readable_without_consent(sides: Sides) -> None:
    """Each way a consent falls short and each moment it ends, with each choice of classes."""
    cases, found = 0, []
    for classes in CHOICES:
        for name, prepare in SHORT.items():
            if name == "two halves" and len(classes) == 1:
                continue
            case = make_case(sides.worker)
            prepare(sides, case)
            cases, found = cases + 1, found + ([(name, classes)] if reaches(sides, case, classes) else [])
        for point in ("draft", "sent", "asked", "answered"):
            case = make_case(sides.worker)
            cases += 1
            found += [(point, classes)] if withdrawn_at(point, sides, case, classes) else []
    record_proof("referral_consent", cases=cases, readable_without=len(found), which=found)
    assert (cases, found) == (63, [])


def test_with_consent_it_is_readable(sides: Sides, case: Case) -> None:
    """Or the test above would prove nothing."""
    assert reaches(sides, case, list(ALL))


def test_the_database_asks_for_consent_itself(sides: Sides, monkeypatch: Any) -> None:
    """A service that took any consent for the right one would be refused all the same."""
    case = make_case(sides.worker)
    monkeypatch.setattr(referring, "_consent", lambda case, *asked: Consent.objects.get(case_id=case.id))
    referral = proposed(sides, case)
    with pytest.raises(StepRefused, match="not possible"):
        acting(sides.supervisor, referring.approve, referral)


def test_a_withdrawal_by_sql_reaches_the_package(sides: Sides, case: Case) -> None:
    referral = sent(sides, case)
    with sealed_scope(sides.worker.context()), connections["sealed"].cursor() as cursor:
        cursor.execute("UPDATE sealed.consent SET withdrawn_at = now() WHERE purpose = 'recipient'")
        row = Referral.objects.get(id=referral.id)
        assert (row.stage, row.identity, row.quasi, row.narrative) == ("withdrawn", None, None, None)


def test_an_expired_consent_is_asked_again_at_acceptance(sides: Sides, monkeypatch: Any) -> None:
    case = make_case(sides.worker)
    agree(sides.worker, case, "GT", expires_on=TODAY() + timedelta(days=1))
    referral = sent(sides, case)
    with monkeypatch.context() as later:
        later.setattr(referring.timezone, "localdate", lambda: TODAY() + timedelta(days=1))
        with pytest.raises(StepRefused):
            acting(sides.recipient, referring.accept, referral)
    with sealed_scope(sides.recipient.context()):
        assert ReferralArrival.objects.count() == 0


def test_a_wish_without_a_class_or_of_another_case_is_refused(sides: Sides, case: Case) -> None:
    with sealed_scope(sides.worker.context()), pytest.raises(StepRefused):
        referring.propose(actor=sides.worker, case=case, wish=wish([]))
    with sealed_scope(sides.supervisor.context()), pytest.raises(NotAllowed):
        referring.propose(actor=sides.supervisor, case=case, wish=wish([FieldClass.QUASI]))
