"""What the pages of the area share."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.exceptions import NotAllowed, PortalError
from victims import presenters, queries, services
from victims.enums import Reason, Status
from victims.models import Case, TeamMember
from victims.permissions import Officer, has_emergency, works_on

Result = TypeVar("Result")


def officer_at(request: HttpRequest) -> Officer:
    officer = getattr(request, "officer", None)  # set by the middleware of the area, and by nothing else
    if not isinstance(officer, Officer):
        raise PermissionDenied
    return officer


def visible_case(request: HttpRequest, token: str) -> Case:
    """Of an erased case there is one page, and no other."""
    known = Case.objects.visible_to(officer_at(request)).exclude(status=Status.ERASED)
    return get_object_or_404(known, token=token)


def reason_of(officer: Officer, case: Case) -> str:
    """Why this person opens the record, as the trail says it."""
    if works_on(officer, case):
        return Reason.ASSISTANCE
    return Reason.SAFETY if has_emergency(officer, case) else Reason.SUPERVISION


def opened(request: HttpRequest, token: str) -> services.Record:
    case, officer = visible_case(request, token), officer_at(request)
    return allowed(lambda: services.read_record(actor=officer, case=case, reason=reason_of(officer, case)))


def allowed(act: Callable[[], Result]) -> Result:
    """What the service returns; what it does not allow is a page that may not be seen."""
    try:
        return act()
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal


def record_page(
    request: HttpRequest, record: services.Record, template: str, section: str, **context: Any
) -> HttpResponse:
    """A section of a record, with the bar, the stages and the menu around it."""
    members = list(TeamMember.objects.visible_to(officer_at(request)).current().filter(case_id=record.case.id))
    asked = [part.row.asked_by for part in record.approvals]
    names = queries.people([*(member.user_id for member in members), *asked, *context.pop("codes", ())])
    owner = min(members, key=lambda member: member.since).user_id if members else ""
    frame = presenters.frame(record, names, owner, section)
    frame["writes"] = frame["is_open"] and works_on(officer_at(request), record.case)
    frame["names"] = names
    form = context.get("form")
    has_errors = request.method == "POST" and form is not None and form.is_bound and not form.is_valid()
    return render(request, template, {**frame, **context}, status=422 if has_errors else 200)


def attempt(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether the service did it. Where it refuses, the form says why."""
    try:
        act()
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        form.add_error(None, str(refusal.message))
        return False
    return True
