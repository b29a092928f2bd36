"""What one person asks and another decides: the plan, the closing, sight of an identity, a review of an emergency."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import RoleAssignment
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue
from victims.enums import Decision, FieldClass, Kind, Question, Reason, Status
from victims.models import Approval, Case, Entry
from victims.permissions import Officer, can_decide, can_read_facts, can_reveal_identity, works_on
from victims.services.retention import review_day
from victims.services.shared import note, require, require_open_case_of, sealed

EMERGENCY = timedelta(hours=1)  # how long one lasts, and how long the next waits after one that was returned
_WAITS = _("Your last emergency access waits for its review. Until then no other begins.")
_TOLD = (Role.CASE_SUPERVISOR, Role.CUSTODIAN, Role.STATE_AUDITOR)


def ask_for_plan(*, actor: Officer, case: Case, words: str = "") -> Approval:
    require_open_case_of(actor, case)
    if not Entry.objects.filter(case_id=case.id, kind=Kind.GOAL).exists():
        raise StepRefused(_("Write at least one goal of the life project first."))
    return _ask(actor, case, Question.PLAN, Reason.ASSISTANCE, words)


def ask_for_closure(*, actor: Officer, case: Case, words: str = "") -> Approval:
    require_open_case_of(actor, case)
    if not Entry.objects.filter(case_id=case.id, kind=Kind.EXIT).exists():
        raise StepRefused(_("Write the exit plan first."))
    return _ask(actor, case, Question.CLOSURE, Reason.ASSISTANCE, words)


def ask_for_identity(*, actor: Officer, case: Case, reason: str) -> Approval:
    """By whoever reads the facts and is not of the team; a custodian decides."""
    require(can_read_facts(actor, case))
    if can_reveal_identity(actor, case):
        raise StepRefused(_("You see this identity already."))
    return _ask(actor, case, Question.IDENTITY, reason)


def begin_emergency(*, actor: Officer, code: str, reason: str = Reason.SAFETY) -> Case:
    """One case of one's own State, for sixty minutes, with everybody told who watches over the area."""
    case = Case.objects.filter(code=code, status=Status.OPEN).first()
    if case is None or Role.CASE_WORKER not in actor.roles:
        note(actor, "emergency.refused", uuid.UUID(int=0))
        raise NotAllowed(_("There is no open case with this code."))
    if works_on(actor, case):
        raise StepRefused(_("You work on this case; no emergency is needed."))
    try:
        _require_none_before(actor)
        approval = _begun(actor, case, reason)
    except StepRefused:
        note(actor, "emergency.refused", case.id)
        raise
    _tell_the_watch(actor.state, approval)
    return case


def _require_none_before(actor: Officer) -> None:
    mine = Approval.objects.emergencies_of(actor)
    if mine.waiting().exists():
        raise StepRefused(_WAITS)
    if mine.returned_since(timezone.now() - EMERGENCY).exists():
        raise StepRefused(
            _("Your last emergency access was not confirmed. For an hour after that decision no other begins.")
        )


def _begun(actor: Officer, case: Case, reason: str) -> Approval:
    """Where two ask at the same moment neither sees the other; the database lets one begin."""
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            return _ask(actor, case, Question.EMERGENCY, reason)
    except IntegrityError as error:
        raise StepRefused(_WAITS) from error


def decide(*, actor: Officer, case: Case, approval: Approval, is_approved: bool, words: str = "") -> None:
    """Returned with a reason in words; an approved closing closes at once and sets the day of the review."""
    if not can_decide(actor, approval):
        raise NotAllowed(_("A second person decides this."))
    if not is_approved and not words and approval.question in {Question.PLAN, Question.CLOSURE}:
        raise StepRefused(_("Say what is missing."))
    decision = Decision.APPROVED if is_approved else Decision.RETURNED
    note(actor, "approval.decided", case.id, question=approval.question, decision=decision)
    fields: dict[str, Any] = {"decision": decision, "decided_by": actor.code, "decided_at": timezone.now()}
    if words:
        fields["body"] = _sealed_words(case, approval.id, {"returned": words})
    if not Approval.objects.waiting().filter(id=approval.id).update(**fields):
        raise StepRefused(_("A colleague has decided this in the meantime."))
    if is_approved and approval.question == Question.CLOSURE:
        _close(case)


def _close(case: Case) -> None:
    today = timezone.localdate()
    Case.objects.filter(id=case.id).update(
        status=Status.CLOSED, closed=today, changed=today, review_on=review_day(case, today)
    )


def _ask(actor: Officer, case: Case, question: str, reason: str, words: str = "") -> Approval:
    mine = Approval.objects.waiting().filter(case_id=case.id, question=question)
    if question == Question.IDENTITY:
        mine = mine.filter(asked_by=actor.code)
    if question != Question.EMERGENCY and mine.exists():
        raise StepRefused(_("This is asked already and waits for an answer."))
    verb = "emergency.begun" if question == Question.EMERGENCY else "approval.asked"
    note(actor, verb, case.id, question=question, reason=reason)
    approval = uuid.uuid4()
    return Approval.objects.create(
        state=actor.state,
        id=approval,
        case_id=case.id,
        question=question,
        reason=reason,
        asked_by=actor.code,
        asked_at=timezone.now(),
        body=_sealed_words(case, approval, {"asked": words}) if words else None,
    )


def _sealed_words(case: Case, approval: uuid.UUID, words: dict[str, str]) -> bytes:
    return sealed(words, case.id, FieldClass.QUASI, "approval", approval)


def _tell_the_watch(state: str, approval: Approval) -> None:
    watch = RoleAssignment.objects.current().filter(institution__state__iso2=state, role__in=_TOLD)
    for person in sorted(set(watch.values_list("user_id", flat=True))):
        enqueue("accounts.send_area_notice", person, key=f"emergency:{approval.id}:{person}", queue="mail")
