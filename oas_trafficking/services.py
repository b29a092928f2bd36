"""What the audit trail keeps of sign-ins and refusals, whichever app they happen in, and how it is handed out."""

import re
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import State, User
from accounts.permissions import audit_chain
from core import audit, jobs
from core.exceptions import NotAllowed, PortalError
from core.models import Job
from core.spreadsheets import csv_text
from oas_trafficking import tasks
from oas_trafficking.delivery import file_of
from oas_trafficking.presenters import audit_row
from oas_trafficking.presenters.dashboard import Dashboard
from oas_trafficking.presenters.state_page import StatePage
from oas_trafficking.queries import Events
from workplan.models import Report, Round
from workplan.permissions import can_manage_rounds
from workplan.services import remind_now

EXPORT_LIMIT = 10_000
# What a code or a key looks like. Anything else in an address was typed by somebody and is not kept.
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


def record_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    audit.record(verb="session.opened", obj=user, chain=audit_chain(user), actor=user)


def record_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(verb="session.closed", obj=user, chain=audit_chain(user), actor=user)


def record_failed_sign_in(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Kept even if the request fails later. What was typed is not: people type passwords into the wrong box."""
    user = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
    audit.append_counted(
        verb="session.refused",
        object_type="accounts.user",
        object_id=str(user.public_id) if user else "unknown",
        shared=("verb", "object_id"),
        chain=audit_chain(user) if user else audit.PLATFORM,
        system="sign-in",
    )


def record_refusal(*, request: HttpRequest, response: HttpResponse) -> None:
    """A signed-in person was told no, or was told that what they asked for does not exist."""
    match, user = request.resolver_match, request.user
    if match is None or not isinstance(user, User):
        return
    asked = {name: str(value) for name, value in match.kwargs.items() if _CODE.fullmatch(str(value))}
    audit.append_counted(
        verb="access.refused",
        object_type="route",
        object_id=(match.url_name or match.view_name)[:64],
        shared=("verb", "actor_id"),
        chain=audit_chain(user),
        actor_id=user.pk,
        data={"method": request.method, "status": response.status_code, **asked},
    )


@transaction.atomic
def remind_overdue(*, round_: Round, actor: User) -> int:
    """Tell whoever works on a report that is overdue that it is awaited. Returns how many States were told."""
    if not can_manage_rounds(actor):
        raise NotAllowed(_("The Secretariat reminds States."))
    reports = Report.objects.filter(round=round_).awaited().select_related("round", "state")
    late = [report for report in reports if report.state and report.due_on < report.today]
    told = [report for report in late if remind_now(report=report)]
    for report in told:
        data = {"reference": report.reference}
        audit.record(verb="report.reminded", obj=report, chain=report.chain, actor=actor, data=data)
    return len(told)


@transaction.atomic
def export_trail(*, chain: str, events: Events, actor: User) -> str:
    """The events as CSV. Raises PortalError where they are too many for one file made while somebody waits."""
    count = events.count()
    if count > EXPORT_LIMIT:
        raise PortalError(
            _("More than %(limit)s events fit this filter: choose a shorter time.") % {"limit": EXPORT_LIMIT}
        )
    head = (_("Number"), _("Time (UTC)"), _("Who"), _("What"), _("Code"), _("About"), _("Reference"), _("Details"))
    rows = ((audit_row(event), event) for event in events)
    text = csv_text(
        head,
        (
            (row.number, event.at.isoformat(), row.who, row.what, event.verb, row.about, row.reference, row.details)
            for row, event in rows
        ),
    )
    audit.append(
        verb="audit.exported",
        object_type="trail",
        object_id=chain,
        chain=chain,
        actor_id=actor.pk,
        data={"events": count},
    )
    return text


@transaction.atomic
def export_dashboard(*, page: Dashboard, kind: str, actor: User) -> bytes:
    """The figures of a period as a file; the trail keeps who took them."""
    content = file_of(page.sheets(), kind, page.at)
    audit.append(
        verb="dashboard.exported",
        object_type="dashboard",
        object_id=page.of.round.code,
        chain="SG",
        actor_id=actor.pk,
        data={"format": kind, "compared": page.query["compare"]},
    )
    return content


@transaction.atomic
def export_state(*, page: StatePage, kind: str, actor: User) -> bytes:
    """A State's figures as a file; the State's trail keeps who took them."""
    content = file_of(page.sheets(), kind, page.at)
    data = {"format": kind, **page.query}
    audit.record(verb="state.exported", obj=page.state, chain=page.state.iso2, actor=actor, data=data)
    return content


EXPORT = tasks.write_export.name


@transaction.atomic
def request_export(*, state: State | None, query: dict[str, str], kind: str, actor: User) -> Job:
    """Have a file made of the dashboard, or of a State's figures; the trail keeps who asked."""
    job = jobs.create_job(kind=EXPORT, actor=actor, total=1)
    args = [actor.pk, state.iso2 if state else "", query, kind]
    jobs.enqueue(EXPORT, *args, key=f"{EXPORT}:{job.public_id}", queue="documents", job=job)
    verb, chain = ("state.exported", state.iso2) if state else ("dashboard.exported", "SG")
    audit.record(verb=verb, obj=job, chain=chain, actor=actor, data={"format": kind, **query})
    return job
