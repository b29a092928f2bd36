"""How long a record is kept, who decides, and how it ends: two people, once, for good (docs/adr/0120)."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import RoleAssignment, State
from core.db import SealedContext, erase_record, sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue
from victims import vault
from victims.enums import Cause, DisposalStage, FieldClass, Question, Reason, RetentionStep, Status
from victims.models import Approval, Case, Disposal, LegalHold, RetentionRule, Tombstone
from victims.permissions import Officer, can_confirm_erasure, can_dispose, can_read_facts
from victims.queries import years_kept
from victims.services.shared import note, sealed

TASK = "retention"


@dataclass(frozen=True)
class Retention:
    """Where a case stands: the question that waits, the hold in force, the end."""

    disposal: Disposal | None
    hold: LegalHold | None
    tombstone: Tombstone | None


def retention_of(case: Case) -> Retention:
    return Retention(
        Disposal.objects.waiting().filter(case_id=case.id).first(),
        LegalHold.objects.in_force().filter(case_id=case.id).first(),
        Tombstone.objects.filter(id=case.id).first(),
    )


def read_words(*, actor: Officer, case: Case, now: Retention) -> dict[str, str]:
    """What people wrote about keeping, erasing or holding; for whoever reads the facts of the case."""
    bodies = {"disposal": now.disposal, "legal_hold": now.hold}
    written = {table: row for table, row in bodies.items() if row is not None and row.body}
    if not written or not can_read_facts(actor, case):
        return {}
    receipt = vault.announce(
        cases=[case.id], field_class=FieldClass.QUASI, purpose=Reason.SUPERVISION, actor_id=actor.user.pk
    )
    return {
        table: vault.unseal(row.body, receipt, case=case.id, table=table, record=row.id)["words"]
        for table, row in written.items()
    }


def steps_for(officer: Officer, case: Case, now: Retention) -> list[str]:
    """What this person may do about the case at this moment. The services and the database ask again."""
    if case.status == Status.ERASED:
        return []
    asked = now.disposal is not None and now.disposal.stage == DisposalStage.ASKED
    steps: list[str] = []
    if can_dispose(officer) and now.hold is None and not asked and (case.status == Status.CLOSED or now.disposal):
        may_keep = now.disposal is not None and now.disposal.cause != Cause.CONSENT
        steps += [RetentionStep.KEEP, RetentionStep.ERASE] if may_keep else [RetentionStep.ERASE]
    if asked and now.disposal is not None:
        steps += _answers(officer, now.disposal, is_held=now.hold is not None)
    if can_dispose(officer):
        steps.append(RetentionStep.HOLD if now.hold is None else RetentionStep.LIFT)
    return steps


def _answers(officer: Officer, asked: Disposal, *, is_held: bool) -> list[str]:
    if asked.asked_by == officer.code:
        return [RetentionStep.WITHDRAW]
    if not can_confirm_erasure(officer):
        return []
    return [RetentionStep.DECLINE] if is_held else [RetentionStep.CONFIRM, RetentionStep.DECLINE]


# --- the State's rule -----------------------------------------------------------------------------


def review_day(case: Case, closed: date) -> date:
    """When somebody decides about a case that is closed today. A rule that changes later leaves it."""
    return years_after(closed, years_kept()[case.standing])


def years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # February 29
        return day.replace(year=day.year + years, day=28)


def set_years(*, actor: Officer, years: Mapping[str, int]) -> None:
    _require(can_confirm_erasure(actor))
    note(actor, "retention.rule", uuid.UUID(int=0), years=dict(years))
    for standing, number in years.items():
        kept = RetentionRule.objects.filter(state=actor.state, standing=standing)
        if not kept.update(years=number, set_by=actor.code):
            RetentionRule.objects.create(state=actor.state, standing=standing, years=number, set_by=actor.code)


# --- proposals ------------------------------------------------------------------------------------


def propose_due() -> int:
    """By the clock: what is due or rests on no consent any more waits for a person from now on; how many."""
    proposed = 0
    for state in State.objects.values_list("iso2", flat=True):
        found = 0
        with sealed_scope(SealedContext(state, TASK)):
            for cause, cases in (
                (Cause.CONSENT, Case.objects.without_consent()),
                (Cause.DUE, Case.objects.due_for_review()),
            ):
                ids = list(cases.undecided().values_list("id", flat=True))
                for case in ids:
                    _propose(state, case, cause, TASK)
                found += len(ids)
            if found:
                _tell_supervisors(state, timezone.localdate().isoformat())
        proposed += found
    return proposed


def propose_withdrawn(*, actor: Officer, case: Case) -> None:
    """The person took back that the record is kept: at once, unless a hold is in force."""
    if not Case.objects.without_consent().filter(id=case.id).exists():
        return
    if LegalHold.objects.in_force().filter(case_id=case.id).exists():
        return
    if not Disposal.objects.waiting().filter(case_id=case.id).update(cause=Cause.CONSENT):
        _tell_supervisors(actor.state, str(_propose(actor.state, case.id, Cause.CONSENT, actor.code).id))
    note(actor, "retention.proposed", case.id, cause=Cause.CONSENT)


def _propose(state: str, case: uuid.UUID, cause: str, by: str) -> Disposal:
    return Disposal.objects.create(state=state, case_id=case, cause=cause, proposed_by=by)


def _tell_supervisors(state: str, occasion: str) -> None:
    """One mail for an occasion, by the clock once a day: how many decisions wait, and nothing of what they are."""
    count = Disposal.objects.filter(stage=DisposalStage.PROPOSED).count()
    held = RoleAssignment.objects.current().filter(role=Role.CASE_SUPERVISOR, institution__state__iso2=state)
    for person in sorted(set(held.values_list("user_id", flat=True))):
        enqueue("accounts.send_decisions_notice", person, count, key=f"retention:{occasion}:{person}", queue="mail")


# --- what a supervisor decides --------------------------------------------------------------------


def keep(*, actor: Officer, case: Case, until: date, words: str) -> None:
    """Until a new date. Not against the person: without their consent only a hold keeps a record."""
    _require(can_dispose(actor))
    now = _waiting(case, DisposalStage.PROPOSED)
    if now.cause == Cause.CONSENT:
        raise StepRefused(_("The person took back that the record is kept. Only a legal hold can keep it."))
    note(actor, "retention.kept", case.id, until=until.isoformat())
    with _asked_of_the_database():
        Case.objects.filter(id=case.id).update(review_on=until)
        _decide(now, stage=DisposalStage.KEPT, decided_by=actor.code, body=_words(case, "disposal", now.id, words))


def ask_erasure(*, actor: Officer, case: Case, reason: str, words: str = "") -> None:
    """Of a closed case, proposed or not; of an open one only where the person took the consent back."""
    _require(can_dispose(actor))
    _refuse_if_held(case)
    now = Disposal.objects.waiting().filter(case_id=case.id).first()
    if now is None and case.status != Status.CLOSED:
        raise StepRefused(_("Close the case first."))
    note(actor, "retention.asked", case.id, reason=reason)
    now = now or _propose(actor.state, case.id, Cause.REQUEST, actor.code)
    if now.stage != DisposalStage.PROPOSED:
        raise StepRefused(_("This is asked already and waits for an answer."))
    with _asked_of_the_database():
        _decide(
            now,
            stage=DisposalStage.ASKED,
            asked_by=actor.code,
            asked_at=timezone.now(),
            reason=reason,
            body=_words(case, "disposal", now.id, words) if words else None,
        )


def take_back(*, actor: Officer, case: Case) -> None:
    """Whoever asked thinks better of it; the question waits again."""
    now = _waiting(case, DisposalStage.ASKED)
    _require(now.asked_by == actor.code)
    note(actor, "retention.taken_back", case.id)
    _propose_anew(now)


def decline(*, actor: Officer, case: Case) -> None:
    now = _waiting(case, DisposalStage.ASKED)
    _require_second(actor, now)
    note(actor, "retention.declined", case.id)
    _propose_anew(now)


def confirm(*, actor: Officer, case: Case) -> None:
    """By a second person. Rows, keys and tombstone are one transaction of the database, which asks all of it again."""
    now = _waiting(case, DisposalStage.ASKED)
    _require_second(actor, now)
    _refuse_if_held(case)
    if Approval.objects.waiting().filter(case_id=case.id, question=Question.EMERGENCY).exists():
        raise StepRefused(_("An emergency access to this case waits for its review. Review it first."))
    note(actor, "case.erased", case.id, reason=now.reason, asked_by=now.asked_by)
    with _asked_of_the_database():
        erase_record(case.id)


def set_hold(*, actor: Officer, case: Case, reason: str, words: str) -> None:
    _require(can_dispose(actor))
    _refuse_if_held(case)
    note(actor, "hold.set", case.id, reason=reason)
    hold = uuid.uuid4()
    with _asked_of_the_database():
        LegalHold.objects.create(
            state=actor.state,
            id=hold,
            case_id=case.id,
            reason=reason,
            set_by=actor.code,
            body=_words(case, "legal_hold", hold, words),
        )


def lift_hold(*, actor: Officer, case: Case, words: str) -> None:
    _require(can_dispose(actor))
    hold = LegalHold.objects.in_force().filter(case_id=case.id).first()
    if hold is None:
        raise StepRefused(_("No legal hold is in force."))
    note(actor, "hold.lifted", case.id)
    lifting = _words(case, "legal_hold", hold.id, words)
    with _asked_of_the_database():
        mine = LegalHold.objects.in_force().filter(id=hold.id)
        mine.update(lifted_by=actor.code, lifted_at=timezone.now(), lifting=lifting)


# --- parts ----------------------------------------------------------------------------------------


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed(_("This is not yours to decide."))


def _require_second(actor: Officer, now: Disposal) -> None:
    _require(can_confirm_erasure(actor))
    if now.asked_by == actor.code:
        raise NotAllowed(_("A second person decides this."))


def _refuse_if_held(case: Case) -> None:
    if LegalHold.objects.in_force().filter(case_id=case.id).exists():
        raise StepRefused(_("A legal hold is in force. Lift it first."))


def _waiting(case: Case, stage: str) -> Disposal:
    now = Disposal.objects.filter(case_id=case.id, stage=stage).first()
    if now is None:
        raise StepRefused(_("Nothing waits for this decision any more."))
    return now


def _propose_anew(now: Disposal) -> None:
    _decide(now, stage=DisposalStage.PROPOSED, asked_by=None, asked_at=None, reason=None, body=None)


def _decide(now: Disposal, **changes: Any) -> None:
    if "decided_by" in changes:
        changes["decided_at"] = timezone.now()
    if not Disposal.objects.filter(id=now.id, stage=now.stage).update(**changes):
        raise StepRefused(_("A colleague has decided this in the meantime."))


def _words(case: Case, table: str, record: uuid.UUID, words: str) -> bytes:
    return sealed({"words": words}, case.id, FieldClass.QUASI, table, record)


@contextmanager
def _asked_of_the_database() -> Iterator[None]:
    """Its triggers have the last word, on what happened since the page was read too."""
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            yield
    except IntegrityError as error:
        raise StepRefused(_("This step is not possible.")) from error
