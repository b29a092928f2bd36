"""Focal points named by note verbale."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import permissions, services
from accounts.forms import (
    AppointmentForm,
    NoteForm,
)
from accounts.models import (
    FocalPointAppointment,
    NoteDocument,
)
from accounts.views.common import DOWNLOAD_POLICY, done, page, signed_in
from accounts.views.fresh import fresh_sign_in_required
from core.sanitize.kinds import KINDS


@require_safe
def appointment_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not permissions.can_read_appointments(user):
        raise PermissionDenied
    rows = FocalPointAppointment.objects.visible_to(user).select_related("state", "user", "invitation", "recorded_by")
    return page(
        request,
        "accounts/appointments.html",
        appointments=Paginator(rows.with_documents(), 50).get_page(request.GET.get("page")),
        can_appoint=permissions.can_record_appointments(user),
        has_team=permissions.manages_people(user),
    )


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not permissions.can_record_appointments(user):
        raise PermissionDenied
    form = AppointmentForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        data = {"institution": form.cleaned_data["institution"], "file": form.cleaned_data["file"]}
        return done(
            request,
            lambda: services.appoint(actor=user, note=form.note(), invitee=form.invitee(), **data),
            _("The appointment is recorded. A second administrator is asked to confirm; then the link is sent."),
            "appointment_list",
            form=form,
            template="accounts/appoint.html",
            context={"form": form},
        )
    return page(request, "accounts/appoint.html", form=form)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def note_attach(request: HttpRequest, pk: int) -> HttpResponse:
    """The note verbale itself, which may follow the record of it; another file takes its place."""
    user = signed_in(request)
    if not permissions.can_record_appointments(user):
        raise PermissionDenied
    appointment = get_object_or_404(FocalPointAppointment.objects.visible_to(user).select_related("state"), pk=pk)
    form = NoteForm(request.POST or None, request.FILES or None)
    context = {"form": form, "appointment": appointment}
    if form.is_valid():
        file = form.cleaned_data["file"]
        return done(
            request,
            lambda: services.attach_note(appointment=appointment, file=file, actor=user),
            _("The note is attached and is being checked."),
            "appointment_list",
            form=form,
            template="accounts/note_attach.html",
            context=context,
        )
    return page(request, "accounts/note_attach.html", **context)


@require_safe
def note_download(request: HttpRequest, pk: int) -> FileResponse:
    """The copy, never the original. A note one may not read, and one without a copy, never existed."""
    user = signed_in(request)
    notes = NoteDocument.objects.visible_to(user).served().select_related("appointment__state")
    document = get_object_or_404(notes, appointment=pk)
    services.note_download(document=document, actor=user)
    return FileResponse(
        document.served.open(),
        as_attachment=True,
        filename=document.original_name,
        content_type=KINDS[document.kind].content_type,
        headers={"Content-Security-Policy": DOWNLOAD_POLICY, "X-Content-Type-Options": "nosniff"},
    )
