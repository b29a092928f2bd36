"""Who may do what with people and institutions; small questions to the current roles."""

from collections.abc import Callable
from typing import TypeVar

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.http import HttpResponse

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State, User
from accounts.querysets import AnyUser
from core.audit import PLATFORM

View = TypeVar("View", bound=Callable[..., HttpResponse])
SECRETARIAT = "SG"  # chain of the General Secretariat's own report


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


def fresh_sign_in_required(view: View) -> View:
    """For sensitive actions: the second factor within the last five minutes, or it is asked for again.

    What was sent is kept and goes on after the answer (accounts.adapters.is_fresh decides).
    """
    return reauthentication_required(app="portal")(view)  # type: ignore[no-any-return]


def is_secretariat(user: AnyUser) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


def can_manage_people(user: User, institution: Institution) -> bool:
    if has_role(user, Role.SECRETARIAT_ADMIN):
        return True
    return institution.state is not None and has_role_in(
        user, institution.state, Role.FOCAL_POINT, Role.STATE_USER_ADMIN
    )


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
