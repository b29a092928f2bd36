"""Who works on a case, who has seen it, and what one person asks another."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Role
from accounts.views.fresh import fresh_to_change
from victims import presenters, queries, services
from victims.enums import Question
from victims.forms import ColleagueForm, DecisionForm, ReasonForm, WordsForm
from victims.models import Approval, Case, TeamMember
from victims.permissions import Officer, can_change_team, can_decide, can_see_accesses, officer_of
from victims.services import Record
from victims.views.common import attempt, officer_at, opened, record_page, visible_case


@require_GET
def access_log(request: HttpRequest, token: str) -> HttpResponse:
    """Who has seen this case, and why they said they looked."""
    record, officer = opened(request, token), officer_at(request)
    if not can_see_accesses(officer, record.case):
        raise PermissionDenied
    events = queries.access_log(record.case, state=officer.state)
    return record_page(request, record, "victims/access_log.html", "access", rows=presenters.access_rows(events))


@require_http_methods(["GET", "POST"])
@fresh_to_change
def case_team(request: HttpRequest, token: str) -> HttpResponse:
    """A supervisor decides who works on a case; the team sees who does."""
    record, officer = opened(request, token), officer_at(request)
    case, may_change = record.case, can_change_team(officer, record.case)
    members = list(TeamMember.objects.visible_to(officer).current().filter(case_id=case.id).order_by("since"))
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    taken = {officer.code, *(member.user_id for member in members)}
    free = queries.colleagues(officer.state, taken) if may_change else {}
    form = ColleagueForm(request.POST or None, colleagues=[(code, str(user)) for code, user in free.items()])
    if request.method == "POST" and form.is_valid():
        colleague = officer_of(free[form.cleaned_data["colleague"]])
        if attempt(form, lambda: services.add_to_team(actor=officer, case=case, colleague=colleague)):
            return redirect("case_team", token=token)
    names = queries.people(member.user_id for member in members)
    rows = [{"code": m.user_id, "name": names.get(m.user_id, ""), "since": m.since} for m in members]
    context = {"form": form, "rows": rows, "may_change": may_change, "free": bool(free)}
    return record_page(request, record, "victims/team.html", "team", **context)


@require_POST
@fresh_to_change
def team_remove(request: HttpRequest, token: str, person: UUID) -> HttpResponse:
    case, officer = visible_case(request, token), officer_at(request)
    if not can_change_team(officer, case):
        raise PermissionDenied
    services.remove_from_team(actor=officer, case=case, code=str(person))
    return redirect("case_team", token=token)


# --- questions and decisions ----------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def approval_new(request: HttpRequest, token: str, question: str) -> HttpResponse:
    if question not in {Question.PLAN, Question.CLOSURE, Question.IDENTITY}:
        raise Http404
    record = opened(request, token)
    form = (ReasonForm if question == Question.IDENTITY else WordsForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _ask(request, record, question, form)):
        messages.success(request, _("Asked. You see the answer here."))
        return redirect("case_detail", token=token)
    title = str(Question(question).label)
    context = {"form": form, "title": title, "button": _("Ask")}
    return record_page(request, record, "victims/form.html", "summary", **context)


def _ask(request: HttpRequest, record: Record, question: str, form: ReasonForm | WordsForm) -> None:
    officer, case, data = officer_at(request), record.case, form.cleaned_data
    if question == Question.IDENTITY:
        services.ask_for_identity(actor=officer, case=case, reason=data["reason"])
    elif question == Question.PLAN:
        services.ask_for_plan(actor=officer, case=case, words=data["words"])
    else:
        services.ask_for_closure(actor=officer, case=case, words=data["words"])


@require_http_methods(["GET", "POST"])
@fresh_to_change
def approval_decide(request: HttpRequest, token: str, approval: UUID) -> HttpResponse:
    """By a second person. A custodian decides by code, role and reason, without a word of the record."""
    case, officer = visible_case(request, token), officer_at(request)
    asked = get_object_or_404(Approval.objects.visible_to(officer), id=approval, case_id=case.id)
    if not can_decide(officer, asked):
        raise PermissionDenied
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _decide(officer, case, asked, form)):
        messages.success(request, _("Your decision is recorded."))
        return redirect("approval_list")
    by = queries.people([asked.asked_by]).get(asked.asked_by, "")
    reads = Role.CASE_SUPERVISOR in officer.roles
    context = {"form": form, "asked": asked, "case": case, "by": by, "reads": reads}
    return render(request, "victims/approval_decide.html", context, status=422 if form.is_bound else 200)


def _decide(officer: Officer, case: Case, asked: Approval, form: DecisionForm) -> None:
    data = form.cleaned_data
    is_approved = data["decision"] == "approved"
    services.decide(actor=officer, case=case, approval=asked, is_approved=is_approved, words=data["words"])
