"""Asking each State about its own part of an evaluation, and keeping what it says."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import HookKind, InstitutionKind
from accounts.models import RoleAssignment, State, User
from accounts.services import Audience, Happened, announce
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.jobs import enqueue
from evaluations import permissions, tasks
from evaluations.models import Consultation, Evaluation, StateComment
from workplan.enums import APPROVERS

NOTICE = tasks.send_notice.name


@transaction.atomic
def open_consultation(*, evaluation: Evaluation, closes_on: date, actor: User) -> Consultation:
    """Show each State its part of the last build until a day, and tell its people; again, to move that day."""
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("job", "snapshot").get(pk=evaluation.pk)
    if locked.snapshot is None or locked.is_building:
        raise StepRefused(_("Generate the documents first: States are shown their part of them."))
    if hasattr(locked, "publication"):
        raise StepRefused(_("This evaluation is published already."))
    if closes_on <= timezone.localdate():
        raise PortalError(_("Choose a day after today"))
    consultation, created = Consultation.objects.update_or_create(
        snapshot=locked.snapshot,
        defaults={"closes_on": closes_on},
        create_defaults={"evaluation": locked, "closes_on": closes_on, "opened_by": actor},
    )
    verb = "consultation.opened" if created else "consultation.moved"
    audit.record(actor=actor, verb=verb, obj=consultation, data={"closes_on": closes_on.isoformat()})
    _tell(consultation)
    asked = State.objects.filter(iso2__in=consultation.asked).values_list("pk", flat=True)
    announce(HookKind.CONSULTATION_OPENED, _happened(consultation), Audience(states=list(asked)))
    return consultation


def _happened(consultation: Consultation) -> Happened:
    return Happened("evaluation", str(consultation.evaluation.public_id))


def _tell(consultation: Consultation) -> None:
    """One mail for each person who may comment, for each last day that is set."""
    roles = RoleAssignment.objects.current().filter(
        institution__kind=InstitutionKind.AUTHORITY, institution__state__iso2__in=consultation.asked, role__in=APPROVERS
    )
    for user in sorted(set(roles.values_list("user", flat=True))):
        key = f"{NOTICE}:{consultation.pk}:{consultation.closes_on}:{user}"
        enqueue(NOTICE, consultation.pk, user, key=key, queue="mail")


@transaction.atomic
def save_comments(
    *,
    consultation: Consultation,
    state: State,
    texts: Mapping[str, str],
    language: str,
    seen: int,
    actor: User,
) -> int:
    """Keep what a State says, by area ("" for the whole): a new version of each that changed. Returns how many.

    `seen` is how many versions there were when the page was shown, so that a colleague's words are not passed over.
    """
    if not permissions.can_comment(actor, state):
        raise NotAllowed(_("The coordinator or whoever approves the report comments for the State."))
    locked = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if not locked.is_open:
        raise StepRefused(_("The period for comments is over."))
    said = StateComment.objects.filter(consultation=locked, state=state)
    if said.count() != seen:
        raise StaleVersion(_("A colleague has commented meanwhile. Read it below before you save yours."))
    last = {row.area: row for row in said.last_versions()}
    changed = [area for area, text in texts.items() if text != (last[area].text if area in last else "")]
    for area in changed:
        number = last[area].number + 1 if area in last else 1
        row = StateComment(
            consultation=locked, state=state, area=area, number=number, text=texts[area], language=language, by=actor
        )
        row.full_clean()
        row.save()
    audit.record(
        actor=actor, verb="consultation.commented", obj=locked, chain=state.iso2, data={"areas": sorted(changed)}
    )
    if changed:
        announce(HookKind.CONSULTATION_COMMENTED, _happened(locked), Audience(secretariat=True))
    return len(changed)
