"""Files and addresses that support an answer: attach, see how the check went, download, remove."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.permissions import SignedInRequest
from core.exceptions import NotAllowed, PortalError
from core.sanitize.kinds import KINDS
from workplan import forms, permissions, presenters, services
from workplan.models import Evidence, ReportEntry
from workplan.views.drafts import editable_entry, visible_entry

if TYPE_CHECKING:
    from django.forms import Form

# Even a browser that opened the file in place could run nothing of it.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def _visible(user: User, public_id: UUID) -> Evidence:
    evidence = Evidence.objects.visible_to(user).with_entry()
    return get_object_or_404(evidence, public_id=public_id)


@require_http_methods(["GET", "POST"])
def evidence_add(request: SignedInRequest, reference: str, code: str) -> HttpResponse:
    entry = editable_entry(request.user, reference, code)
    form = forms.EvidenceFileForm(request.POST or None, request.FILES or None, entry=entry)

    def attach() -> Evidence:
        upload = form.cleaned_data["file"]
        return services.attach_file(
            entry=entry, data=form.evidence_data(), name=upload.name, content=form.content, actor=request.user
        )

    return _attach(request, entry, form, attach, "workplan/evidence_add.html")


@require_http_methods(["GET", "POST"])
def evidence_address(request: SignedInRequest, reference: str, code: str) -> HttpResponse:
    entry = editable_entry(request.user, reference, code)
    form = forms.EvidenceAddressForm(request.POST or None, entry=entry)

    def attach() -> Evidence:
        url = form.cleaned_data["url"]
        return services.attach_address(entry=entry, data=form.evidence_data(), url=url, actor=request.user)

    return _attach(request, entry, form, attach, "workplan/evidence_address.html")


def _attach(
    request: SignedInRequest, entry: ReportEntry, form: "Form", attach: Callable[[], Evidence], template: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            evidence = attach()
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("“%(title)s” is attached.") % {"title": evidence.title})
            return _to_entry(request, entry)
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "entry": entry, "activity": entry.activity}, status=status)


def _to_entry(request: SignedInRequest, entry: ReportEntry) -> HttpResponse:
    address = f"{entry.get_absolute_url()}#evidence"
    return HttpResponseClientRedirect(address) if "HX-Request" in request.headers else redirect(address)


@require_GET
def evidence_table(request: SignedInRequest, reference: str, code: str) -> HttpResponse:
    """The table alone, asked for by the entry page while a file is being checked."""
    entry = visible_entry(request.user, reference, code)
    context = {"evidence": presenters.evidence_of(entry, request.user), "polled": True}
    return render(request, "workplan/_evidence_table.html", context)


@require_GET
def evidence_detail(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    evidence = _visible(request.user, public_id)
    context = {"evidence": evidence, "row": presenters.evidence_row(evidence, evidence.entry.report, may_edit=False)}
    return render(request, "workplan/evidence_detail.html", context)


@require_GET
def evidence_download(request: SignedInRequest, public_id: UUID) -> FileResponse:
    """The copy, never the original. A file one may not see, and one without a copy, never existed."""
    files = Evidence.objects.visible_to(request.user).served().with_entry()
    evidence = get_object_or_404(files, public_id=public_id)
    services.note_download(evidence=evidence, actor=request.user)
    response = FileResponse(
        evidence.served.open(),
        as_attachment=True,
        filename=evidence.original_name,
        content_type=KINDS[evidence.kind].content_type,
    )
    response["Content-Security-Policy"] = DOWNLOAD_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def evidence_remove(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    evidence = _visible(request.user, public_id)
    if not permissions.can_edit_entry(request.user, evidence.entry):
        raise PermissionDenied
    if request.method == "GET":
        return render(request, "workplan/evidence_remove.html", {"evidence": evidence, "entry": evidence.entry})
    try:
        services.remove_evidence(evidence=evidence, actor=request.user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    messages.success(request, _("“%(title)s” was removed.") % {"title": evidence.title})
    return _to_entry(request, evidence.entry)
