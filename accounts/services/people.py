"""Invitations, roles, appointments, hand-over and the access review."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import permissions, queries
from accounts.delivery import invitation_token
from accounts.enums import MANAGER_ROLES, TWO_PERSON_ROLES, InstitutionKind, Role
from accounts.models import (
    AccessDecision,
    AccessReview,
    FocalPointAppointment,
    Institution,
    Invitation,
    RoleAssignment,
    State,
    User,
)
from accounts.queries import people_of
from accounts.services.notes import NoteFile, attach_note
from accounts.services.own import end_sessions
from core import audit
from core.clocks import today_by_utc
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue

# --- invitations ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invitee:
    email: str
    full_name: str
    language: str


@transaction.atomic
def invite(*, actor: User, invitee: Invitee, institution: Institution, role: str) -> Invitation:
    """Offer a role by mail. The answer is the same whether or not the address has an account elsewhere.

    Raises NotAllowed, or StepRefused where the same offer is already open or the role already held.
    """
    if not permissions.can_give_role(actor, institution, role):
        raise NotAllowed(_("You cannot give this role in this institution."))
    return _invite(actor, invitee, institution, role)


def _invite(actor: User, invitee: Invitee, institution: Institution, role: str, **fields: Any) -> Invitation:
    if queries.is_address_of(actor, invitee.email):
        raise NotAllowed(_("Nobody gives a role to themselves."))
    _refuse_double(invitee.email, institution, role)
    invitation = Invitation(
        email=invitee.email.lower(),
        full_name=invitee.full_name,
        language=invitee.language,
        institution=institution,
        role=role,
        invited_by=actor,
        **fields,
    )
    _issue(invitation)
    _audit_people("person.invited", invitation, institution, actor, role=role)
    return invitation


def _refuse_double(email: str, institution: Institution, role: str) -> None:
    if Invitation.objects.pending().filter(email__iexact=email, institution=institution, role=role).exists():
        raise StepRefused(_("This person is already invited. Send the invitation again from the list."))
    roles = RoleAssignment.objects.not_over().filter(institution=institution, role=role)
    if roles.filter(user__email__iexact=email).exists():
        raise StepRefused(_("This person already has this role."))


def _issue(invitation: Invitation) -> None:
    """Give the invitation a fresh link and ask for the mail that carries it."""
    invitation.token_digest = sha256(invitation_token(invitation).encode()).hexdigest()
    invitation.expires_at = timezone.now() + settings.INVITATION_LIFETIME
    invitation.save()
    if invitation.waits_for_second:
        _ask_for_second(invitation)
        return
    key = f"invitation:{invitation.public_id}:{invitation.issue}"
    enqueue("accounts.send_invitation", invitation.pk, key=key, queue="mail")


def _ask_for_second(invitation: Invitation) -> None:
    for user_id in permissions.second_people(invitation).values_list("pk", flat=True):
        key = f"role-waits:{invitation.pk}:{invitation.issue}:{user_id}"
        enqueue("accounts.send_role_waits", invitation.pk, user_id, key=key, queue="mail")


@transaction.atomic
def confirm_invitation(*, invitation: Invitation, actor: User) -> None:
    """The second person. Only now is the link sent, and it is the invited person who takes the role up."""
    locked = _lock_pending(invitation, actor)
    if not locked.waits_for_second or locked.is_expired:
        raise StepRefused(_("This invitation no longer waits to be confirmed."))
    if not permissions.can_confirm_role(actor, locked):
        raise NotAllowed(_("Another manager confirms this role, not whoever asked for it."))
    if not _may_still_offer(locked.invited_by, locked):
        raise StepRefused(_("Whoever asked for this role may no longer give it."))
    locked.confirmed_by, locked.confirmed_at = actor, timezone.now()
    _issue(locked)
    _audit_people("invitation.confirmed", locked, locked.institution, actor, role=locked.role)


@transaction.atomic
def resend_invitation(*, invitation: Invitation, actor: User) -> None:
    """Send a new link; the one before stops working."""
    locked = _lock_pending(invitation, actor)
    locked.issue += 1
    if locked.role == Role.FOCAL_POINT and locked.confirmed_by_id not in (None, actor.pk):
        locked.invited_by = actor  # for one who may have left since
    _issue(locked)
    _audit_people("invitation.sent_again", locked, locked.institution, actor, issue=locked.issue)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    _revoke(_lock_pending(invitation, actor), actor)


def _revoke(locked: Invitation, actor: User) -> None:
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    _audit_people("invitation.revoked", locked, locked.institution, actor, role=locked.role)


def _lock_pending(invitation: Invitation, actor: User) -> Invitation:
    pending = Invitation.objects.pending().select_for_update(of=("self",)).select_related("institution__state")
    locked: Invitation | None = pending.filter(pk=invitation.pk).first()
    if locked is None:
        raise StepRefused(_("This invitation is already accepted or revoked."))
    if not permissions.can_manage_people(actor, locked.institution):
        raise NotAllowed(_("You do not manage the people of this institution."))
    return locked


@transaction.atomic
def accept_as_new(*, token: str, full_name: str, password: str) -> User:
    """Open the account an invitation offers. Raises StepRefused where the link cannot be used (any more)."""
    invitation = _lock_link(token)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise StepRefused(_("This address already has an account. Sign in to accept."))
    language = invitation.language
    user = User.objects.create_user(invitation.email, password, full_name=full_name, language=language)
    _accept(invitation, user)
    return user


@transaction.atomic
def accept_as_known(*, token: str, actor: User) -> None:
    """Somebody who has an account takes the role offered to their own address."""
    invitation = _lock_link(token)
    if invitation.email != actor.email:
        raise StepRefused(_("This invitation is for another address."))
    _accept(invitation, actor)


def _lock_link(token: str) -> Invitation:
    digest = sha256(token.encode()).hexdigest()
    usable = (
        Invitation.objects.usable()
        .select_for_update(of=("self",))
        .select_related("institution__state", "invited_by", "confirmed_by")
    )
    invitation: Invitation | None = usable.filter(token_digest=digest).first()
    if invitation is None:
        raise StepRefused(_("This link no longer works."))
    return invitation


def _accept(invitation: Invitation, user: User) -> None:
    if invitation.invited_by_id == user.pk or not _may_still_offer(invitation.invited_by, invitation):
        raise StepRefused(_("This link no longer works."))
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    FocalPointAppointment.objects.filter(invitation=invitation).update(user=user)
    _give(
        user=user,
        institution=invitation.institution,
        role=invitation.role,
        granted_by=invitation.invited_by,
        confirmed_by=invitation.confirmed_by,
        valid_from=max(invitation.valid_from, timezone.localdate()),
    )
    _audit_people("invitation.accepted", invitation, invitation.institution, user, role=invitation.role)


def _may_still_offer(inviter: User, invitation: Invitation) -> bool:
    """An offer is worth as much as the right of whoever made it, at the moment it is taken up."""
    if invitation.confirmed_by is not None and not permissions.manages_people(invitation.confirmed_by):
        return False
    if invitation.role == Role.FOCAL_POINT:
        return permissions.can_record_appointments(inviter)
    return permissions.can_give_role(inviter, invitation.institution, invitation.role)


def _revoke_offers(inviter: User, actor: User) -> None:
    """What somebody offered who may offer it no longer. A focal point's link waits for another administrator."""
    pending = Invitation.objects.pending().filter(invited_by=inviter).exclude(role=Role.FOCAL_POINT)
    for offer in pending.select_for_update(of=("self",)).select_related("institution__state"):
        if not _may_still_offer(inviter, offer):
            _revoke(offer, actor)


# --- roles ----------------------------------------------------------------------------------------


@transaction.atomic
def give_role(
    *, actor: User, person: User, institution: Institution, role: str, reason: str = ""
) -> RoleAssignment | Invitation:
    """Give a further role to somebody the actor already manages; one that two people give is offered first."""
    if not permissions.can_give_role(actor, institution, role) or person.pk == actor.pk:
        raise NotAllowed(_("You cannot give this role in this institution."))
    if role in TWO_PERSON_ROLES:
        return _offer(actor, person, institution, role)
    _refuse_double(person.email, institution, role)
    assignment = _give(user=person, institution=institution, role=role, granted_by=actor, reason=reason)
    _audit_people("role.given", person, institution, actor, role=role)
    return assignment


def _offer(actor: User, person: User, institution: Institution, role: str) -> Invitation:
    known = Invitee(email=person.email, full_name=person.full_name, language=person.language)
    return _invite(actor, known, institution, role)


def _give(*, user: User, institution: Institution, role: str, **fields: Any) -> RoleAssignment:
    """Write the role and end the person's sessions: what they hold was read under other rights.

    The database refuses a second State; asked first, so that the person reads a sentence.
    """
    others = RoleAssignment.objects.not_over().filter(user=user).exclude(institution__kind=InstitutionKind.MEETING)
    same_side = {"institution__state": institution.state, "institution__kind__in": _kinds_beside(institution)}
    if institution.kind != InstitutionKind.MEETING and others.exclude(**same_side).exists():
        raise StepRefused(_("The account acts for another State or organization. One account acts for one side."))
    assignment = RoleAssignment.objects.create(user=user, institution=institution, role=role, **fields)
    end_sessions(user=user)
    return assignment


def _kinds_beside(institution: Institution) -> list[str]:
    if institution.state is None:
        return [institution.kind]
    return [InstitutionKind.AUTHORITY, InstitutionKind.AGENCY, InstitutionKind.MISSION]


@transaction.atomic
def end_role(*, actor: User, assignment: RoleAssignment, reason: str = "") -> None:
    """End a role at once, and with it every session of the person."""
    if not permissions.can_manage_role(actor, assignment):
        raise NotAllowed(_("You cannot end this role."))
    _end(assignment, actor, reason)


def _end(assignment: RoleAssignment, actor: User, reason: str) -> None:
    today = timezone.localdate()
    ended = RoleAssignment.objects.not_over().filter(pk=assignment.pk)
    last_day = max(today, assignment.valid_from)
    if not ended.update(valid_to=last_day, ended_at=timezone.now(), ended_by=actor, reason=reason or assignment.reason):
        raise StepRefused(_("This role is already over."))
    if assignment.role == Role.FOCAL_POINT:
        in_force = FocalPointAppointment.objects.filter(user=assignment.user_id, valid_to=None)
        in_force.filter(valid_from__lte=today).update(valid_to=today)
    end_sessions(user=assignment.user)
    _revoke_offers(User.objects.get(pk=assignment.user_id), actor)
    _audit_people("role.ended", assignment.user, assignment.institution, actor, role=assignment.role)


@transaction.atomic
def deactivate(*, actor: User, person: User) -> None:
    """Close the account: it signs in nowhere, sees nothing, and its sessions end. Roles stay as they are."""
    _switch(actor, person, active=False)


@transaction.atomic
def reactivate(*, actor: User, person: User) -> None:
    _switch(actor, person, active=True)


def _switch(actor: User, person: User, *, active: bool) -> None:
    if not permissions.can_deactivate(actor, person):
        raise NotAllowed(_("You do not manage all roles of this person."))
    if not User.objects.filter(pk=person.pk, is_active=not active).update(is_active=active):
        raise StepRefused(_("The account is already in this state."))
    end_sessions(user=person)
    _revoke_offers(User.objects.get(pk=person.pk), actor)
    verb = "person.reactivated" if active else "person.deactivated"
    audit.record(verb=verb, obj=person, chain=permissions.chain_of_person(person), actor=actor)


def _audit_people(verb: str, obj: Model, institution: Institution, actor: User, **data: Any) -> None:
    chain = institution.state.iso2 if institution.state else audit.PLATFORM
    audit.record(verb=verb, obj=obj, chain=chain, actor=actor, data={"institution": str(institution.public_id), **data})


@transaction.atomic
def make_first_administrator(*, email: str, full_name: str) -> User:
    """Who invites everybody else, and a second one to confirm; StepRefused where there are two (docs/adr/0197).

    The account has no password: a link that works once leads to setting one (accounts.delivery.password_link).
    """
    administrators = RoleAssignment.objects.not_over().filter(role=Role.SECRETARIAT_ADMIN, user__is_active=True)
    if administrators.values("user").distinct().count() >= 2:
        raise StepRefused(_("There are two administrators already, who can invite others."))
    institution = Institution.objects.get(kind=InstitutionKind.SECRETARIAT)
    user = User.objects.create_user(email, None, full_name=full_name)
    role = RoleAssignment.objects.create(user=user, institution=institution, role=Role.SECRETARIAT_ADMIN)
    audit.record(system="set_up", verb="role.given", obj=role, data={"role": role.role})
    return user


# --- appointment by note verbale ------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """The note verbale by which a State names its focal point."""

    reference: str
    dated: date
    in_force_from: date


@transaction.atomic
def appoint(
    *, actor: User, institution: Institution, note: Note, invitee: Invitee, file: NoteFile | None = None
) -> FocalPointAppointment:
    """Record who a State names; the appointment before ends the day before, and with it that person's role.

    The link is sent when a second administrator has confirmed. Whoever follows somebody does so a full day later, of
    which the State is told at once. The note itself may follow later.
    """
    state = institution.state
    if not permissions.can_record_appointments(actor) or state is None or institution.kind != InstitutionKind.AUTHORITY:
        raise NotAllowed(_("Only the Secretariat records appointments, for national authorities."))
    State.objects.select_for_update().get(pk=state.pk)
    concerned = queries.told_of_appointments(state)
    _refuse_older(note, state)
    note = _a_day_ahead(note, state)
    _end_appointment(institution, note, actor)
    offer = _invite(actor, invitee, institution, Role.FOCAL_POINT, valid_from=note.in_force_from)
    appointment = FocalPointAppointment.objects.create(
        state=state,
        note_verbale=note.reference,
        note_date=note.dated,
        valid_from=note.in_force_from,
        recorded_by=actor,
        invitation=offer,
    )
    for user_id in concerned:
        key = f"appointment:{appointment.pk}:{user_id}"
        enqueue("accounts.send_appointment_notice", appointment.pk, user_id, key=key, queue="mail")
    _audit_people("focal_point.appointed", appointment, institution, actor, note=note.reference)
    if file is not None:
        attach_note(appointment=appointment, file=file, actor=actor)
    return appointment


def _refuse_older(note: Note, state: State) -> None:
    """By the note's own date, against whoever took the role up: an offer that nobody took up can be corrected."""
    later = FocalPointAppointment.objects.filter(state=state, valid_to=None, valid_from__gte=note.in_force_from)
    if later.filter(user__isnull=False).exists():
        raise StepRefused(_("The appointment in force began later. Check the dates of the note."))


def _a_day_ahead(note: Note, state: State) -> Note:
    """The first day on which a new focal point can act, wherever a State has or had somebody."""
    had = RoleAssignment.objects.filter(institution__state=state, role__in=MANAGER_ROLES)
    if not had.exists() and not FocalPointAppointment.objects.filter(state=state).exists():
        return note
    return replace(note, in_force_from=max(note.in_force_from, today_by_utc() + timedelta(days=2)))


def _end_appointment(institution: Institution, note: Note, actor: User) -> None:
    before = FocalPointAppointment.objects.filter(state=institution.state, valid_to=None).first()
    if before is None:
        return
    if before.valid_from >= note.in_force_from:
        raise StepRefused(_("The appointment in force began later. Check the dates of the note."))
    offered = before.invitation
    if offered and offered.accepted_at is None and offered.revoked_at is None:
        _revoke(offered, actor)
    before.valid_to = note.in_force_from - timedelta(days=1)
    before.save(update_fields=["valid_to"])
    roles = RoleAssignment.objects.not_over().filter(role=Role.FOCAL_POINT, institution__state=institution.state)
    for role in roles.select_related("user", "institution__state"):
        _end_before(role, before.valid_to, actor)


def _end_before(role: RoleAssignment, last_day: date, actor: User) -> None:
    """End a role with its last day, or at once where that day has passed."""
    if last_day < timezone.localdate():
        _end(role, actor, "")
        return
    role.valid_to = last_day
    role.save(update_fields=["valid_to"])
    _audit_people("role.ended", role.user, role.institution, actor, role=role.role, last_day=last_day.isoformat())


# --- hand-over ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenWork:
    """Something a leaving person has begun or was handed."""

    title: str
    detail: str
    url: str


class HandoverProvider(Protocol):
    """An app above registers one in its AppConfig.ready(), since accounts knows none of them."""

    def open_work(self, person: User) -> Sequence[OpenWork]: ...

    def pass_on(self, *, person: User, successor: User, actor: User) -> int: ...


_providers: list[HandoverProvider] = []


def register_handover(provider: HandoverProvider) -> None:
    _providers.append(provider)


def open_work(person: User) -> list[OpenWork]:
    return [work for provider in _providers for work in provider.open_work(person)]


@transaction.atomic
def hand_over(*, actor: User, person: User, successor: User | None, reason: str) -> int:
    """Somebody leaves: pass what they were handed and their roles to the successor, then end the roles.

    A focal point's role is not passed on: the State names the next one. Returns how many things were passed on.
    """
    roles = list(RoleAssignment.objects.not_over().filter(user=person).select_related("institution__state", "user"))
    if not roles or not all(permissions.can_manage_role(actor, role) for role in roles):
        raise NotAllowed(_("You do not manage all roles of this person."))
    moved = _pass_on(actor, person, successor, roles) if successor else 0
    for role in roles:
        _end(role, actor, reason)
    if person.is_active:
        _switch(actor, person, active=False)
    audit.record(
        verb="person.handed_over",
        obj=person,
        chain=permissions.chain_of_person(person),
        actor=actor,
        data={"successor": str(successor.public_id) if successor else "", "moved": moved},
    )
    return moved


def _pass_on(actor: User, person: User, successor: User, roles: list[RoleAssignment]) -> int:
    if successor.pk == person.pk or not successor.is_active:
        raise StepRefused(_("Choose somebody else who is active."))
    held = set(RoleAssignment.objects.not_over().filter(user=successor).values_list("institution", "role"))
    for role in roles:
        wanted = role.role != Role.FOCAL_POINT and (role.institution_id, role.role) not in held
        if wanted and permissions.can_give_role(actor, role.institution, role.role) and successor.pk != actor.pk:
            _pass_role(actor, successor, role)
    return sum(provider.pass_on(person=person, successor=successor, actor=actor) for provider in _providers)


def _pass_role(actor: User, successor: User, role: RoleAssignment) -> None:
    offers = Invitation.objects.pending().filter(email__iexact=successor.email, institution=role.institution)
    if role.role not in TWO_PERSON_ROLES:
        _give(user=successor, institution=role.institution, role=role.role, granted_by=actor)
        _audit_people("role.given", successor, role.institution, actor, role=role.role)
    elif not offers.filter(role=role.role).exists():
        _offer(actor, successor, role.institution, role.role)


# --- access review --------------------------------------------------------------------------------


@transaction.atomic
def review_access(
    *, actor: User, state: State | None, shown: Collection[int], staying: Collection[int]
) -> AccessReview:
    """Record who of those shown stays; the roles of the others end. Whoever joined meanwhile was not looked at and
    waits for the next review. The reviewer stays: nobody ends their own role."""
    if not permissions.can_review_access(actor, state):
        raise NotAllowed(_("You do not review the people of this side."))
    review = AccessReview.objects.create(state=state, reviewed_by=actor)
    for person in people_of(state).filter(pk__in={*shown, actor.pk}):
        stays = person.pk == actor.pk or person.pk in staying
        AccessDecision.objects.create(review=review, user=person, stays=stays)
        for role in [] if stays else person.roles_now:
            if role.institution.state == state:
                end_role(actor=actor, assignment=role, reason=_("Access review"))
    chain = state.iso2 if state else audit.PLATFORM
    counts = {"stay": review.decisions.filter(stays=True).count(), "end": review.decisions.filter(stays=False).count()}
    audit.record(verb="access.reviewed", obj=review, chain=chain, actor=actor, data=counts)
    return review
