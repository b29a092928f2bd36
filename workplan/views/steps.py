"""Steps that ask for a reason, and filing for a State."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_to_change
from core.exceptions import NotAllowed, PortalError
from workplan import forms, permissions, presenters, services
from workplan.enums import Step
from workplan.models import PublicConsent
from workplan.queries import reports_to_import
from workplan.views.reports import visible_report, was_just_done

WITH_REASON = {Step.ASK_RETURN: services.ask_return, Step.REOPEN: services.reopen}


@require_http_methods(["GET", "POST"])
def report_reason(request: SignedInRequest, reference: str, step: str) -> HttpResponse:
    """One page for each step that is a button and a reason."""
    if step not in WITH_REASON:
        raise Http404
    report = visible_report(request.user, reference)
    if not permissions.holds_step(request.user, report, step):
        raise PermissionDenied
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            WITH_REASON[Step(step)](report=report, actor=request.user, note=form.cleaned_data["note"])
        except PortalError as refusal:
            if not was_just_done(report, step, request.user):
                form.add_error(None, str(refusal.message))
        if not form.errors:
            messages.success(request, f"{presenters.step_done(step, report)}.")
            return redirect(report)
    words = presenters.reason_words(step, report)
    context = {"form": form, "report": report, "words": words}
    return render(request, "workplan/report_reason.html", context, status=422 if form.errors else 200)


PUBLISHING = {"yes": services.publish_report, "no": services.unpublish_report}


@fresh_to_change
@require_http_methods(["GET", "POST"])
def report_publish(request: SignedInRequest, reference: str) -> HttpResponse:
    """The State's consent to show an accepted report to everybody, and its end."""
    report = visible_report(request.user, reference)
    if not permissions.can_publish(request.user, report):
        raise PermissionDenied
    published = PublicConsent.objects.visible_to(request.user).filter(version__report=report, ended_at=None).first()
    act = PUBLISHING.get(request.POST.get("publish", ""))
    if request.method == "POST" and act is not None:
        try:
            act(report=report, actor=request.user)
            messages.success(request, _("Saved: what everybody is shown follows your decision."))
        except PortalError as refusal:
            messages.error(request, str(refusal.message))
        return redirect(report)
    context = {"report": report, "name": presenters.reporter_name(report), "published": published}
    return render(request, "workplan/report_publish.html", context)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def report_file(request: SignedInRequest, reference: str) -> HttpResponse:
    """The Secretariat files what it imported for a State, and says how it came."""
    report = get_object_or_404(reports_to_import(request.user), reference=reference)
    if not permissions.can_take_step(request.user, report, Step.FILE_FOR_STATE):
        raise PermissionDenied
    form = forms.FilingForm(request.POST or None)
    if form.is_valid():
        try:
            services.file_for_state(report=report, filing=form.filing(), actor=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The report is filed. A colleague of yours reviews it."))
            return redirect("report_sent", report.reference)
    context = {"form": form, "report": report, "name": presenters.reporter_name(report)}
    return render(request, "workplan/report_file.html", context, status=422 if form.errors else 200)
