"""Cases of invented people, written as the services write them."""

import contextlib
import itertools
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from core.db import SealedContext, sealed_context, sealed_scope
from victims import vault
from victims.enums import CODE_ALPHABET, Cause, FieldClass, HoldReason, Kind
from victims.models import (
    Alert,
    Approval,
    Case,
    Consent,
    Disposal,
    Entry,
    Identity,
    LegalHold,
    Referral,
    ReferralOrigin,
)

LETTERS = len(CODE_ALPHABET)
# From anywhere, for processes that write into one database; then one after the other: of thousands none meets another.
_references = itertools.count(secrets.randbelow(LETTERS**6))


@contextlib.contextmanager
def acting_for(state: str, user: str = "tester", *roles: str) -> Iterator[SealedContext]:
    with sealed_scope(SealedContext(state, user, roles)) as context:
        yield context


def _letters(number: int) -> str:
    return "".join(CODE_ALPHABET[number // LETTERS**power % LETTERS] for power in range(6))


def make_case(number: int, *, facts: dict[str, Any] | None = None, identity: dict[str, Any] | None = None) -> Case:
    """Inside a scope. Numbers give codes that differ."""
    state, case, today = sealed_context().state, uuid.uuid4(), timezone.localdate()
    user = sealed_context().user
    vault.create_keys(case)
    code = _letters(number)
    row = Case.objects.create(
        state=state,
        id=case,
        token=uuid.uuid4().hex[:22],
        code=f"{state}-{code[:4]}-{code[4:]}",
        opened=today,
        changed=today,
        created_by=user,
        facts=vault.seal(
            facts or {"sex": "f"}, case=case, field_class=FieldClass.QUASI, table="case_file", record=case
        ),
    )
    body = vault.seal(
        identity or {"family_name": f"Invented {number}"},
        case=case,
        field_class=FieldClass.IDENTITY,
        table="identity",
        record=case,
    )
    Identity.objects.create(state=state, id=case, body=body, changed=today)
    make_consent(row)
    return row


def make_consent(case: Case, purpose: str = "storage", recipient: str = "", **fields: Any) -> Consent:
    consent = uuid.uuid4()
    body = vault.seal({"language": "es"}, case=case.id, field_class=FieldClass.QUASI, table="consent", record=consent)
    given: dict[str, Any] = {
        "given": True,
        "classes": ["identity", "quasi"],
        "given_on": timezone.localdate(),
        **fields,
    }
    return Consent.objects.create(
        state=case.state,
        id=consent,
        case_id=case.id,
        purpose=purpose,
        recipient=recipient,
        taken_by=sealed_context().user,
        body=body,
        **given,
    )


def make_entry(case: Case, kind: str, data: dict[str, Any], **fields: Any) -> Entry:
    entry, today = uuid.uuid4(), timezone.localdate()
    sealed = vault.seal(data, case=case.id, field_class=Kind(kind).field_class, table="entry", record=entry)
    given: dict[str, Any] = {"due_on": today if kind == Kind.TASK else None, **fields}
    return Entry.objects.create(
        state=case.state,
        id=entry,
        case_id=case.id,
        kind=kind,
        made_by=sealed_context().user,
        made_at=timezone.now(),
        changed=today,
        body=sealed,
        **given,
    )


def make_plan_question(case: Case, question: str = "plan", **fields: Any) -> Approval:
    given: dict[str, Any] = {"reason": "assistance", **fields}
    return Approval.objects.create(
        state=case.state,
        case_id=case.id,
        question=question,
        asked_by=sealed_context().user,
        asked_at=timezone.now(),
        **given,
    )


def make_alert(state: str, subject: str, kind: str = "many", **fields: Any) -> Alert:
    """As the watch raises one."""
    with acting_for(state, "watch"):
        alert, given = uuid.uuid4(), {"day": timezone.localdate(), "number": 40, "usual": 6, **fields}
        vault.create_keys(alert, [FieldClass.NARRATIVE])
        return Alert.objects.create(state=state, id=alert, subject=subject, kind=kind, **given)


def make_disposal(case: Case, words: str = "", **fields: Any) -> Disposal:
    """The question whether it is kept; with words as those of somebody who decided once."""
    disposal = uuid.uuid4()
    body = _retention_words(case, "disposal", disposal, words) if words else None
    given: dict[str, Any] = {"cause": Cause.DUE, "body": body, **fields}
    by = sealed_context().user
    return Disposal.objects.create(state=case.state, id=disposal, case_id=case.id, proposed_by=by, **given)


def make_hold(case: Case, words: str = "Invented proceeding") -> LegalHold:
    """In the scope of a supervisor."""
    hold = uuid.uuid4()
    return LegalHold.objects.create(
        state=case.state,
        id=hold,
        case_id=case.id,
        reason=HoldReason.COURT,
        set_by=sealed_context().user,
        body=_retention_words(case, "legal_hold", hold, words),
    )


def _retention_words(case: Case, table: str, record: uuid.UUID, words: str) -> bytes:
    return vault.seal({"words": words}, case=case.id, field_class=FieldClass.QUASI, table=table, record=record)


def make_referral(case: Case, consent: Consent, texts: dict[str, str]) -> Referral:
    """A draft with its package for the other State and the sender's own copy."""
    referral, each = uuid.uuid4(), FieldClass.QUASI
    copy = vault.seal_for(texts, states=(consent.recipient,), record=referral, field_class=each, table="referral")
    own = vault.seal(texts, case=case.id, field_class=each, table="referral_origin", record=referral)
    letters = _letters(next(_references))
    row = Referral.objects.create(
        from_state=case.state,
        id=referral,
        token=referral.hex[:22],
        to_state=consent.recipient,
        reference=f"R-{letters[:4]}-{letters[4:]}",
        kind="service",
        help="shelter",
        urgency="soon",
        classes=[each],
        created_by=sealed_context().user,
        quasi=copy,
    )
    ReferralOrigin.objects.create(state=case.state, id=referral, case_id=case.id, consent_id=consent.id, quasi=own)
    return row
