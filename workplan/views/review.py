"""Pages of those who review: the queue and one report. They read what was submitted, never working answers."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import State, User
from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_for_button
from core.exceptions import PortalError, StaleVersion
from workplan import delivery, forms, permissions, presenters, services
from workplan.enums import Step
from workplan.models import Activity, Question, Report, ReportVersion, Round
from workplan.queries import report_activities
from workplan.views.reports import asked_return, visible_report, was_just_done

PAGE_SIZE = 50


@require_GET
def review_queue(request: SignedInRequest) -> HttpResponse:
    """What waits for this reviewer, longest first."""
    user = request.user
    if not (permissions.reviews_states(user) or permissions.reviews_secretariat(user)):
        raise PermissionDenied
    choices = {"rounds": Round.objects.visible_to(user), "states": State.objects.visible_to(user)}
    form = forms.ReviewFilterForm(request.GET, **choices)
    reports = Report.objects.visible_to(user).reviewed_by(user).matching(**form.wanted())
    page = Paginator(
        reports.select_related("round", "state").with_open_questions().waiting_longest(), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": presenters.review_rows(page)}
    return render(request, "workplan/review_queue.html", context)


@fresh_for_button(Step.ACCEPT)
@require_http_methods(["GET", "POST"])
def review_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    report = visible_report(request.user, reference)
    if not permissions.can_review(request.user, report):
        raise PermissionDenied
    version = ReportVersion.objects.visible_to(request.user).filter(report=report).select_related("report").last()
    if version is None:
        raise Http404
    services.note_opening(version=version, actor=request.user)
    drafts = request.session.get("review_drafts", {})
    page = forms.ReviewForms(request.POST or None, version, drafts.get(reference, {}))
    if request.method == "POST":
        keep_draft(request, reference, page.draft)
        response = _act(request, report, page)
        if response is not None:
            return response
    errors = [form for form in page.bound() if form.errors]
    context = {
        **_review_context(request, report, version, page),
        "errors": errors,
        "form": errors[0] if errors else None,
    }
    return render(request, "workplan/review_detail.html", context, status=422 if errors else 200)


def keep_draft(request: SignedInRequest, reference: str, draft: Mapping[str, Any] | None) -> None:
    drafts = request.session.get("review_drafts", {})
    drafts.pop(reference, None)
    request.session["review_drafts"] = {**drafts, reference: draft} if draft else drafts


def _act(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse | None:
    """Do what the pressed button says; None where the page must be shown again with its errors."""
    action = ACTIONS.get(page.do)
    if action is None or not page.is_valid():
        return None if page.bound() else redirect("review_detail", report.reference)
    try:
        with transaction.atomic():  # what is refused leaves nothing behind
            return action(request, report, page)
    except StaleVersion as refusal:
        messages.error(request, str(refusal.message))
        return redirect("review_detail", report.reference)
    except PortalError as refusal:
        if was_just_done(report, page.do, request.user):
            return redirect("review_queue")
        if not page.bound():
            messages.error(request, str(refusal.message))
            return redirect("review_detail", report.reference)
        page.bound()[0].add_error(None, str(refusal.message))
    return None


def _back_to(report: Report, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('review_detail', args=[report.reference])}#{anchor}")


def _save(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse:
    messages.success(request, _("What you typed is kept until you sign out."))
    return redirect("review_detail", report.reference)


def _ask(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse:
    if page.about not in page.asks:
        raise Http404
    _ask_about(request, report, page, page.about)
    return _back_to(report, page.about)


def _ask_about(request: SignedInRequest, report: Report, page: forms.ReviewForms, code: str) -> None:
    activity = get_object_or_404(report_activities(report), code=code)
    asked = page.asks[code].cleaned_data
    services.ask_question(
        report=report, activity=activity, field=asked["field"], text=asked["text"], actor=request.user
    )


def _resolve(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse:
    questions = Question.objects.visible_to(request.user).filter(report=report).select_related("activity")
    question = next((q for q in questions if str(q.public_id) == page.about), None)
    if question is None:
        raise Http404
    services.resolve_question(question=question, actor=request.user)
    return _back_to(report, question.activity.code)


def _return(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse:
    decision = page.decision.cleaned_data
    for code in (code for code, ask in page.asks.items() if ask.is_bound):
        _ask_about(request, report, page, code)
    services.return_report(report=report, actor=request.user, note=decision["note"], version=decision["version"])
    return _decided(request, report, _("%(reference)s went back with your questions."))


def _accept(request: SignedInRequest, report: Report, page: forms.ReviewForms) -> HttpResponse:
    services.accept(
        report=report,
        actor=request.user,
        ratings=page.rating_data(),
        version=page.decision.cleaned_data["version"],
    )
    return _decided(request, report, _("%(reference)s is accepted. This version is now fixed."))


def _decided(request: SignedInRequest, report: Report, sentence: str) -> HttpResponse:
    keep_draft(request, report.reference, None)
    messages.success(request, sentence % {"reference": report.reference})
    return redirect("review_queue")


ACTIONS: dict[str, Callable[[SignedInRequest, Report, forms.ReviewForms], HttpResponse]] = {
    "save": _save,
    "ask": _ask,
    "resolve": _resolve,
    Step.RETURN: _return,
    Step.ACCEPT: _accept,
}


def _changes(
    user: User, report: Report, before: ReportVersion | None, version: ReportVersion, activities: list[Activity]
) -> dict[str, delivery.Wording]:
    """What changed in each answer since the version before, by activity."""
    if before is None:
        return {}
    sees_all = permissions.can_read_evidence(user, report)
    areas = delivery.compared_areas(before.content, version.content, activities, all_evidence=sees_all)
    return {answer.code: answer for area in areas for answer in area.answers}


def _review_context(
    request: SignedInRequest, report: Report, version: ReportVersion, page: forms.ReviewForms
) -> dict[str, Any]:
    user = request.user
    questions = list(Question.objects.visible_to(user).filter(report=report).with_thread())
    before = ReportVersion.objects.visible_to(user).filter(report=report, number__lt=version.number).last()
    activities = list(report_activities(report))
    areas = presenters.answer_areas(version.content, activities, before.content if before else None, questions)
    changes = _changes(user, report, before, version, activities)
    for area in areas:
        for answer in area.answers:
            answer.extra = {
                "changes": changes.get(answer.code),
                "rating": page.ratings[answer.code],
                "ask": page.asks[answer.code],
                "threads": presenters.threads(answer.questions, user, answerable=False),
            }
    return {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "version": version,
        "before": before,
        "areas": areas,
        "summary": presenters.summarize(areas),
        "threads": presenters.threads([q for q in questions if q.status != "resolved"], user, answerable=False),
        "decision": page.decision,
        "asked_return": asked_return(report),
        "can_reopen": permissions.can_take_step(user, report, Step.REOPEN),
        "can_act": permissions.can_take_step(user, report, Step.RETURN),
    }
