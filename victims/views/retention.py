"""How long records are kept: what waits for a decision, the steps of one case, the State's own periods."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.views.fresh import fresh_to_change
from victims import presenters, queries
from victims.enums import RetentionStep, Status
from victims.forms import RETENTION_FORMS, RulesForm
from victims.models import Case, Disposal, LegalHold
from victims.permissions import Officer, can_confirm_erasure
from victims.services import retention
from victims.services.retention import Retention
from victims.views.common import attempt, officer_at, visible_case

PAGE_SIZE = 25


@require_GET
def retention_list(request: HttpRequest) -> HttpResponse:
    """Codes alone: what is to be decided, what is held, and what closed cases come next."""
    officer = officer_at(request)
    if not can_confirm_erasure(officer):
        raise PermissionDenied
    waiting = {row.case_id: row for row in Disposal.objects.visible_to(officer).waiting()}
    held = {row.case_id: row for row in LegalHold.objects.visible_to(officer).in_force()}
    listed = Case.objects.visible_to(officer).for_retention([*waiting, *held])
    page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"case": case, "asked": waiting.get(case.id), "hold": held.get(case.id)} for case in page]
    return render(request, "victims/retention_list.html", {"rows": rows, "page": page, "waiting": len(waiting)})


@require_http_methods(["GET", "POST"])
@fresh_to_change
def retention_rules(request: HttpRequest) -> HttpResponse:
    officer = officer_at(request)
    if not can_confirm_erasure(officer):
        raise PermissionDenied
    form = RulesForm(request.POST or None, initial=queries.years_kept())
    saved = request.method == "POST" and form.is_valid()
    if saved and attempt(form, lambda: retention.set_years(actor=officer, years=form.cleaned_data)):
        messages.success(request, _("The periods are saved. They hold for cases that are closed from now on."))
        return redirect("retention_list")
    return render(request, "victims/retention_rules.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def case_retention(request: HttpRequest, token: str) -> HttpResponse:
    case, officer = visible_case(request, token), officer_at(request)
    now = retention.retention_of(case)
    words = retention.read_words(actor=officer, case=case, now=now)
    context = {
        "case": case,
        "rows": presenters.retention_rows(case, now, _names(now), words),
        "steps": presenters.retention_steps(officer, case, now),
        "is_held": now.hold is not None,
        "lists": can_confirm_erasure(officer),
    }
    return render(request, "victims/case_retention.html", context)


@require_http_methods(["GET", "POST"])
@fresh_to_change
def retention_step(request: HttpRequest, token: str, step: str) -> HttpResponse:
    """One step, on a page of its own: what it means, what it asks, and one button."""
    if step not in RetentionStep.values:
        raise Http404
    case, officer = visible_case(request, token), officer_at(request)
    now = retention.retention_of(case)
    if step not in retention.steps_for(officer, case, now):
        raise PermissionDenied
    form = RETENTION_FORMS[step](request.POST if request.method == "POST" else None)
    sent = request.method == "POST" and (form.is_valid() or not form.fields)
    if sent and attempt(form, lambda: _take(officer, case, step, form)):
        messages.success(request, _done(step))
        return redirect("case_retention" if step != RetentionStep.CONFIRM else "case_detail", token=token)
    context = {
        "form": form,
        "case": case,
        "step": step,
        "title": RetentionStep(step).label,
        "is_open": case.status == Status.OPEN,
        "rows": presenters.retention_rows(case, now, _names(now), {}),
    }
    return render(request, "victims/retention_step.html", context, status=422 if form.is_bound else 200)


def _take(officer: Officer, case: Case, step: str, form: Form) -> None:
    acts: dict[str, Callable[..., None]] = {
        RetentionStep.KEEP: retention.keep,
        RetentionStep.ERASE: retention.ask_erasure,
        RetentionStep.WITHDRAW: retention.take_back,
        RetentionStep.CONFIRM: retention.confirm,
        RetentionStep.DECLINE: retention.decline,
        RetentionStep.HOLD: retention.set_hold,
        RetentionStep.LIFT: retention.lift_hold,
    }
    data = {name: value for name, value in getattr(form, "cleaned_data", {}).items() if name != "confirm"}
    acts[step](actor=officer, case=case, **data)


def _done(step: str) -> str:
    if step == RetentionStep.ERASE:
        return _("Asked. Until a second person confirms, you can take it back.")
    if step == RetentionStep.CONFIRM:
        return _("The record is erased.")
    return _("Your decision is recorded.")


def _names(now: Retention) -> dict[str, str]:
    codes = [now.disposal.asked_by or ""] if now.disposal else []
    return queries.people([*codes, now.hold.set_by] if now.hold else codes)
