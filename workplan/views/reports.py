"""Pages of those who report: task list, entry, check, approval, history."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_to_change
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion
from workplan import delivery, forms, permissions, presenters, services
from workplan.enums import ReportStatus, Step
from workplan.models import (
    EntryDraft,
    EntryUserObjectPermission,
    Evidence,
    Extension,
    Question,
    Report,
    ReportEntry,
    ReportVersion,
    StatusChange,
)
from workplan.presenters.versions import NOW, entry_links, link_changes
from workplan.queries import (
    own_body,
    previous_entry,
    receipts_of,
    receipts_under_way,
    report_activities,
    report_content,
    reports_to_import,
    usual_counts,
)
from workplan.views import drafts
from workplan.views.drafts import visible_entry

# Steps taken by one button; those that ask something have pages of their own.
PLAIN_STEPS = {
    Step.SEND_TO_COORDINATOR: services.send_to_coordinator,
    Step.TAKE_BACK: services.take_back,
    Step.WITHDRAW: services.withdraw,
}
APPROVED_WITH = ("seen", "on_behalf_of")
RETURNS = (Step.RETURN, Step.RETURN_TO_AUTHOR, Step.REOPEN)


def visible_report(user: User, reference: str) -> Report:
    reports = Report.objects.visible_to(user).select_related("round__catalogue", "state", "sent_by")
    return get_object_or_404(reports, reference=reference)


def own_report(user: User, reference: str) -> Report:
    """A report whose working answers are the person's to read."""
    report = visible_report(user, reference)
    if not permissions.can_read_answers(user, report):
        raise PermissionDenied
    return report


def visible_changes(user: User, report: Report) -> QuerySet[StatusChange]:
    """All steps, for the reporter's own people; what they write to each other stays theirs."""
    changes = report.changes.all()
    return changes if permissions.can_read_answers(user, report) else changes.filter(step__in=presenters.STEPS_BETWEEN)


def last_return(user: User, report: Report) -> StatusChange | None:
    """Why the report went back, for those it is written to."""
    if not permissions.can_follow_review(user, report):
        return None
    return visible_changes(user, report).filter(step__in=RETURNS).last()


def was_just_done(report: Report, step: str, user: User) -> bool:
    """The same person took this step last: a form sent twice, not a refusal to show."""
    last = report.changes.last()
    return last is not None and (last.step, last.by_id) == (step, user.pk)


def asked_return(report: Report) -> StatusChange | None:
    """The State's wish to have back what is under review."""
    last = report.changes.select_related("by").last() if report.status == ReportStatus.SUBMITTED else None
    return last if last is not None and last.step == Step.ASK_RETURN else None


@require_GET
def report_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    reports = Report.objects.visible_to(user).with_list_data().order_by("-round__period_start", "reference")
    own = Report.objects.visible_to(user).read_by(user).values_list("pk", flat=True)
    handed = ReportEntry.objects.visible_to(user).handed_to(user).with_list_data()
    return render(
        request,
        "workplan/report_list.html",
        {
            "rows": presenters.report_rows(reports, own),
            "handed": handed,
            "can_import": reports_to_import(user).exists(),
        },
    )


@require_GET
def report_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    user = request.user
    report = visible_report(user, reference)
    questions = list(Question.objects.visible_to(user).filter(report=report).with_thread())
    waiting = {question.activity_id for question in questions if question.status == "open"}
    entries = ReportEntry.objects.visible_to(user).filter(report=report).with_list_data()
    grants = EntryUserObjectPermission.objects.visible_to(user).in_force().filter(content_object__report=report)
    areas = presenters.task_areas(entries, waiting, presenters.holders(grants.select_related("user")))
    steps = presenters.steps_for(user, report)
    return render(
        request,
        "workplan/report_detail.html",
        {
            "report": report,
            "name": presenters.reporter_name(report),
            "tag": presenters.report_tag(report),
            "due": presenters.due_words(report),
            "extension": Extension.objects.visible_to(user).filter(report=report).last(),
            "asked_return": asked_return(report),
            "steps": steps,
            "hands_out": steps.edit and permissions.can_hand_out(user, report),
            "areas": areas,
            "ready": presenters.ready_words(sum(a.ready for a in areas), sum(len(a.items) for a in areas)),
            "questions": presenters.threads(questions, user, permissions.can_answer_for(user, report)),
            "versions": ReportVersion.objects.visible_to(user).filter(report=report).without_content(),
            "last_return": last_return(user, report),
        },
    )


# --- one entry -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def entry_edit(request: SignedInRequest, reference: str, code: str) -> HttpResponse:
    entry = visible_entry(request.user, reference, code)
    if not permissions.can_edit_entry(request.user, entry):
        return _entry_read_only(request, entry)
    before = previous_entry(entry, request.user)
    if request.method == "GET":
        return _open_entry(request, entry, before)
    choice = forms.conflict_choice(request.POST, entry)
    if choice is not None and not choice.is_valid():
        return _conflict_page(request, entry, choice)
    data = forms.merged(request.POST, entry, choice.cleaned_data if choice else {})
    if before is not None and data.get("then") == "carry":
        data = forms.carried_over(data, before)
    form = forms.EntryForm(data, entry=entry, before=before)
    return _save(request, entry, form, forms.action_formset(data, entry), before)


def _open_entry(request: SignedInRequest, entry: ReportEntry, before: ReportEntry | None) -> HttpResponse:
    """The answer as it is stored; where the person has typed more and not saved it, with that text."""
    draft = drafts.own_draft(request.user, entry)
    shown = draft if draft is not None and not draft.is_discarded else None
    form = forms.EntryForm(None, entry=entry, before=before, draft=shown)
    actions = forms.action_formset(None, entry, shown)
    return _entry_page(request, entry, form, actions, before, draft=draft)


def _save(
    request: SignedInRequest,
    entry: ReportEntry,
    form: forms.EntryForm,
    actions: forms.BaseActionFormSet,
    before: ReportEntry | None,
) -> HttpResponse:
    if actions.is_valid() and form.data.get("completed") == "yes":
        actions.ask_about_odd(usual_counts(before))
    if not (form.is_valid() & actions.is_valid()):
        return _refused(request, entry, form, actions, before)
    data = form.entry_data(actions.actions())
    try:
        services.save_entry(entry=entry, version=form.cleaned_data["version"], data=data, actor=request.user)
    except StaleVersion:
        now = visible_entry(request.user, entry.report.reference, entry.activity.code)
        if forms.conflicting(form, actions, now):
            return _conflict_page(request, entry, form=form, actions=actions)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        form.add_error(None, str(refusal.message))
        return _refused(request, entry, form, actions, before)
    drafts.close(request.user, entry, form.data)
    services.end_presence(entry=entry, actor=request.user)
    return _after_saving(request, entry)


def _refused(
    request: SignedInRequest,
    entry: ReportEntry,
    form: forms.EntryForm,
    actions: forms.BaseActionFormSet,
    before: ReportEntry | None,
) -> HttpResponse:
    """The form again, with what is wrong. Its text is kept, whatever becomes of this page."""
    kept = drafts.keep(request.user, entry, form.data)
    return _entry_page(request, entry, form, actions, before, draft=kept, status=422)


def _after_saving(request: SignedInRequest, entry: ReportEntry) -> HttpResponseRedirect:
    then = request.POST.get("then", "continue")
    messages.success(request, _("“%(activity)s” is saved.") % {"activity": entry.activity.title})
    if then == "carry":
        return redirect(f"{entry.get_absolute_url()}#copied")
    if then == "add":
        return redirect(f"{entry.get_absolute_url()}#actions")
    if then == "evidence":
        return redirect("evidence_add", entry.report.reference, entry.activity.code)
    following = ReportEntry.objects.visible_to(request.user).after(entry) if then == "continue" else None
    if following is not None:
        return redirect(following)
    return redirect(_up_url(entry, _opens_report(request.user, entry)))


def _opens_report(user: User, entry: ReportEntry) -> bool:
    return Report.objects.visible_to(user).filter(pk=entry.report_id).exists()


def _up_url(entry: ReportEntry, opens_report: bool) -> str:
    """The task list; the start page for whoever was handed this entry and sees no more of the report."""
    return f"{entry.report.get_absolute_url()}#{entry.activity.area.code}" if opens_report else reverse("home")


def _entry_context(request: SignedInRequest, entry: ReportEntry) -> dict[str, Any]:
    siblings = ReportEntry.objects.visible_to(request.user).filter(report=entry.report_id)
    opens_report = _opens_report(request.user, entry)
    questions = Question.objects.visible_to(request.user).filter(report=entry.report_id, activity=entry.activity_id)
    return {
        "entry": entry,
        "report": entry.report,
        "activity": entry.activity,
        "name": presenters.reporter_name(entry.report),
        "can_go_up": opens_report,
        "up_url": _up_url(entry, opens_report),
        "ready": presenters.ready_words(*siblings.ready_and_total()),
        "questions": presenters.threads(
            questions.with_thread(), request.user, permissions.can_answer_for(request.user, entry.report)
        ),
        "events": presenters.entry_history(entry, request.user),
        "links": entry_links(request.user, entry) if opens_report else [],
        "evidence": presenters.evidence_of(entry, request.user),
    }


def _entry_page(
    request: SignedInRequest,
    entry: ReportEntry,
    form: forms.EntryForm,
    actions: forms.BaseActionFormSet,
    before: ReportEntry | None,
    *,
    draft: EntryDraft | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **_entry_context(request, entry),
        "form": form,
        "actions": actions,
        "draft": draft,
        "shows_draft": draft is not None and not draft.is_discarded,
        "mark": drafts.new_mark(draft),
        "before": presenters.previous_answer(before),
        "accepts": entry.proposed_by is not None and permissions.can_edit_report(request.user, entry.report),
        "others": presenters.others_in(entry, request.user),
    }
    services.note_presence(entry=entry, actor=request.user)
    return render(request, "workplan/entry_edit.html", context, status=status)


def _entry_read_only(request: SignedInRequest, entry: ReportEntry) -> HttpResponse:
    if request.method == "POST":
        raise PermissionDenied
    context = {**_entry_context(request, entry), "answer": presenters.entry_answer(entry)}
    return render(request, "workplan/entry_detail.html", context)


def _conflict_page(
    request: SignedInRequest,
    entry: ReportEntry,
    choice: forms.ConflictForm | None = None,
    form: forms.EntryForm | None = None,
    actions: forms.BaseActionFormSet | None = None,
) -> HttpResponse:
    """Both texts of every part that differs. What was typed travels in hidden fields: nothing is lost."""
    entry = visible_entry(request.user, entry.report.reference, entry.activity.code)
    form = form or forms.EntryForm(request.POST, entry=entry, before=None)
    actions = actions or forms.action_formset(request.POST, entry)
    parts = forms.conflicting(form, actions, entry) if form.is_valid() and actions.is_valid() else {}
    # A choice still to be made changes nothing of what was kept when the two texts first met.
    mark = drafts.same_mark(request.POST) if choice else drafts.new_mark(drafts.keep(request.user, entry, request.POST))
    choice = choice or forms.ConflictForm(None, parts=list(parts))
    context = {
        **_entry_context(request, entry),
        "mark": mark,
        "form": choice,
        "parts": presenters.conflict_parts(parts, choice),
        "typed": forms.carried(request.POST),
    }
    return render(request, "workplan/entry_conflict.html", context, status=422 if choice.is_bound else 409)


# --- questions of the review ---------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def question_answer(request: SignedInRequest, reference: str, public_id: UUID) -> HttpResponse:
    questions = Question.objects.visible_to(request.user).with_thread()
    question = get_object_or_404(questions, report__reference=reference, public_id=public_id)
    if not permissions.can_answer(request.user, question):
        raise PermissionDenied
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_question(question=question, text=form.cleaned_data["text"], actor=request.user)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your answer is saved. The reviewer sees it with the report."))
            return redirect(question.report)
    context = {"form": form, "thread": presenters.thread(question, request.user), "report": question.report}
    return render(request, "workplan/question_answer.html", context, status=422 if form.errors else 200)


# --- check, send, approve ------------------------------------------------------------------------


@require_GET
def report_check(request: SignedInRequest, reference: str) -> HttpResponse:
    report = own_report(request.user, reference)
    areas = _working_areas(request.user, report)
    wanted = request.GET.get("area", "")
    return render(
        request,
        "workplan/report_check.html",
        {
            "report": report,
            "name": presenters.reporter_name(report),
            "tag": presenters.report_tag(report),
            "steps": presenters.steps_for(request.user, report),
            "summary": presenters.summarize(areas),
            "areas": [area for area in areas if wanted in ("", area.code)],
            "menu": presenters.area_menu(report, areas, wanted),
            "now": timezone.now(),
        },
    )


def _working_areas(user: User, report: Report) -> list[presenters.AnswerArea]:
    """The answers as they stand, with what changed since the last submission."""
    last = report.versions.last()
    questions = Question.objects.visible_to(user).filter(report=report)
    areas = presenters.answer_areas(
        report_content(report), report_activities(report), before=last.content if last else None, questions=questions
    )
    link_changes(areas, report, last, NOW)
    return areas


@require_POST
def report_step(request: SignedInRequest, reference: str, step: str) -> HttpResponse:
    if step not in PLAIN_STEPS:
        raise Http404
    report = visible_report(request.user, reference)
    if not permissions.holds_step(request.user, report, step):
        raise PermissionDenied
    try:
        PLAIN_STEPS[Step(step)](report=report, actor=request.user)
    except PortalError as refusal:
        if not was_just_done(report, step, request.user):
            messages.error(request, str(refusal.message))
            return redirect(report)
    messages.success(request, f"{presenters.step_done(step, report)}.")
    return redirect(report)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def report_approve(request: SignedInRequest, reference: str) -> HttpResponse:
    report = own_report(request.user, reference)
    if not permissions.holds_step(request.user, report, Step.APPROVE):
        raise PermissionDenied
    if not permissions.can_take_step(request.user, report, Step.APPROVE):
        return _approval_elsewhere(request, report)
    content = report_content(report)
    returning = request.POST.get("do") == "return"
    initial = {"seen": content_hash(content), "on_behalf_of": own_body(request.user, report)}
    approval = forms.ApprovalForm(None if returning else request.POST or None, initial=initial, report=report)
    note = forms.NoteForm(request.POST if returning else None)
    form = note if returning else approval
    if request.method == "POST" and form.is_valid():
        try:
            return _return_to_author(request, report, note) if returning else _approve(request, report, approval)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
    context = {**_approval_context(request.user, report, content), "approval": approval, "note": note, "form": form}
    return render(request, "workplan/report_approve.html", context, status=422 if form.errors else 200)


def _approval_elsewhere(request: SignedInRequest, report: Report) -> HttpResponse:
    """The report does not wait for this person's approval (any more): say so on its own page."""
    if was_just_done(report, Step.APPROVE, request.user):
        return redirect("report_sent", report.reference)
    if not was_just_done(report, Step.RETURN_TO_AUTHOR, request.user):
        messages.warning(request, _("This report does not wait for your approval."))
    return redirect(report)


def _approve(request: SignedInRequest, report: Report, form: forms.ApprovalForm) -> HttpResponse:
    services.approve(report=report, actor=request.user, **{name: form.cleaned_data[name] for name in APPROVED_WITH})
    return redirect("report_sent", report.reference)


def _return_to_author(request: SignedInRequest, report: Report, form: forms.NoteForm) -> HttpResponse:
    services.return_to_author(report=report, actor=request.user, note=form.cleaned_data["note"])
    messages.success(request, _("The report is with its author again."))
    return redirect(report)


def _approval_context(user: User, report: Report, content: dict[str, Any]) -> dict[str, Any]:
    last = report.versions.last()
    activities = list(report_activities(report))
    questions = Question.objects.visible_to(user).filter(report=report).with_thread()
    areas = presenters.answer_areas(content, activities, last.content if last else None, questions)
    changes = delivery.compared_areas(last.content, content, activities, all_evidence=True) if last else []
    return {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "areas": areas,
        "summary": presenters.summarize(areas),
        "last": last,
        "changes": [answer for area in changes for answer in area.answers],
        "questions": presenters.threads(questions, user, answerable=False),
    }


@require_GET
def report_sent(request: SignedInRequest, reference: str) -> HttpResponse:
    """After approval: reference, date and the fingerprint of exactly what was sent."""
    report = visible_report(request.user, reference)
    versions = ReportVersion.objects.visible_to(request.user).filter(report=report).without_content()
    version = versions.select_related("submitted_by").last()
    if version is None:
        raise Http404
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "version": version,
        **_receipt(request.user, report, version),
    }
    return render(request, "workplan/report_sent.html", context)


def _receipt(user: User, report: Report, version: ReportVersion) -> dict[str, Any]:
    is_whole = permissions.can_read_evidence(user, report)
    receipt = receipts_of(user, [version], is_whole=is_whole).get(version.pk)
    under_way = {} if receipt else receipts_under_way([version], is_whole=is_whole)
    return {"receipt": receipt, "receipt_state": under_way.get(version.pk, ""), "pdf_off": settings.OAS_PDF_OFF}


# --- history and versions ------------------------------------------------------------------------


@require_GET
def report_history(request: SignedInRequest, reference: str) -> HttpResponse:
    report = visible_report(request.user, reference)
    changes = visible_changes(request.user, report).select_related("by", "report", "version")
    readable = set(ReportVersion.objects.visible_to(request.user).filter(report=report).values_list("pk", flat=True))
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "tag": presenters.report_tag(report),
        "events": presenters.history(changes, readable, with_notes=permissions.can_follow_review(request.user, report)),
        "now": timezone.now(),
    }
    return render(request, "workplan/report_history.html", context)


@require_GET
def report_version(request: SignedInRequest, reference: str, number: int) -> HttpResponse:
    report = visible_report(request.user, reference)
    versions = ReportVersion.objects.visible_to(request.user).filter(report=report)
    version = get_object_or_404(versions.select_related("submitted_by"), number=number)
    services.note_opening(version=version, actor=request.user)
    before = versions.filter(number__lt=number).last()
    areas = presenters.answer_areas(version.content, report_activities(report), before.content if before else None)
    link_changes(areas, report, before, f"{report.round.code}.{number}")
    presenters.add_ratings(areas, version.ratings.select_related("activity"), report)
    presenters.keep_evidence(areas, Evidence.objects.visible_to(request.user).filter(entry__report=report))
    context = {
        "report": report,
        "name": presenters.reporter_name(report),
        "version": version,
        "areas": areas,
        "summary": presenters.summarize(areas),
        "now": timezone.now(),
        **_receipt(request.user, report, version),
    }
    return render(request, "workplan/report_version.html", context)
