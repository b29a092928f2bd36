"""Who may make an evaluation and who may know of one. Which rows one reads is the scope of the querysets."""

from accounts.enums import Role
from accounts.models import State
from accounts.permissions import has_role, has_role_in, is_secretariat
from accounts.querysets import AnyUser
from workplan.enums import APPROVERS
from workplan.querysets import own_states


def can_prepare(user: AnyUser) -> bool:
    """Officers and administrators of the Secretariat."""
    return is_secretariat(user)


def can_read(user: AnyUser) -> bool:
    """The officers of the Meeting read the draft and do not write; for anybody else the pages do not exist."""
    return can_prepare(user) or has_role(user, Role.MEETING_OFFICER)


def reads_whole(user: AnyUser) -> bool:
    """The Meeting: its officers, the Secretariat, and whoever reads the reports of a State. Not everybody."""
    return can_read(user) or (user.is_active and own_states(user).exists())


def can_comment(user: AnyUser, state: State) -> bool:
    """Whoever answers for the State's report answers for what it says of its evaluation."""
    return user.is_active and has_role_in(user, state, *APPROVERS)


def can_translate(user: AnyUser) -> bool:
    return is_secretariat(user) or has_role(user, Role.TRANSLATOR)
