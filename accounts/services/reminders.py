"""What the clock reminds people of: an invitation nobody took up, an access review that is due. Each event once."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.enums import MANAGER_ROLES, InstitutionKind, Role
from accounts.models import Invitation, RoleAssignment, State
from accounts.queries import review_state
from core.jobs import enqueue

INVITATION_AFTER = timedelta(days=3)


@transaction.atomic
def remind() -> int:
    """Ask for the mails whose time has come; the key of each holds its event, so that none is asked for twice."""
    return _remind_invited() + _remind_reviewers()


def _remind_invited() -> int:
    # When the link in force was sent is known from when it ends: sending again moves the end.
    sent_by = timezone.now() - INVITATION_AFTER
    waiting = Invitation.objects.usable().filter(expires_at__lte=sent_by + settings.INVITATION_LIFETIME)
    return sum(
        _ask("accounts.send_invitation_reminder", pk, key=f"invitation-reminder:{pk}:{issue}")
        for pk, issue in waiting.values_list("pk", "issue")
    )


def _remind_reviewers() -> int:
    managed = RoleAssignment.objects.current().filter(role__in=MANAGER_ROLES).states()
    return sum(_remind_side(side) for side in [None, *State.objects.filter(pk__in=managed)])


def _remind_side(side: State | None) -> int:
    review = review_state(side)
    if not review.is_due:
        return 0
    # The event is the end of the last review's time; a side that had none is told once.
    event = f"{side.iso2 if side else 'SG'}:{review.last.pk if review.last else 'first'}"
    return sum(
        _ask("accounts.send_review_reminder", user_id, key=f"access-review:{event}:{user_id}")
        for user_id in _reviewers(side)
    )


def _reviewers(side: State | None) -> list[int]:
    roles = RoleAssignment.objects.current()
    if side is None:
        roles = roles.filter(institution__kind=InstitutionKind.SECRETARIAT, role=Role.SECRETARIAT_ADMIN)
    else:
        roles = roles.filter(institution__state=side, role__in=MANAGER_ROLES)
    return sorted(set(roles.values_list("user", flat=True)))


def _ask(task: str, *args: int, key: str) -> bool:
    _message, is_new = enqueue(task, *args, key=key, queue="mail")
    return is_new
