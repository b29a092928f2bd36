"""Who may do what with people and institutions; small questions to the current roles."""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import (
    MANAGER_ROLES,
    NOTE_READERS,
    ROLES_OF_KIND,
    SEALED_ROLES,
    SECRETARIAT_ROLES,
    InstitutionKind,
    Role,
)
from accounts.models import FactorReset, FocalPointAppointment, Institution, Invitation, RoleAssignment, State, User
from accounts.querysets import AnyUser
from core.audit import PLATFORM

SECRETARIAT = "SG"  # chain of the General Secretariat's own report


class SignedInRequest(HttpRequest):
    """The request of a page behind the sign-in, for type checkers: LoginRequiredMiddleware let nobody else in."""

    user: User


def has_role(user: AnyUser, *roles: str) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *roles).exists()


def has_role_in(user: AnyUser, state: State | None, *roles: str) -> bool:
    """A current role in the given State; with no State, in the General Secretariat."""
    mine = RoleAssignment.objects.of(user, *roles)
    if state is None:
        return mine.filter(institution__kind=InstitutionKind.SECRETARIAT).exists()
    return mine.filter(institution__state=state).exists()


def has_second_factor(user: AnyUser) -> bool:
    """A passkey or an authenticator app; recovery codes alone are no factor."""
    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=factors).exists())


def is_secretariat(user: AnyUser) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


def can_manage_people(user: AnyUser, institution: Institution) -> bool:
    if has_role(user, Role.SECRETARIAT_ADMIN):
        return True
    return institution.state is not None and has_role_in(user, institution.state, *MANAGER_ROLES)


def manages_people(user: AnyUser) -> bool:
    return has_role(user, Role.SECRETARIAT_ADMIN, *MANAGER_ROLES)


def managed_institutions(user: AnyUser) -> QuerySet[Institution]:
    """Institutions whose people the person manages: all, or those of the own State."""
    institutions = Institution.objects.current().select_related("state")
    if has_role(user, Role.SECRETARIAT_ADMIN):
        return institutions
    return institutions.filter(state__in=RoleAssignment.objects.of(user, *MANAGER_ROLES).states())


def roles_to_give(user: AnyUser, institution: Institution) -> frozenset[str]:
    """Roles of the institution that this person may give to others.

    A focal point is named by note verbale alone. The roles of the sealed area belong to the State, and so does
    whoever gives them: with one of them the Secretariat could give itself a way to the victims.
    """
    if not can_manage_people(user, institution):
        return frozenset()
    possible = ROLES_OF_KIND[institution.kind] - {Role.FOCAL_POINT}
    in_own_state = institution.state is not None and has_role_in(user, institution.state, *MANAGER_ROLES)
    return possible if in_own_state else possible - SEALED_ROLES - {Role.STATE_USER_ADMIN}


def can_give_role(user: AnyUser, institution: Institution, role: str) -> bool:
    return role in roles_to_give(user, institution)


def second_people(invitation: Invitation) -> QuerySet[User]:
    """Who may confirm a role that two people give: the other managers of the State.

    Where there is none, an administrator of the Secretariat, which never asks for such a role in a State; but not
    the one who recorded the appointment of whoever asks. A focal point is confirmed by a second administrator.
    """
    others = User.objects.exclude(pk=invitation.invited_by_id).exclude(email__iexact=invitation.email)
    current = RoleAssignment.objects.current()
    state = invitation.institution.state
    if state is not None and invitation.role != Role.FOCAL_POINT:
        managers = current.filter(institution__state=state, role__in=MANAGER_ROLES)
        found: QuerySet[User] = others.filter(pk__in=managers.values("user"))
        if found.exists():
            return found
    recorded = FocalPointAppointment.objects.filter(user=invitation.invited_by_id).values("recorded_by")
    administrators = current.filter(role=Role.SECRETARIAT_ADMIN).exclude(user__in=recorded)
    left: QuerySet[User] = others.filter(pk__in=administrators.values("user"))
    return left


def can_confirm_role(user: AnyUser, invitation: Invitation) -> bool:
    return invitation.waits_for_second and user in second_people(invitation)


def can_manage_role(user: AnyUser, assignment: RoleAssignment) -> bool:
    """End a role or pass it on; nobody manages their own."""
    return assignment.user_id != user.pk and can_manage_people(user, assignment.institution)


def can_deactivate(user: AnyUser, person: User) -> bool:
    """Only where all the person's roles are the manager's to end: another side's person is not theirs to close."""
    if person.pk == user.pk or not RoleAssignment.objects.visible_to(user).filter(user=person).exists():
        return False
    roles = RoleAssignment.objects.not_over().filter(user=person).select_related("institution__state")
    return manages_people(user) and all(can_manage_role(user, role) for role in roles)


def can_record_appointments(user: AnyUser) -> bool:
    return has_role(user, Role.SECRETARIAT_ADMIN)


def can_read_appointments(user: AnyUser) -> bool:
    return has_role(user, Role.SECRETARIAT_ADMIN, *NOTE_READERS)


def can_request_reset(user: AnyUser, person: User) -> bool:
    """The coordinators of the person's State; the Secretariat for its own side, and where nobody else is left there."""
    if person.pk == user.pk or not person.is_active:
        return False
    roles = RoleAssignment.objects.not_over().filter(user=person)
    state = State.objects.filter(pk__in=roles.states()).first()
    if state is None:
        return roles.exists() and has_role(user, Role.SECRETARIAT_ADMIN)
    managers = RoleAssignment.objects.current().filter(institution__state=state, role__in=MANAGER_ROLES)
    if managers.of(user).exists():
        return True
    return has_role(user, Role.SECRETARIAT_ADMIN) and not managers.exclude(user=person).exists()


def can_confirm_reset(user: AnyUser, reset: FactorReset) -> bool:
    return has_role(user, Role.SECRETARIAT_ADMIN) and user.pk not in (reset.requested_by_id, reset.person_id)


def review_sides(user: AnyUser) -> list[State | None]:
    """Whose people the person goes through: those of the own State, or (None) the Secretariat's and partners'."""
    if has_role(user, Role.SECRETARIAT_ADMIN):
        return [None]
    return list(State.objects.filter(pk__in=RoleAssignment.objects.of(user, *MANAGER_ROLES).states()))


def can_review_access(user: AnyUser, state: State | None) -> bool:
    return state in review_sides(user)


def chain_of_person(person: User) -> str:
    """The chain of the State somebody acts for or acted for last, whether or not the account is open."""
    roles = RoleAssignment.objects.filter(user=person, institution__state__isnull=False).order_by("-valid_from", "-pk")
    return roles.values_list("institution__state__iso2", flat=True).first() or PLATFORM


def audit_chain(user: AnyUser) -> str:
    """The chain for what somebody does as a person: that of their State, or the platform's."""
    of_state = RoleAssignment.objects.of(user).filter(institution__state__isnull=False)
    return of_state.values_list("institution__state__iso2", flat=True).order_by("pk").first() or PLATFORM


def audit_chains(user: AnyUser) -> list[str]:
    """The trails a person reads: a State's auditor the State's, the Secretariat's administrator its own and the
    platform's. A State's trail is for its auditor alone: it tells who opened what, and when."""
    auditing = RoleAssignment.objects.of(user, Role.STATE_AUDITOR).filter(institution__state__isnull=False)
    chains = set(auditing.values_list("institution__state__iso2", flat=True))
    return sorted(chains | ({PLATFORM, SECRETARIAT} if has_role(user, Role.SECRETARIAT_ADMIN) else set()))
