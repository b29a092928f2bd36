"""Who may make an evaluation and who may know of one. Which rows one reads is the scope of the querysets."""

from accounts.enums import Role
from accounts.permissions import has_role, is_secretariat
from accounts.querysets import AnyUser


def can_prepare(user: AnyUser) -> bool:
    """Officers and administrators of the Secretariat."""
    return is_secretariat(user)


def can_read(user: AnyUser) -> bool:
    """The officers of the Meeting read the draft and do not write; for anybody else the pages do not exist."""
    return can_prepare(user) or has_role(user, Role.MEETING_OFFICER)
