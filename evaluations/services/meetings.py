"""What the Secretariat keeps in the register of the Meetings."""

from datetime import date

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.canonical import fingerprint
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from evaluations import permissions
from evaluations.models import Conclusion, FollowUp


@transaction.atomic
def keep_record(*, record: models.Model, seen: str, actor: User) -> None:
    """Write a Meeting, or an item of one, as the form has filled it; the trail keeps which fields.

    `seen` is the fingerprint of what the page showed. Raises StaleVersion where somebody else saved since.
    """
    _require_keeper(actor)
    added = record.pk is None
    stored = type(record)._base_manager.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if stored is not None and fingerprint(stored) != seen:
        raise StaleVersion(_("Somebody else saved this while you were writing. Compare before you save yours."))
    record.full_clean()
    record.save()
    fields = sorted(field.name for field in record._meta.concrete_fields if not field.primary_key)
    audit.record(
        actor=actor, verb="meeting.added" if added else "meeting.corrected", obj=record, data={"fields": fields}
    )


@transaction.atomic
def follow_up(
    *, conclusion: Conclusion, status: str, text: str, language: str, who: str, due_on: date | None, actor: User
) -> FollowUp:
    """Say what became of a conclusion. What was said before stays."""
    _require_keeper(actor)
    if not conclusion.responsible:
        raise StepRefused(_("This conclusion asks nobody to act."))
    step = FollowUp(
        conclusion=conclusion, status=status, text=text, language=language, who=who, due_on=due_on, by=actor
    )
    step.full_clean()
    step.save()
    audit.record(
        actor=actor, verb="conclusion.followed_up", obj=conclusion, data={"number": conclusion.number, "status": status}
    )
    return step


def _require_keeper(actor: User) -> None:
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat keeps the register of the Meetings."))
