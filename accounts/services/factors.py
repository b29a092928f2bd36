"""A lost second factor: the coordinator asks, the Secretariat confirms, and a day later the factors are gone.

Nobody can do it alone, and whoever is concerned has a day to stop it.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.enums import FactorNotice, Role
from accounts.models import FactorReset, RoleAssignment, User
from accounts.services.keys import end_keys
from accounts.services.own import end_sessions
from core import audit
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue


@transaction.atomic
def request_factor_reset(*, actor: User, person: User, identified: str, reason: str) -> FactorReset:
    """The coordinator has made sure who asks, and says how."""
    User.objects.select_for_update().get(pk=person.pk)
    if not permissions.can_request_reset(actor, person):
        raise NotAllowed(_("You cannot ask for this person."))
    if not Authenticator.objects.filter(user=person).exists():
        raise StepRefused(_("The person has no second factor: the next sign-in asks to set one up."))
    if FactorReset.objects.open().filter(person=person).exists():
        raise StepRefused(_("A reset is already under way for this person."))
    reset = FactorReset.objects.create(person=person, requested_by=actor, identified=identified, reason=reason)
    _audit_reset("requested", reset, actor, identified=identified)
    _tell(reset, FactorNotice.REQUESTED, *_others_who_confirm(reset))
    return reset


def _others_who_confirm(reset: FactorReset) -> list[int]:
    administrators = RoleAssignment.objects.current().filter(role=Role.SECRETARIAT_ADMIN)
    people = administrators.exclude(user__in=(reset.person_id, reset.requested_by_id))
    return sorted(set(people.values_list("user", flat=True)))


@transaction.atomic
def confirm_factor_reset(*, actor: User, reset: FactorReset) -> None:
    """The second person. From here on it takes a day, of which both ends are told."""
    locked = _lock_open(reset)
    if not permissions.can_confirm_reset(actor, locked):
        raise NotAllowed(_("Another administrator of the Secretariat confirms a reset."))
    if locked.confirmed_at is not None:
        raise StepRefused(_("The reset is already confirmed."))
    locked.confirmed_by, locked.confirmed_at = actor, timezone.now()
    locked.effective_at = locked.confirmed_at + settings.FACTOR_RESET_DELAY
    locked.save(update_fields=["confirmed_by", "confirmed_at", "effective_at"])
    _audit_reset("confirmed", locked, actor)
    _tell(locked, FactorNotice.CONFIRMED, locked.person_id, locked.requested_by_id)


@transaction.atomic
def stop_factor_reset(*, actor: User, reset: FactorReset) -> None:
    """The person, or whoever manages their people. The link in the mail acts as the person."""
    locked = _lock_open(reset)
    if not FactorReset.objects.visible_to(actor).filter(pk=locked.pk).exists():
        raise NotAllowed(_("You cannot stop this reset."))
    locked.stopped_by, locked.stopped_at = actor, timezone.now()
    locked.save(update_fields=["stopped_by", "stopped_at"])
    _audit_reset("stopped", locked, actor)
    _tell(locked, FactorNotice.STOPPED, locked.person_id, locked.requested_by_id)


def _lock_open(reset: FactorReset) -> FactorReset:
    locked = FactorReset.objects.open().select_for_update(of=("self",)).filter(pk=reset.pk).first()
    if locked is None:
        raise StepRefused(_("The reset is already over."))
    return locked


@transaction.atomic
def apply_factor_resets() -> int:
    """Remove factors and sessions where the day has passed. Run by the clock, as often as one likes."""
    due = FactorReset.objects.due().select_for_update(of=("self",), skip_locked=True).order_by("pk")
    resets = list(due.select_related("person"))
    for reset in resets:
        Authenticator.objects.filter(user=reset.person_id).delete()
        end_sessions(user=reset.person)
        end_keys(user=reset.person, actor=None)
        reset.applied_at = timezone.now()
        reset.save(update_fields=["applied_at"])
        _audit_reset("applied", reset, None)
        _tell(reset, FactorNotice.APPLIED, reset.person_id, reset.requested_by_id)
    return len(resets)


def _audit_reset(step: str, reset: FactorReset, actor: User | None, **data: str) -> None:
    audit.record(
        verb=f"factor_reset.{step}",
        obj=reset,
        chain=permissions.chain_of_person(reset.person),
        actor=actor,
        system="" if actor else "accounts",
        data={"person": str(reset.person.public_id), **data},
    )


def _tell(reset: FactorReset, notice: FactorNotice, *people: int) -> None:
    for user_id in people:
        key = f"factor-reset:{reset.pk}:{notice}:{user_id}"
        enqueue("accounts.send_factor_notice", reset.pk, user_id, notice.value, key=key, queue="mail")
