"""Who may do what with people and institutions; small questions to the current roles."""

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State, User
from accounts.querysets import AnyUser


def has_role(user: AnyUser, *roles: str) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *roles).exists()


def has_role_in(user: AnyUser, state: State | None, *roles: str) -> bool:
    """A current role in the given State; with no State, in the General Secretariat."""
    mine = RoleAssignment.objects.of(user, *roles)
    if state is None:
        return mine.filter(institution__kind=InstitutionKind.SECRETARIAT).exists()
    return mine.filter(institution__state=state).exists()


def is_secretariat(user: AnyUser) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


def can_manage_people(user: User, institution: Institution) -> bool:
    if has_role(user, Role.SECRETARIAT_ADMIN):
        return True
    return institution.state is not None and has_role_in(
        user, institution.state, Role.FOCAL_POINT, Role.STATE_USER_ADMIN
    )
