"""Periods of reporting."""

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import HookKind, Language
from accounts.models import State, User
from accounts.services import Audience, Happened, announce
from core import audit
from core.exceptions import NotAllowed, PortalError, StepRefused
from workplan import permissions
from workplan.enums import RoundStatus
from workplan.models import Catalogue, Extension, Plan, Report, ReportEntry, Round


@transaction.atomic
def create_round(
    *, catalogue: Catalogue, code: str, period_start: date, period_end: date, due_on: date, actor: User
) -> Round:
    """Prepare a round with the catalogue given; nobody but the Secretariat sees it until it opens."""
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat prepares a period."))
    plan = Plan.objects.select_for_update().get(pk=catalogue.plan_id)
    if not plan.start_date <= period_start < period_end <= plan.end_date:
        raise PortalError(_("The period must lie within the years of the Work Plan."))
    if plan.rounds.filter(period_start__lte=period_end, period_end__gte=period_start).exists():
        raise PortalError(_("These dates overlap with another period."))
    if due_on < period_end:
        raise PortalError(_("Reports cannot be due before the period ends."))
    if Round.objects.filter(code=code).exists():
        raise PortalError(_("There is a period with this code already."))
    round_ = Round.objects.create(
        plan=plan, catalogue=catalogue, code=code, period_start=period_start, period_end=period_end, due_on=due_on
    )
    audit.record(actor=actor, verb="round.created", obj=round_, data={"code": code})
    return round_


@transaction.atomic
def open_round(*, round: Round, actor: User) -> list[Report]:  # noqa: A002 - the field's own word
    """Open a round: one report per participating State and one for the Secretariat, an entry per activity.

    Raises StepRefused unless the round is a draft.
    """
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat opens a round."))
    locked = Round.objects.select_for_update().get(pk=round.pk)
    if locked.status != RoundStatus.DRAFT:
        raise StepRefused(_("This round is already open or over."))
    Round.objects.filter(pk=locked.pk).update(status=RoundStatus.OPEN, opened_at=timezone.now())
    reports = _create_reports(locked)
    audit.record(actor=actor, verb="round.opened", obj=locked, data={"code": locked.code, "reports": len(reports)})
    happened = Happened("round", locked.code, reverse("api_rounds"))
    announce(HookKind.ROUND_OPENED, happened, Audience(everybody=True))
    round.refresh_from_db()
    return reports


def _create_reports(round_: Round) -> list[Report]:
    """With their entries, the Secretariat's last."""
    activities = round_.catalogue.activities.all()
    of_states, of_secretariat = list(activities.addressed_to_states()), list(activities.addressed_to_secretariat())
    reports = Report.objects.bulk_create(_report(round_, state) for state in (*State.objects.participating(), None))
    ReportEntry.objects.bulk_create(
        ReportEntry(report=report, activity=activity, language=report.language)
        for report in reports
        for activity in (of_states if report.state_id else of_secretariat)
    )
    return reports


def _report(round_: Round, state: State | None) -> Report:
    code, language = (state.iso2, state.language) if state else ("SG", Language.ES.value)
    return Report(round=round_, state=state, reference=f"{code}-{round_.code}", language=language)


@transaction.atomic
def close_round(*, round: Round, actor: User) -> None:  # noqa: A002
    """Close an open round; reports that were not submitted stay as they are and count as not submitted."""
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat closes a round."))
    changed = Round.objects.filter(pk=round.pk, status=RoundStatus.OPEN).update(
        status=RoundStatus.CLOSED, closed_at=timezone.now()
    )
    if not changed:
        raise StepRefused(_("Only an open round can be closed."))
    audit.record(actor=actor, verb="round.closed", obj=round, data={"code": round.code})
    round.refresh_from_db()


@transaction.atomic
def freeze_round(*, round: Round, actor: User) -> None:  # noqa: A002
    """End a closed round for good: the database refuses every change to its reports from here on.

    What was not answered stays "no information", what was not accepted stays that way.
    """
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat freezes a period."))
    locked = Round.objects.select_for_update().get(pk=round.pk)
    if locked.status != RoundStatus.CLOSED:
        raise StepRefused(_("Only a closed period can be frozen."))
    # Every report locked: a step that is being taken ends first.
    reports = list(locked.reports.select_for_update(of=("self",)).select_related("round", "state"))
    if Extension.objects.undecided().filter(report__round=locked).exists():
        raise StepRefused(_("Decide the requests for more time first."))
    if any(report.submitted_at is None and permissions.round_takes(report) for report in reports):
        raise StepRefused(_("A State still has time. The period can be frozen once that time is over."))
    Round.objects.filter(pk=locked.pk).update(status=RoundStatus.FROZEN, frozen_at=timezone.now())
    audit.record(actor=actor, verb="round.frozen", obj=locked, data={"code": locked.code})
    round.refresh_from_db()
