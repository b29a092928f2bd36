"""Cooperation requests: written, sent, acknowledged, transferred, answered, closed; and escalated when late."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import HookKind
from accounts.models import Institution, State, User
from accounts.permissions import audit_chain
from accounts.services import Audience, Happened, announce
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.identity import refuse_identity
from networks import permissions
from networks.enums import (
    TRANSITIONS,
    WAITING_STATUSES,
    EscalationLevel,
    Notice,
    RequestStatus,
    Side,
    Step,
    urgency_terms,
)
from networks.models import CooperationRequest, Desk, Escalation, RequestChange, RequestMessage
from networks.services.notices import coordinators, notify, officers, people_of

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that look alike


@dataclass(frozen=True)
class RequestData:
    receiver: Institution
    kind: str
    urgency: str
    subject: str
    text: str
    language: str
    activity_code: str = ""


@dataclass(frozen=True)
class Note:
    """What goes along with a step or stands alone in the thread."""

    text: str = ""
    language: str = "en"
    identity_reason: str = ""


# --- writing --------------------------------------------------------------------------------------


@transaction.atomic
def draft_request(
    *, sender: Institution, data: RequestData, actor: User, desk: Desk | None = None, identity_reason: str = ""
) -> CooperationRequest:
    """A draft, seen by the own side alone. Raises IdentitySuspected where the text may name a victim."""
    if not permissions.asking_institutions(actor).filter(pk=sender.pk).exists():
        raise NotAllowed(_("You do not write requests for this institution."))
    states = _two_states(sender, data.receiver)
    if not permissions.receiving_institutions(actor).filter(pk=data.receiver.pk).exists():
        raise NotAllowed(_("This institution cannot be asked."))
    request = CooperationRequest(
        reference=_new_reference(*states),
        sender=sender,
        sender_state=states[0],
        receiver_state=states[1],
        desk=desk,
        by=actor,
        by_institution=sender,
    )
    _fill(request, data, identity_reason)
    request.save()
    _audit("request.drafted", request, actor)
    return request


@transaction.atomic
def change_draft(
    *, request: CooperationRequest, data: RequestData, version: int, actor: User, identity_reason: str = ""
) -> CooperationRequest:
    request = _locked(request)
    if request.status != RequestStatus.DRAFT:
        raise StepRefused(_("The request was sent and can no longer be changed."))
    if Side.SENDER not in permissions.sides_of(actor, request):
        raise NotAllowed(_("You do not write requests for this institution."))
    if request.version != version:
        raise StaleVersion(_("Somebody else changed this draft in the meantime. Reload the page."))
    request.receiver_state = _two_states(request.sender, data.receiver)[1]
    _fill(request, data, identity_reason)
    request.version += 1
    request.save()
    _audit("request.changed", request, actor)
    return request


def _two_states(sender: Institution, receiver: Institution) -> tuple[State, State]:
    if sender.state is None or receiver.state is None or sender.state_id == receiver.state_id:
        raise PortalError(_("A request goes to an authority of another State."))
    return sender.state, receiver.state


def _fill(request: CooperationRequest, data: RequestData, identity_reason: str) -> None:
    request.identity_reason = refuse_identity((data.subject, data.text), reason=identity_reason)
    for name, value in vars(data).items():
        setattr(request, name, value)


def _new_reference(sender: State, receiver: State) -> str:
    return f"{sender.iso2}-{receiver.iso2}-{''.join(secrets.choice(_LETTERS) for _n in range(6))}"


# --- steps ----------------------------------------------------------------------------------------


@transaction.atomic
def send(*, request: CooperationRequest, actor: User) -> CooperationRequest:
    """Send it: the days to answer begin to count in the receiving State's own time zone."""
    request = _lock_for_step(request, Step.SEND, actor)
    request.sent_at = timezone.now()
    zone = ZoneInfo(request.receiver_state.time_zone)
    request.answer_by, request.coordinator_due_at, request.secretariat_due_at = deadlines(
        request.sent_at, zone, request.urgency
    )
    change = _move(request, Step.SEND, actor)
    notify(people_of(request.receiver), Notice.REQUEST_ARRIVED, key=f"change:{change.pk}", request_id=request.pk)
    _tell_systems(HookKind.REQUEST_RECEIVED, request, request.receiver)
    return request


@transaction.atomic
def acknowledge(*, request: CooperationRequest, actor: User) -> CooperationRequest:
    request = _lock_for_step(request, Step.ACKNOWLEDGE, actor)
    request.acknowledged_at = request.acknowledged_at or timezone.now()
    _tell_sender(request, _move(request, Step.ACKNOWLEDGE, actor), actor)
    return request


@transaction.atomic
def transfer(*, request: CooperationRequest, to: Institution, note: Note, actor: User) -> CooperationRequest:
    """Pass it to the right authority of the same State. The clock goes on: the sender has waited since the start."""
    request = _lock_for_step(request, Step.TRANSFER, actor)
    if not permissions.transfer_institutions(request).filter(pk=to.pk).exists():
        raise NotAllowed(_("Choose another authority of the State that was asked."))
    before = request.receiver
    _say_along(request, note, actor, Step.TRANSFER)
    request.receiver, request.desk = to, None
    change = _move(request, Step.TRANSFER, actor, to=to, by_institution=before)
    notify(people_of(to), Notice.REQUEST_ARRIVED, key=f"change:{change.pk}", request_id=request.pk)
    _tell_systems(HookKind.REQUEST_RECEIVED, request, to)
    _tell_sender(request, change, actor)
    return request


@transaction.atomic
def answer(*, request: CooperationRequest, note: Note, actor: User) -> CooperationRequest:
    """Raises PortalError without a text: the answer is what was asked for."""
    request = _lock_for_step(request, Step.ANSWER, actor)
    if not note.text.strip():
        raise PortalError(_("Write the answer."))
    _say(request, note, actor, Step.ANSWER)
    request.answered_at = timezone.now()
    _tell_sender(request, _move(request, Step.ANSWER, actor), actor)
    _tell_systems(HookKind.REQUEST_ANSWERED, request, request.sender)
    return request


@transaction.atomic
def decline(*, request: CooperationRequest, reason: str, note: Note, actor: User) -> CooperationRequest:
    request = _lock_for_step(request, Step.DECLINE, actor)
    if not reason:
        raise PortalError(_("Say why the request is declined."))
    _say_along(request, note, actor, Step.DECLINE)
    request.decline_reason, request.answered_at = reason, timezone.now()
    _tell_sender(request, _move(request, Step.DECLINE, actor), actor)
    _tell_systems(HookKind.REQUEST_ANSWERED, request, request.sender)
    return request


@transaction.atomic
def close(*, request: CooperationRequest, outcome: str, note: Note, actor: User) -> CooperationRequest:
    request = _lock_for_step(request, Step.CLOSE, actor)
    if not outcome:
        raise PortalError(_("Say what came of it."))
    _say_along(request, note, actor, Step.CLOSE)
    request.outcome, request.closed_at = outcome, timezone.now()
    change = _move(request, Step.CLOSE, actor)
    notify(people_of(request.receiver), Notice.REQUEST_MOVED, key=f"change:{change.pk}", request_id=request.pk)
    return request


@transaction.atomic
def withdraw(*, request: CooperationRequest, actor: User) -> CooperationRequest:
    request = _lock_for_step(request, Step.WITHDRAW, actor)
    change = _move(request, Step.WITHDRAW, actor)
    if request.sent_at is not None:
        notify(people_of(request.receiver), Notice.REQUEST_MOVED, key=f"change:{change.pk}", request_id=request.pk)
    return request


@transaction.atomic
def write_message(*, request: CooperationRequest, note: Note, actor: User) -> RequestMessage:
    request = _locked(request)
    if not permissions.can_write_message(actor, request):
        raise StepRefused(_("Nothing more can be written on this request."))
    if not note.text.strip():
        raise PortalError(_("Write the message."))
    message = _say(request, note, actor, "")
    is_sender = Side.SENDER in permissions.sides_of(actor, request)
    other = request.receiver if is_sender else request.sender
    notify(people_of(other), Notice.REQUEST_MESSAGE, key=f"message:{message.pk}", request_id=request.pk, but=actor)
    return message


def _locked(request: CooperationRequest) -> CooperationRequest:
    rows = CooperationRequest.objects.select_for_update(of=("self",))
    return rows.select_related("sender__state", "receiver__state", "sender_state", "receiver_state").get(pk=request.pk)


def _lock_for_step(request: CooperationRequest, step: str, actor: User) -> CooperationRequest:
    """Lock it and refuse what the table of transitions or the person's side does not allow."""
    locked = _locked(request)
    if locked.status not in TRANSITIONS[step].sources:
        raise StepRefused(_("The request is no longer at this step. Reload the page to see where it stands."))
    if not permissions.can_take_step(actor, locked, step):
        raise NotAllowed(_("You cannot take this step."))
    return locked


def _move(
    request: CooperationRequest,
    step: str,
    actor: User,
    *,
    to: Institution | None = None,
    by_institution: Institution | None = None,
) -> RequestChange:
    before, request.status = request.status, TRANSITIONS[step].target
    request.save()
    change = RequestChange.objects.create(
        request=request,
        step=step,
        from_status=before,
        to_status=request.status,
        to_institution=to,
        by=actor,
        by_institution=by_institution or _speaker(request, actor),
    )
    _audit(f"request.{step}", request, actor)
    return change


def _say_along(request: CooperationRequest, note: Note, actor: User, step: str) -> None:
    """A note that may be left out."""
    if note.text.strip():
        _say(request, note, actor, step)


def _say(request: CooperationRequest, note: Note, actor: User, step: str) -> RequestMessage:
    return RequestMessage.objects.create(
        request=request,
        step=step,
        text=note.text,
        language=note.language,
        identity_reason=refuse_identity((note.text,), reason=note.identity_reason),
        by=actor,
        by_institution=_speaker(request, actor),
    )


def _speaker(request: CooperationRequest, actor: User) -> Institution:
    institution = permissions.acting_institution(actor, request)
    if institution is None:
        raise NotAllowed(_("You act for neither side of this request."))
    return institution


def _tell_sender(request: CooperationRequest, change: RequestChange, actor: User) -> None:
    people = people_of(request.sender)
    notify(people, Notice.REQUEST_MOVED, key=f"change:{change.pk}:sender", request_id=request.pk, but=actor)


def _tell_systems(kind: HookKind, request: CooperationRequest, of: Institution) -> None:
    happened = Happened("request", request.reference, reverse("api_request", args=[request.reference]))
    announce(kind, happened, Audience(institutions=[of.pk]))


def _audit(verb: str, request: CooperationRequest, actor: User) -> None:
    data = {"reference": request.reference, "status": request.status}
    audit.record(verb=verb, obj=request, chain=audit_chain(actor), actor=actor, data=data)


# --- deadlines and escalation ---------------------------------------------------------------------


def deadlines(sent_at: datetime, zone: ZoneInfo, urgency: str) -> tuple[date, datetime, datetime]:
    """The last day to answer, the moment it is over there, and the moment the Secretariat is told."""
    terms = urgency_terms()[urgency]
    answer_by = sent_at.astimezone(zone).date() + timedelta(days=terms.answer_days)
    return answer_by, _end_of(answer_by, zone), _end_of(answer_by + timedelta(days=terms.secretariat_days), zone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)


_LEVELS = (
    (EscalationLevel.COORDINATOR, "coordinator_due_at"),
    (EscalationLevel.SECRETARIAT, "secretariat_due_at"),
)


def escalate_overdue(now: datetime | None = None) -> int:
    """Tell whoever must know of requests that are late by now; each level of each request once. Returns how many.

    It asks what is due, not what became due since the last run: a scheduler that was down misses nothing.
    """
    now = now or timezone.now()
    return sum(_escalate(pk, level, column, now) for level, column in _LEVELS for pk in _due(level, column, now))


def _due(level: str, column: str, now: datetime) -> Iterable[int]:
    due = CooperationRequest.objects.waiting().filter(**{f"{column}__lte": now}).exclude(escalations__level=level)
    return list(due.order_by(column).values_list("pk", flat=True))


@transaction.atomic
def _escalate(pk: int, level: str, column: str, now: datetime) -> bool:
    request = CooperationRequest.objects.select_for_update().get(pk=pk)
    if request.status not in WAITING_STATUSES:
        return False
    _row, created = Escalation.objects.get_or_create(
        request=request, level=level, defaults={"due_at": getattr(request, column), "at": now}
    )
    if created:
        _tell_level(request, level)
        chain = request.receiver_state.iso2 if level == EscalationLevel.COORDINATOR else audit.PLATFORM
        audit.record(verb="request.escalated", obj=request, chain=chain, system="clock", data={"level": level})
    return created


def _tell_level(request: CooperationRequest, level: str) -> None:
    key = f"late:{request.pk}:{level}"
    if level == EscalationLevel.COORDINATOR:
        notify(coordinators(request.receiver_state), Notice.REQUEST_LATE, key=key, request_id=request.pk)
    else:
        notify(officers(), Notice.REQUEST_ESCALATED, key=key)
