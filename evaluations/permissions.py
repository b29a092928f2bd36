"""Who may make an evaluation. Who may read one is the scope of its querysets."""

from accounts.permissions import is_secretariat
from accounts.querysets import AnyUser


def can_prepare(user: AnyUser) -> bool:
    """Officers and administrators of the Secretariat; the officers of the Meeting read and do not write."""
    return is_secretariat(user)
