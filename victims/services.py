"""What people do with records. Each step asks who may, and the trail names every reading before it happens."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.exceptions import NotAllowed, StepRefused
from victims import vault
from victims.enums import CODE_ALPHABET, FieldClass, GivenBy, Manner, Purpose
from victims.models import Case, Consent, Identity, TeamMember
from victims.permissions import Officer, can_change_team, can_read_facts, can_reveal_identity, works_on

Opened = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the person answered when asked for consent."""

    given: bool
    classes: Sequence[str] = ()
    given_by: str = GivenBy.PERSON
    manner: str = Manner.SPOKEN
    language: str = "es"
    interpreter: bool = False
    given_on: date = field(default_factory=timezone.localdate)
    expires_on: date | None = None

    def how(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {name: getattr(self, name) for name in ("given_by", "manner", "language", "interpreter")}


def open_case(
    *, actor: Officer, consent: Answer, facts: Mapping[str, Any], identity: Mapping[str, Any] | None = None
) -> Case:
    """Consent first. Who does not agree to be kept is helped all the same, and is not in the portal.

    Only classes the person agreed to are kept; the case worker becomes the first of the team.
    """
    if not consent.given:
        raise StepRefused(_("Without consent nothing is kept here. Assistance does not depend on it."))
    if (facts and FieldClass.QUASI not in consent.classes) or (identity and FieldClass.IDENTITY not in consent.classes):
        raise StepRefused(_("Keep only what the person agreed to."))
    case, today = uuid.uuid4(), timezone.localdate()
    _note(actor, "case.opened", case)
    vault.create_keys(case)
    row = Case.objects.create(
        state=actor.state,
        id=case,
        token=secrets.token_urlsafe(16),
        code=_new_code(actor.state),
        opened=today,
        changed=today,
        created_by=actor.code,
        facts=_sealed(facts, case, FieldClass.QUASI, "case_file") if facts else None,
    )
    if identity:
        body = _sealed(identity, case, FieldClass.IDENTITY, "identity")
        Identity.objects.create(state=actor.state, id=case, body=body, changed=today)
    _keep_consent(actor, row, consent, Purpose.STORAGE)
    _join(actor, row, actor.code)
    return row


def ask_consent(*, actor: Officer, case: Case, purpose: str, answer: Answer, recipient: str = "") -> Consent:
    """A refusal is kept as well: nobody has to be asked twice."""
    _require(works_on(actor, case))
    _note(actor, "consent.recorded", case.id, purpose=purpose, given=answer.given, classes=sorted(answer.classes))
    return _keep_consent(actor, case, answer, purpose, recipient)


def withdraw_consent(*, actor: Officer, case: Case, consent: Consent) -> None:
    """At once and for good. What was kept by it is decided apart: closing, or erasing."""
    _require(works_on(actor, case))
    _note(actor, "consent.withdrawn", case.id, purpose=consent.purpose)
    live = Consent.objects.live().filter(id=consent.id, case_id=case.id)
    if not live.update(withdrawn_at=timezone.now()):
        raise StepRefused(_("This consent is not in force."))


def has_consent(case: Case, *, purpose: str, classes: Sequence[str], recipient: str = "") -> bool:
    """One consent in force that covers each class, for this purpose and this recipient."""
    live = Consent.objects.live().filter(case_id=case.id, purpose=purpose, recipient=recipient)
    return bool(live.filter(classes__contains=list(classes)).exists())


def read_facts(
    *, actor: Officer, cases: Sequence[Case], reason: str, how: str = "page"
) -> dict[uuid.UUID, dict[str, Any]]:
    """Facts of one case or of a list, by case. All are in the trail before the first is opened."""
    _require(bool(cases) and all(can_read_facts(actor, case) for case in cases))
    ids = [case.id for case in cases]
    receipt = vault.announce(cases=ids, field_class=FieldClass.QUASI, purpose=reason, actor_id=actor.user.pk, how=how)
    return {
        case.id: vault.unseal(case.facts, receipt, case=case.id, table="case_file", record=case.id) for case in cases
    }


def reveal_identity(*, actor: Officer, case: Case, reason: str) -> Opened:
    """For one case, with a reason, by somebody of its team."""
    if not can_reveal_identity(actor, case):
        _note(actor, "identity.refused", case.id, reason=reason)
        raise NotAllowed(_("Only the team of the case sees the identity."))
    receipt = vault.announce(
        cases=[case.id], field_class=FieldClass.IDENTITY, purpose=reason, actor_id=actor.user.pk, how="reveal"
    )
    row = Identity.objects.filter(id=case.id).first()
    return vault.unseal(row.body if row else None, receipt, case=case.id, table="identity", record=case.id)


def add_to_team(*, actor: Officer, case: Case, colleague: Officer) -> None:
    _require(can_change_team(actor, case) and colleague.state == actor.state)
    _note(actor, "team.joined", case.id, person=colleague.code)
    if not TeamMember.objects.filter(case_id=case.id, user_id=colleague.code).update(until=None):
        _join(actor, case, colleague.code)


def remove_from_team(*, actor: Officer, case: Case, code: str) -> None:
    _require(can_change_team(actor, case))
    _note(actor, "team.left", case.id, person=code)
    TeamMember.objects.current().filter(case_id=case.id, user_id=code).update(until=timezone.now())


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed(_("You do not work on this case."))


def _note(actor: Officer, verb: str, case: uuid.UUID, **data: Any) -> None:
    """Committed at once: the trail of the area never depends on what becomes of the request."""
    audit.append(
        verb=verb,
        object_type="victims.case",
        object_id=str(case),
        chain=actor.state,
        actor_id=actor.user.pk,
        data=data,
        durable=True,
    )


def _sealed(value: Mapping[str, Any], case: uuid.UUID, field_class: str, table: str) -> bytes:
    return vault.seal(value, case=case, field_class=field_class, table=table, record=case)


def _new_code(state: str) -> str:
    """Random: neither a sequence nor a year tells how many cases there are. The database holds that it is new."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _letter in range(6))
    return f"{state}-{letters[:4]}-{letters[4:]}"


def _keep_consent(actor: Officer, case: Case, answer: Answer, purpose: str, recipient: str = "") -> Consent:
    consent = uuid.uuid4()
    body = vault.seal(answer.how(), case=case.id, field_class=FieldClass.QUASI, table="consent", record=consent)
    return Consent.objects.create(
        state=actor.state,
        id=consent,
        case_id=case.id,
        purpose=purpose,
        recipient=recipient,
        classes=sorted(answer.classes) if answer.given else [],
        given=answer.given,
        given_on=answer.given_on,
        expires_on=answer.expires_on,
        taken_by=actor.code,
        body=body,
    )


def _join(actor: Officer, case: Case, code: str) -> None:
    TeamMember.objects.create(
        state=actor.state, case_id=case.id, user_id=code, since=timezone.now(), added_by=actor.code
    )
