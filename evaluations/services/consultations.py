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
from evaluations.enums import today
from evaluations.models import Consultation, Evaluation, StateComment
from evaluations.queries.consulted import changed_since_asked
from workplan.enums import APPROVERS

NOTICE = tasks.send_notice.name


@transaction.atomic
def open_consultation(*, evaluation: Evaluation, closes_on: date, actor: User) -> Consultation:
    """Show each State its part of the last build until a day, and tell its people.

    After a new build those are asked whose part has changed, with those whose time was not over; where there are none
    of either, all are asked again. The consultation takes the place of the one before it.
    """
    locked = _prepared(evaluation, actor)
    if locked.snapshot is None or locked.is_building:
        raise StepRefused(_("Generate the documents first: States are shown their part of them."))
    if closes_on <= today():
        raise PortalError(_("Choose a day after today"))
    values = {"evaluation": locked, "opened_by": actor, "asks": _whom_to_ask(locked), "closes_on": closes_on}
    consultation, created = Consultation.objects.update_or_create(
        snapshot=locked.snapshot, defaults={"closes_on": closes_on}, create_defaults=values
    )
    locked.consultations.filter(pk__lt=consultation.pk, ended_at=None).update(ended_at=timezone.now())
    _opened(consultation, "consultation.opened" if created else "consultation.moved", actor)
    asked = State.objects.filter(iso2__in=consultation.asked).values_list("pk", flat=True)
    announce(HookKind.CONSULTATION_OPENED, _happened(consultation), Audience(states=list(asked)))
    return consultation


@transaction.atomic
def move_consultation(*, consultation: Consultation, closes_on: date, actor: User) -> None:
    """Another last day for the one that runs, whatever was built since; it ends with today at the earliest."""
    locked = _prepared(consultation.evaluation, actor)
    running = locked.consultations.still_open().filter(pk=consultation.pk).first()
    if running is None:
        raise StepRefused(_("The period for comments is over."))
    if closes_on < today():
        raise PortalError(_("Choose today or a later day"))
    running.closes_on = closes_on
    running.save(update_fields=["closes_on"])
    _opened(running, "consultation.moved", actor)


def _prepared(evaluation: Evaluation, actor: User) -> Evaluation:
    """Locked. Comments and publication lock the same row: what one of them has seen holds until it ends."""
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("job", "snapshot").get(pk=evaluation.pk)
    if hasattr(locked, "publication"):
        raise StepRefused(_("This evaluation is published already."))
    return locked


def _whom_to_ask(evaluation: Evaluation) -> list[str]:
    """Codes of States; none stands for all of them."""
    if not evaluation.consultations.exists():
        return []
    unfinished = [running.asked for running in evaluation.consultations.still_open().select_related("snapshot")]
    return sorted(set(changed_since_asked(evaluation)).union(*unfinished))


def _opened(consultation: Consultation, verb: str, actor: User) -> None:
    data = {"closes_on": consultation.closes_on.isoformat(), "states": consultation.asks or "all"}
    audit.record(actor=actor, verb=verb, obj=consultation, data=data)
    _tell(consultation)


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
    evaluation = Evaluation.objects.select_for_update(of=("self",)).get(pk=consultation.evaluation_id)
    if hasattr(evaluation, "publication"):
        raise StepRefused(_("The evaluation is published: there is nothing more to comment on."))
    locked = Consultation.objects.get(pk=consultation.pk)
    if not locked.is_open:
        raise StepRefused(_("The period for comments is over."))
    said = StateComment.objects.of(locked).filter(state=state)
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
