"""Referral to another State's authority (docs/adr/0086): a sealed copy goes, the case stays behind its wall."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import RoleAssignment, State
from core.db import SealedContext, sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue
from victims import vault
from victims.enums import CODE_ALPHABET, FieldClass, Manner, MessageKind, Purpose, Reason, ReferralStage
from victims.models import Case, Consent, Referral, ReferralArrival, ReferralMessage, ReferralOrigin
from victims.permissions import Officer, can_reveal_identity, works_on
from victims.queries import OWN_WORDS
from victims.services.records import (
    Answer,
    announce_reveal,
    has_consent,
    open_case,
    read_facts,
    reveal_identity,
)
from victims.services.shared import require

TABLE, ORIGIN, MESSAGES = "referral", "referral_origin", "referral_message"
HANDOVER = "incoming_details"  # the note of the officer, as the receiving record keeps it
Contents = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Wish:
    """What the sender asks for: of whom, how soon, and which classes go over."""

    to_state: str
    kind: str
    help: str
    urgency: str
    classes: Sequence[str]
    note: str = ""
    without: Sequence[str] = ()  # fields of these classes that stay here all the same


def propose(*, actor: Officer, case: Case, wish: Wish) -> Referral:
    """Make the copy, sealed twice: for the other State, and by the case's own keys for whoever approves it."""
    require(works_on(actor, case))
    classes = sorted(set(wish.classes))
    consent = _consent(case, wish.to_state, classes)
    contents = _gathered(actor, case, wish)
    referral = uuid.uuid4()
    _note(actor, "referral.proposed", referral, case=str(case.id), to=wish.to_state, classes=classes)
    row = Referral.objects.create(
        from_state=actor.state,
        id=referral,
        token=secrets.token_urlsafe(16),
        to_state=wish.to_state,
        reference=_new_reference(),
        kind=wish.kind,
        help=wish.help,
        urgency=wish.urgency,
        classes=classes,
        consent_until=consent.expires_on,
        created_by=actor.code,
        **_packages(contents, referral, wish.to_state),
    )
    ReferralOrigin.objects.create(
        state=actor.state, id=referral, case_id=case.id, consent_id=consent.id, **_home_copies(contents, referral, case)
    )
    return row


def preview(*, actor: Officer, referral: Referral) -> Contents:
    """Exactly what the other side will read, from the copy itself; an identity in it apart, by `reveal_copy`."""
    origin, case = origin_of(actor, referral)
    require(works_on(actor, case) or Role.CASE_SUPERVISOR in actor.roles)
    shown = [each for each in referral.classes if each != FieldClass.IDENTITY]
    return {each: _home_copy(actor, origin, case, each) for each in shown}


def reveal_copy(*, actor: Officer, referral: Referral, reason: str) -> dict[str, Any]:
    """The identity in the copy: for one referral, with a reason, and counted among the looks at the record."""
    origin, case = origin_of(actor, referral)
    if FieldClass.IDENTITY not in referral.classes:
        raise StepRefused(_("No identity is sent with this referral."))
    receipt = announce_reveal(actor=actor, case=case, reason=reason)
    return vault.unseal(origin.identity, receipt, case=case.id, table=ORIGIN, record=origin.id)


def can_reveal_copy(actor: Officer, referral: Referral) -> bool:
    return can_reveal_identity(actor, origin_of(actor, referral)[1])


def approve(*, actor: Officer, referral: Referral) -> None:
    """A second person, a supervisor, sends it. The database asks the consent again."""
    require(Role.CASE_SUPERVISOR in actor.roles and referral.from_state == actor.state)
    if referral.created_by == actor.code:
        raise NotAllowed(_("Somebody else has to approve what you prepared."))
    origin, case = origin_of(actor, referral)
    _consent(case, referral.to_state, referral.classes)
    _note(actor, "referral.sent", referral.id, case=str(origin.case_id), to=referral.to_state)
    _step(referral, ReferralStage.DRAFT, stage=ReferralStage.SENT, approved_by=actor.code)
    _tell(referral.to_state, referral, "received")


def withdraw(*, actor: Officer, referral: Referral) -> None:
    """Before it is accepted: the package is blank and its key is destroyed."""
    origin, case = origin_of(actor, referral)
    require(works_on(actor, case) or Role.CASE_SUPERVISOR in actor.roles)
    _note(actor, "referral.withdrawn", referral.id, case=str(origin.case_id))
    _step(referral, ReferralStage.DRAFT, ReferralStage.SENT, stage=ReferralStage.WITHDRAWN)
    vault.destroy_package(referral.id)


def accept(*, actor: Officer, referral: Referral) -> Case:
    """A new case with a new code, once: asked again, the same case comes back.

    One transaction. Keys of the package are destroyed later (`destroy_ended`): if this ends in the middle, nothing was
    taken and everything is still there.
    """
    _require_recipient(actor, referral)
    if (arrived := arrival_of(referral)) is not None:
        return Case.objects.get(id=arrived.case_id)
    sent = Referral.objects.select_for_update().filter(from_state=referral.from_state, id=referral.id, stage="sent")
    if (row := sent.first()) is None:
        if (arrived := arrival_of(referral)) is not None:  # a colleague was faster, while this waited
            return Case.objects.get(id=arrived.case_id)
        raise StepRefused(_("This referral is not open any more."))
    if row.consent_until is not None and row.consent_until <= timezone.localdate():
        raise StepRefused(_("The consent to share has expired. Ask the other authority."))
    _note(actor, "referral.accepted", referral.id)
    case = _new_case(actor, {each: _opened(actor, row, each) for each in row.classes})
    ReferralArrival.objects.create(state=actor.state, id=row.id, from_state=row.from_state, case_id=case.id)
    _step(row, ReferralStage.SENT, stage=ReferralStage.ACCEPTED, answered_by=actor.code)
    _tell(row.from_state, row, "answered")
    return case


def refuse(*, actor: Officer, referral: Referral, reason: str) -> None:
    _require_recipient(actor, referral)
    _note(actor, "referral.refused", referral.id, reason=reason)
    _step(referral, ReferralStage.SENT, stage=ReferralStage.REFUSED, answered_by=actor.code, refusal=reason)
    vault.destroy_package(referral.id)
    _tell(referral.from_state, referral, "answered")


def write_message(*, actor: Officer, referral: Referral, kind: str, text: str) -> ReferralMessage:
    """A question before accepting, its answer, or feedback after; each is a package of its own."""
    _require_may_write(actor, referral, kind)
    message, other = uuid.uuid4(), _other_side(actor, referral)
    _note(actor, f"referral.{kind}", referral.id)
    body = vault.seal_for(
        {"text": text}, states=(actor.state, other), record=message, field_class=FieldClass.NARRATIVE, table=MESSAGES
    )
    fields = {"from_state": actor.state, "id": message, "to_state": other, "sent_by": actor.code, "body": body}
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            row = ReferralMessage.objects.create(referral=referral.id, kind=kind, **fields)
    except DatabaseError as error:
        raise StepRefused(_("This is not possible any more.")) from error
    _tell(other, referral, kind)
    return row


def read_messages(*, actor: Officer, referral: Referral) -> list[tuple[ReferralMessage, str]]:
    rows = list(ReferralMessage.objects.visible_to(actor).filter(referral=referral.id))
    if not rows:
        return []
    receipt = _announce(actor, [row.id for row in rows], FieldClass.NARRATIVE, "victims.referral")
    return [
        (row, vault.open_from(row.from_state, row.body, receipt, record=row.id, table=MESSAGES)["text"]) for row in rows
    ]


def agreed_recipients(case: Case) -> dict[str, set[str]]:
    """The States the person agreed to, with the classes each may receive."""
    live = Consent.objects.live().filter(case_id=case.id, purpose=Purpose.RECIPIENT)
    agreed: dict[str, set[str]] = {}
    for recipient, classes in live.values_list("recipient", "classes").order_by():
        agreed.setdefault(recipient, set()).update(classes)
    return agreed


def origin_of(actor: Officer, referral: Referral) -> tuple[ReferralOrigin, Case]:
    origin = ReferralOrigin.objects.filter(state=actor.state, id=referral.id).first()
    case = Case.objects.visible_to(actor).filter(id=origin.case_id).first() if origin else None
    if origin is None or case is None:
        raise NotAllowed(_("You do not work on this case."))
    return origin, case


def arrival_of(referral: Referral) -> ReferralArrival | None:
    return ReferralArrival.objects.filter(id=referral.id).first()


def escalate_overdue() -> int:
    """Who has not answered in time is told once, and so is the sender. From the envelope alone; no key is asked for."""
    told = 0
    for state in State.objects.values_list("iso2", flat=True):
        with sealed_scope(SealedContext(state, "escalation")):
            late = Referral.objects.filter(
                to_state=state, stage="sent", answer_by__lt=timezone.now(), escalated_at=None
            )
            for referral in late:
                if Referral.objects.filter(id=referral.id, stage="sent").update(escalated_at=timezone.now()):
                    _tell(state, referral, "late", Role.CASE_SUPERVISOR)
                    _tell(referral.from_state, referral, "late", Role.CASE_SUPERVISOR)
                    told += 1
    return told


def destroy_ended() -> int:
    """Keys of packages whose referral has ended, by acceptance or with a consent; of how many there were any."""
    states = list(State.objects.values_list("iso2", flat=True))
    openable = set().union(*map(_openable_by, states))  # whoever sent a package does not see its keys
    return sum(_destroy_ended(state, openable) for state in states)


def _openable_by(state: str) -> set[uuid.UUID]:
    with sealed_scope(SealedContext(state, "destroy_ended")):
        return vault.packages_with_keys()


def _destroy_ended(state: str, openable: set[uuid.UUID]) -> int:
    with sealed_scope(SealedContext(state, "destroy_ended")):
        rows = Referral.objects.filter(from_state=state, id__in=openable).exclude(stage__in=("draft", "sent"))
        ended = list(rows.values_list("id", flat=True))
        for referral in ended:
            vault.destroy_package(referral)
    return len(ended)


# --- parts of the steps ----------------------------------------------------------------------------


def _require_recipient(actor: Officer, referral: Referral) -> None:
    takes = actor.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR}
    if referral.to_state != actor.state or not takes:
        raise NotAllowed(_("This referral is not for you."))


def _require_may_write(actor: Officer, referral: Referral, kind: str) -> None:
    """What is told of the person needs their consent, in each direction anew."""
    if kind == MessageKind.QUESTION:
        return _require_recipient(actor, referral)
    case = origin_of(actor, referral)[1] if kind == MessageKind.ANSWER else _arrived_case(actor, referral)
    require(works_on(actor, case))
    other = _other_side(actor, referral)
    if not has_consent(case, purpose=Purpose.RECIPIENT, recipient=other, classes=[FieldClass.NARRATIVE]):
        raise StepRefused(_("There is no consent to tell this to that State."))
    return None


def _arrived_case(actor: Officer, referral: Referral) -> Case:
    arrived = arrival_of(referral)
    case = Case.objects.visible_to(actor).filter(id=arrived.case_id).first() if arrived else None
    if case is None:
        raise NotAllowed(_("You do not work on this case."))
    return case


def _other_side(actor: Officer, referral: Referral) -> str:
    return referral.to_state if actor.state == referral.from_state else referral.from_state


def _consent(case: Case, recipient: str, classes: Sequence[str]) -> Consent:
    if not classes:
        raise StepRefused(_("Choose what is sent."))
    live = Consent.objects.live().filter(case_id=case.id, purpose=Purpose.RECIPIENT, recipient=recipient)
    consent = live.filter(classes__contains=list(classes)).first()
    if consent is None:
        raise StepRefused(_("There is no consent to share this with that State."))
    return consent


def _gathered(actor: Officer, case: Case, wish: Wish) -> Contents:
    contents: Contents = {}
    if FieldClass.QUASI in wish.classes:
        contents[FieldClass.QUASI] = read_facts(actor=actor, cases=[case], reason=Reason.ASSISTANCE, how="referral")[
            case.id
        ]
    if FieldClass.IDENTITY in wish.classes:
        contents[FieldClass.IDENTITY] = reveal_identity(actor=actor, case=case, reason=Reason.ASSISTANCE)
    if FieldClass.NARRATIVE in wish.classes:
        contents[FieldClass.NARRATIVE] = {HANDOVER: wish.note}
    return {each: _chosen(values, wish.without) for each, values in contents.items()}


def _chosen(values: Mapping[str, Any], without: Sequence[str]) -> dict[str, Any]:
    """Nor does a field that stays here go over as one the person preferred not to speak of."""
    kept = {name: value for name, value in values.items() if name not in without}
    if OWN_WORDS in kept:
        kept[OWN_WORDS] = [name for name in kept[OWN_WORDS] if name not in without]
    return kept


def _packages(contents: Contents, referral: uuid.UUID, to_state: str) -> dict[str, bytes]:
    return {
        each: vault.seal_for(value, states=(to_state,), record=referral, field_class=each, table=TABLE)
        for each, value in contents.items()
    }


def _home_copies(contents: Contents, referral: uuid.UUID, case: Case) -> dict[str, bytes]:
    return {
        each: vault.seal(value, case=case.id, field_class=each, table=ORIGIN, record=referral)
        for each, value in contents.items()
    }


def _home_copy(actor: Officer, origin: ReferralOrigin, case: Case, field_class: str) -> dict[str, Any]:
    receipt = _announce(actor, [case.id], field_class, "victims.case")
    body = getattr(origin, field_class)
    return vault.unseal(body, receipt, case=case.id, table=ORIGIN, record=origin.id)


def _opened(actor: Officer, referral: Referral, field_class: str) -> dict[str, Any]:
    receipt = _announce(actor, [referral.id], field_class, "victims.referral")
    body = getattr(referral, field_class)
    return vault.open_from(referral.from_state, body, receipt, record=referral.id, table=TABLE)


def _announce(actor: Officer, ids: Sequence[uuid.UUID], field_class: str, object_type: str) -> vault.Receipt:
    return vault.announce(
        cases=ids,
        field_class=field_class,
        purpose=Reason.ASSISTANCE,
        actor_id=actor.user.pk,
        how="referral",
        object_type=object_type,
    )


def _new_case(actor: Officer, contents: Mapping[str, dict[str, Any]]) -> Case:
    """The consent behind it was given to the other authority, for these classes; here it is asked again in person."""
    facts = contents.get(FieldClass.QUASI, {}) | contents.get(FieldClass.NARRATIVE, {})
    classes = sorted({*contents, FieldClass.QUASI} if facts else contents)
    return open_case(
        actor=actor,
        consent=Answer(given=True, classes=classes, manner=Manner.AT_SOURCE),
        facts=facts,
        identity=contents.get(FieldClass.IDENTITY),
    )


def _step(referral: Referral, *before: str, **changes: Any) -> None:
    """From one of these stages, and only if nobody was faster."""
    now = Referral.objects.filter(from_state=referral.from_state, id=referral.id, stage__in=before)
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            done = now.update(**changes)
    except DatabaseError as error:
        raise StepRefused(_("This step is not possible.")) from error
    if not done:
        raise StepRefused(_("This referral is not open any more."))
    referral.stage = changes["stage"]


def _new_reference() -> str:
    letters = "".join(secrets.choice(CODE_ALPHABET) for _letter in range(6))
    return f"R-{letters[:4]}-{letters[4:]}"


def _note(actor: Officer, verb: str, referral: uuid.UUID, **data: Any) -> None:
    vault.write_trail(
        chain=actor.state,
        verb=verb,
        object_type="victims.referral",
        object_id=str(referral),
        actor_id=actor.user.pk,
        data=data,
    )


def _tell(state: str, referral: Referral, what: str, *roles: str) -> None:
    """By mail, that there is something: no State, no reference, no kind of help."""
    wanted = roles or (Role.CASE_WORKER, Role.CASE_SUPERVISOR)
    held = RoleAssignment.objects.current().filter(role__in=wanted, institution__state__iso2=state)
    for person in sorted(set(held.values_list("user_id", flat=True))):
        key = f"referral:{referral.id}:{what}:{timezone.now():%Y%m%d%H%M}:{person}"
        enqueue("accounts.send_referral_notice", person, key=key, queue="mail")
