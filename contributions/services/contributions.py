"""A contribution from its draft to what became of it.

Its events are of the platform's chain, never of a State's: a State's auditor must not read there who wrote what was
sent without a name.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import HookKind, Role
from accounts.models import RoleAssignment, State, User
from accounts.services import Audience, Happened, announce
from contributions import permissions
from contributions.enums import MAX_OPEN_DRAFTS, MAX_PER_STATE, TRANSITIONS, Status, Step, Visibility
from contributions.models import (
    About,
    Accreditation,
    Change,
    Citation,
    Clarification,
    Contribution,
    StateReply,
)
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.identity import refuse_identity
from core.identity_guard import plain
from core.jobs import enqueue
from workplan.models import Activity, Round

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
_FIELDS = ("visibility", "name_withheld", "kind", "title", "text", "language", "period_from", "period_to")


@dataclass(frozen=True)
class Draft:
    """All that an organization says; what is not yet filled in is empty."""

    round: Round
    kind: str
    language: str
    states: Collection[State] = ()
    activities: Collection[Activity] = ()
    visibility: str = Visibility.SECRETARIAT
    name_withheld: bool = False
    title: str = ""
    text: str = ""
    period_from: date | None = None
    period_to: date | None = None
    identity_reason: str = ""


# --- the organization writes ----------------------------------------------------------------------


@transaction.atomic
def draft_contribution(*, draft: Draft, actor: User) -> Contribution:
    accreditation = _accreditation(actor)
    _check_scope(draft, accreditation)
    own = Contribution.objects.filter(institution=accreditation.institution, status=Status.DRAFT)
    if own.count() >= MAX_OPEN_DRAFTS:
        raise PortalError(_("There are %(count)s open drafts. Send or withdraw some first.") % {"count": own.count()})
    row = Contribution(reference=_reference(), institution=accreditation.institution, round=draft.round, by=actor)
    _write(row, draft)
    audit.record(verb="contribution.drafted", obj=row, actor=actor, data={"kind": row.kind})
    return row


def _accreditation(actor: User) -> Accreditation:
    accreditation = permissions.contributing_for(actor)
    if accreditation is None:
        raise NotAllowed(_("Your organization has no accreditation in force."))
    return accreditation


def _reference() -> str:
    while True:
        reference = "PC-" + "".join(secrets.choice(_ALPHABET) for _place in range(6))
        if not Contribution.objects.filter(reference=reference).exists():
            return reference


def _check_scope(draft: Draft, accreditation: Accreditation) -> None:
    states = {state.pk for state in draft.states}
    if states - set(accreditation.states.values_list("pk", flat=True)):
        raise NotAllowed(_("Your accreditation does not cover all of these States."))
    chosen = Activity.objects.filter(pk__in=[activity.pk for activity in draft.activities])
    if permissions.activities_in_scope(accreditation, chosen).count() != len(draft.activities):
        raise NotAllowed(_("Your accreditation does not cover all of these activities."))


def _write(row: Contribution, draft: Draft) -> None:
    for name in _FIELDS:
        setattr(row, name, getattr(draft, name))
    # For the Secretariat alone there is nobody from whom to withhold it.
    row.name_withheld = draft.name_withheld and draft.visibility != Visibility.SECRETARIAT
    row.shown_name = "" if row.name_withheld else row.institution.name
    row.identity_reason = refuse_identity((row.title, row.text), reason=draft.identity_reason)
    row.save()
    row.about.exclude(state__in=draft.states).delete()
    known = set(row.about.values_list("state", flat=True))
    About.objects.bulk_create(About(contribution=row, state=state) for state in draft.states if state.pk not in known)
    row.activities.set(draft.activities)


@transaction.atomic
def revise(*, contribution: Contribution, draft: Draft, version: int, actor: User) -> Contribution:
    """Write the draft anew. Raises StaleVersion where somebody else saved in the meantime."""
    row = _locked(contribution)
    if not permissions.can_edit(actor, row):
        raise NotAllowed(_("What is sent is not changed any more."))
    if row.version != version:
        raise StaleVersion(_("Somebody else has saved this in the meantime. Look at it again."))
    _check_scope(draft, _accreditation(actor))
    row.round, row.version = draft.round, row.version + 1
    _write(row, draft)
    audit.record(verb="contribution.revised", obj=row, actor=actor)
    return row


@transaction.atomic
def send(*, contribution: Contribution, actor: User) -> Contribution:
    """Hand it in: whole, in time, within the quota, and without the name where that is withheld."""
    row = _locked(contribution)
    _refuse_step(row, Step.SEND, actor)
    _accreditation(actor)
    _check_complete(row)
    _check_time(row)
    _check_quota(row)
    _check_withheld(row)
    row.sent_at = timezone.now()
    _move(row, Step.SEND, actor)
    return row


def _check_complete(row: Contribution) -> None:
    if not (row.title and row.text and row.period_from and row.period_to):
        raise PortalError(_("Title, text and period are still missing."))
    if not row.about.exists() or not row.activities.exists():
        raise PortalError(_("Choose at least one State and one activity."))


def _check_time(row: Contribution) -> None:
    """As with reports: after the due date it is late and says so; once the period is closed it is too late."""
    if row.round.status != "open":
        raise PortalError(_("The time for contributions to this period is over."))


def _check_quota(row: Contribution) -> None:
    """Per State, so that no organization fills one State's page alone."""
    sent = About.objects.filter(contribution__institution=row.institution_id, contribution__round=row.round_id)
    sent = sent.filter(contribution__sent_at__isnull=False).exclude(contribution__status=Status.WITHDRAWN)
    for about in row.about.select_related("state"):
        if sent.filter(state=about.state_id).count() >= MAX_PER_STATE:
            values = {"count": MAX_PER_STATE, "state": about.state.name}
            raise PortalError(_("You have sent %(count)s contributions about %(state)s, as many as may be.") % values)


def _check_withheld(row: Contribution) -> None:
    if row.name_withheld and plain(row.institution.name) in plain(f"{row.title} {row.text}"):
        raise PortalError(_("The text names your organization, and you asked that its name be withheld."))
    names = row.files.standing().values_list("original_name", flat=True)
    if row.name_withheld and any(plain(row.institution.name) in plain(name) for name in names):
        raise PortalError(_("The name of a file names your organization, and you asked that it be withheld."))


# --- steps ----------------------------------------------------------------------------------------


@transaction.atomic
def take_step(*, contribution: Contribution, step: str, actor: User) -> Contribution:
    """Receive, review, accept or withdraw: the steps that need nothing more."""
    row = _locked(contribution)
    _refuse_step(row, step, actor)
    _move(row, step, actor)
    return row


@transaction.atomic
def not_use(*, contribution: Contribution, reason: str, actor: User) -> Contribution:
    row = _locked(contribution)
    _refuse_step(row, Step.NOT_USE, actor)
    row.reason = reason
    _move(row, Step.NOT_USE, actor)
    return row


def _locked(contribution: Contribution) -> Contribution:
    rows = Contribution.objects.select_for_update(of=("self",)).select_related("institution", "round")
    return rows.get(pk=contribution.pk)


def _refuse_step(row: Contribution, step: str, actor: User) -> None:
    if not permissions.is_side_of(actor, row, step):
        raise NotAllowed(_("This step is not yours."))
    if row.status not in TRANSITIONS[step].sources:
        words = {"status": row.get_status_display()}
        raise StepRefused(_("It is now “%(status)s”; this step is no longer possible.") % words)


def _move(row: Contribution, step: str, actor: User) -> None:
    before, row.status = row.status, TRANSITIONS[step].target
    row.save()
    Change.objects.create(contribution=row, step=step, from_status=before, to_status=row.status, by=actor)
    audit.record(verb=f"contribution.{step}", obj=row, actor=actor, data={"from": before, "to": row.status})
    happened = Happened("contribution", row.reference, reverse("api_contribution", args=[row.reference]))
    if step == Step.SEND:
        announce(HookKind.CONTRIBUTION_RECEIVED, happened, Audience(secretariat=True))
    elif step in (Step.ACCEPT, Step.NOT_USE):
        announce(HookKind.CONTRIBUTION_DECIDED, happened, Audience(institutions=[row.institution_id]))


# --- question, answer, reply, citation ------------------------------------------------------------


@transaction.atomic
def ask(*, contribution: Contribution, text: str, language: str, actor: User) -> Clarification:
    """The Secretariat's one question."""
    row = _locked(contribution)
    if not permissions.can_ask(actor, row):
        raise StepRefused(_("There is one question only, while the contribution is being looked at."))
    question = Clarification.objects.create(contribution=row, text=text, language=language, by=actor)
    audit.record(verb="contribution.asked", obj=row, actor=actor)
    return question


@transaction.atomic
def answer(*, contribution: Contribution, text: str, language: str, actor: User, identity_reason: str = "") -> None:
    row = _locked(contribution)
    if not permissions.can_answer(actor, row):
        raise StepRefused(_("There is no open question here."))
    question = row.clarification
    question.answer, question.answer_language = text, language
    question.answer_identity_reason = refuse_identity((text,), reason=identity_reason)
    question.answered_by, question.answered_at = actor, timezone.now()
    question.save()
    audit.record(verb="contribution.answered", obj=row, actor=actor)


@transaction.atomic
def reply(
    *, contribution: Contribution, text: str, language: str, actor: User, identity_reason: str = ""
) -> StateReply:
    """The State's one word on it. In the State's own chain, where nothing says who wrote the contribution."""
    row = _locked(contribution)
    state = permissions.replying_state(actor, row)
    if state is None:
        raise StepRefused(_("A State replies once to each contribution; this one has its reply."))
    reason = refuse_identity((text,), reason=identity_reason)
    said = StateReply.objects.create(
        contribution=row, state=state, text=text, language=language, identity_reason=reason, by=actor
    )
    audit.record(verb="contribution.replied", obj=row, chain=state.iso2, actor=actor)
    return said


@transaction.atomic
def cite(*, contribution: Contribution, sentence: str, language: str, actor: User) -> Citation:
    row = _locked(contribution)
    if not permissions.can_cite(actor, row):
        raise StepRefused(_("Only what was accepted is cited."))
    citation = Citation.objects.create(contribution=row, sentence=sentence, language=language, by=actor)
    audit.record(verb="contribution.cited", obj=row, actor=actor)
    return citation


# --- follow-up ------------------------------------------------------------------------------------


@transaction.atomic
def send_digests() -> int:
    """One mail for each person whose organization has news, however many there are. Returns how many."""
    now = timezone.now()
    # Marked first and read by the mark: a second run at the same moment finds nothing left.
    for model in (Change, Clarification, Citation):
        model._default_manager.filter(told_at=None).update(told_at=now)
    # The organization's own steps are no news to it.
    changes = Change.objects.filter(told_at=now).exclude(step__in=(Step.SEND, Step.WITHDRAW))
    news = (changes, Clarification.objects.filter(told_at=now), Citation.objects.filter(told_at=now))
    institutions = {pk for rows in news for pk in rows.values_list("contribution__institution", flat=True)}
    people = RoleAssignment.objects.current().filter(institution__in=institutions, role=Role.PARTNER)
    told = people.order_by("user").values_list("user", flat=True).distinct()
    return sum(_tell(user_id, now) for user_id in told)


def _tell(user_id: int, now: Any) -> bool:
    key = f"contribution-digest:{user_id}:{now:%Y%m%d%H%M%S%f}"
    _message, created = enqueue("contributions.send_notice", user_id, "news", key=key, queue="mail")
    return created
