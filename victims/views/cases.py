"""Lists of cases and tasks, a new case, an emergency."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.enums import Role
from accounts.views.fresh import fresh_to_change
from core.exceptions import NotAllowed, PortalError
from victims import presenters, queries, services
from victims.enums import Purpose, Question
from victims.forms import EmergencyForm, FirstConsentForm, ServiceForm
from victims.models import Alert, Approval, Case, Disposal, Entry, Tombstone
from victims.permissions import can_confirm_erasure, can_count_cases, can_watch, decides
from victims.views.common import officer_at, opened, record_page

PAGE_SIZE = 25


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Codes, where each case stands and what comes next; nothing of a record is opened for it."""
    officer = officer_at(request)
    cases = Case.objects.visible_to(officer)
    rows = queries.listed(cases if "all" in request.GET else cases.open())
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = Approval.objects.visible_to(officer).waiting().exclude(asked_by=officer.code)
    context = {
        "page": page,
        "overdue": sum(row.is_overdue for row in rows),
        "opens_cases": Role.CASE_WORKER in officer.roles,
        "counts_cases": can_count_cases(officer),
        "reads_records": bool(officer.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR}),
        "alerts": Alert.objects.visible_to(officer).open().count(),
        "watches": can_watch(officer),
        "waiting": sum(decides(officer, approval.question) for approval in waiting),
        "shows_all": "all" in request.GET,
        "keeps_records": can_confirm_erasure(officer),
        "to_keep": Disposal.objects.visible_to(officer).waiting().count() if can_confirm_erasure(officer) else 0,
    }
    return render(request, "victims/case_list.html", context)


@require_http_methods(["GET", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """Consent first: without it nothing is kept, and the person is helped all the same."""
    officer = officer_at(request)
    if Role.CASE_WORKER not in officer.roles:
        raise PermissionDenied
    form = FirstConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = form.answer()
        if not answer.given:
            return render(request, "victims/not_kept.html")
        case = services.open_case(actor=officer, consent=answer, facts={})
        if form.cleaned_data["agrees_to_services"]:
            services.ask_consent(actor=officer, case=case, purpose=Purpose.SERVICE, answer=answer)
        return redirect(f"{reverse('safety_new', kwargs={'token': case.token})}?intake=1")
    status = 422 if form.is_bound else 200
    return render(request, "victims/case_new.html", {"form": form}, status=status)


@require_GET
def case_detail(request: HttpRequest, token: str) -> HttpResponse:
    stones = Tombstone.objects.visible_to(officer_at(request))
    if (stone := stones.of_token(token).first()) is not None:
        return _erased(request, stone)
    record = opened(request, token)
    overdue = Entry.objects.visible_to(officer_at(request)).overdue().filter(case_id=record.case.id).count()
    context = {"rows": presenters.summary_rows(record), "overdue": overdue, "service": ServiceForm()}
    return record_page(request, record, "victims/case_detail.html", "summary", **context)


def _erased(request: HttpRequest, stone: Tombstone) -> HttpResponse:
    """What is left: a code, a year, when and by whose decision."""
    case = Case.objects.visible_to(officer_at(request)).get(id=stone.id)
    names = queries.people([stone.asked_by, stone.confirmed_by])
    context = {"case": case, "rows": presenters.erased_rows(case, stone, names)}
    return render(request, "victims/case_erased.html", context)


@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """What has to be done in one's own cases, late ones first; a supervisor sees those of the State, by code alone."""
    officer = officer_at(request)
    if not officer.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR}:
        raise PermissionDenied
    tasks = Entry.objects.visible_to(officer).open_tasks().order_by("due_on", "id")
    page = Paginator(tasks, PAGE_SIZE).get_page(request.GET.get("page"))
    cases = {case.id: case for case in Case.objects.visible_to(officer).filter(id__in=[t.case_id for t in page])}
    rows = [{"case": cases[task.case_id], "task": task, "is_late": task.is_late} for task in page]
    return render(request, "victims/task_list.html", {"rows": rows, "page": page})


@require_GET
def approval_list(request: HttpRequest) -> HttpResponse:
    """Questions that wait for somebody with this person's role: codes, who asks and why."""
    officer = officer_at(request)
    questions = [question for question in Question.values if decides(officer, question)]
    if not questions:
        raise PermissionDenied
    waiting = Approval.objects.visible_to(officer).waiting().filter(question__in=questions).order_by("asked_at")
    cases = {case.id: case for case in Case.objects.visible_to(officer).filter(id__in=[a.case_id for a in waiting])}
    names = queries.people(approval.asked_by for approval in waiting)
    rows = [
        {
            "approval": each,
            "case": cases[each.case_id],
            "by": names.get(each.asked_by, ""),
            "own": each.asked_by == officer.code,
        }
        for each in waiting
    ]
    return render(request, "victims/approval_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@fresh_to_change
def emergency_new(request: HttpRequest) -> HttpResponse:
    """One case of one's own State for an hour, when a life is at risk and the team cannot be reached."""
    officer = officer_at(request)
    if Role.CASE_WORKER not in officer.roles:
        raise PermissionDenied
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            case = services.begin_emergency(actor=officer, code=form.cleaned_data["code"])
        except (NotAllowed, PortalError) as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.warning(request, _("Emergency access for sixty minutes. Supervisors and custodians are told."))
            return redirect("case_detail", token=case.token)
    return render(request, "victims/emergency_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def area_lock(request: HttpRequest) -> HttpResponse:
    """For whoever proved again who they are, in a tab beside the covered one; the cover asks here as well."""
    officer_at(request)
    return render(request, "victims/lock_open.html")
