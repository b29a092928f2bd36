"""More time for a report, the States and periods at one look, and what people are told."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import SignedInRequest
from core.exceptions import NotAllowed, PortalError
from workplan import forms, permissions, presenters, services
from workplan.models import Extension, Notification, Report, Round
from workplan.queries import gets_digest, states_in
from workplan.views.reports import visible_report


@require_http_methods(["GET", "POST"])
def extension_new(request: SignedInRequest, reference: str) -> HttpResponse:
    """The focal point asks for more time."""
    report = visible_report(request.user, reference)
    if not permissions.can_ask_for_time(request.user, report):
        raise PermissionDenied
    form = forms.ExtensionForm(request.POST or None)
    if form.is_valid():
        try:
            services.request_extension(report=report, actor=request.user, **form.cleaned_data)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your request is with the Secretariat. You will be told what it decides."))
            return redirect(report)
    context = {"form": form, "report": report, "name": presenters.reporter_name(report)}
    return render(request, "workplan/extension_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def extension_decide(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    extensions = Extension.objects.visible_to(request.user).with_report()
    extension = get_object_or_404(extensions, public_id=public_id)
    if not permissions.can_decide_extension(request.user, extension):
        raise PermissionDenied
    form = forms.VerdictForm(request.POST or None, initial={"new_date": extension.requested_date})
    if form.is_valid():
        try:
            services.decide_extension(extension=extension, verdict=form.verdict(), actor=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your decision is recorded. The State is told by the portal."))
            return redirect("submission_matrix", extension.report.round.code)
    context = {"form": form, "extension": extension, "name": presenters.reporter_name(extension.report)}
    return render(request, "workplan/extension_decide.html", context, status=422 if form.errors else 200)


@require_GET
def period_matrix(request: SignedInRequest) -> HttpResponse:
    """Every State in every period that has opened."""
    if not permissions.can_follow_rounds(request.user):
        raise PermissionDenied
    rounds = list(Round.objects.visible_to(request.user).exclude(status="draft").order_by("period_start"))
    context = {"rounds": rounds, "rows": presenters.period_rows(states_in(rounds), rounds)}
    return render(request, "workplan/period_matrix.html", context)


# --- what people are told ------------------------------------------------------------------------


@require_GET
def notification_list(request: SignedInRequest) -> HttpResponse:
    told = Notification.objects.visible_to(request.user).with_report()
    page = Paginator(told, 50).get_page(request.GET.get("page"))
    own = Report.objects.visible_to(request.user).filter(pk__in={row.report_id for row in page})
    context = {
        "page": page,
        "rows": presenters.told_rows(page, set(own.values_list("pk", flat=True))),
        "unread": Notification.objects.visible_to(request.user).unread().count(),
        "by_mail": gets_digest(request.user),
    }
    return render(request, "workplan/notification_list.html", context)


@require_POST
def notifications_read(request: SignedInRequest) -> HttpResponse:
    services.mark_read(actor=request.user)
    return redirect("notification_list")


@require_POST
def digest_choice(request: SignedInRequest) -> HttpResponse:
    by_mail = request.POST.get("by_mail") == "yes"
    services.choose_digest(by_mail=by_mail, actor=request.user)
    said = _("You get the mail of the day.") if by_mail else _("You get no more mail about deadlines.")
    messages.success(request, said)
    return redirect(f"{reverse('notification_list')}#by-mail")
