"""Who may do what with statistics. Who may read them is the scope of the querysets."""

from accounts.enums import InstitutionKind, Role
from accounts.models import RoleAssignment, State, User
from accounts.permissions import is_secretariat
from indicators.enums import ReturnStatus
from indicators.models import StatisticalReturn
from indicators.querysets import SIGNING_ROLES

_WRITERS = (Role.FOCAL_POINT, Role.CONTRIBUTOR)


def _in_authority(user: User, state: State, *roles: str) -> bool:
    mine = RoleAssignment.objects.of(user, *roles)
    return mine.filter(institution__state=state, institution__kind=InstitutionKind.AUTHORITY).exists()


def can_write(user: User, state: State) -> bool:
    """Fill in the State's returns."""
    return _in_authority(user, state, *_WRITERS)


def can_sign_for(user: User, state: State) -> bool:
    return _in_authority(user, state, *SIGNING_ROLES)


def can_sign(user: User, filled: StatisticalReturn) -> bool:
    """Whoever sent the figures does not sign them off, unless the State declared an office of one person."""
    alone = filled.sent_by_id == user.pk and not filled.state.one_person_office
    return filled.status == ReturnStatus.SENT and can_sign_for(user, filled.state) and not alone


def can_prepare_releases(user: User) -> bool:
    return is_secretariat(user)
