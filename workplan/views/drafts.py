"""What is typed into an entry and not saved yet: kept while it is typed, restored, set aside."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.permissions import SignedInRequest
from core.exceptions import PortalError, StaleVersion
from workplan import forms, permissions, presenters, services
from workplan.models import EntryDraft, ReportEntry
from workplan.services import PageMark


def visible_entry(user: User, reference: str, code: str) -> ReportEntry:
    entries = ReportEntry.objects.visible_to(user).select_related(
        "report__round", "report__state", "activity__area", "updated_by", "proposed_by"
    )
    return get_object_or_404(entries, report__reference=reference, activity__code=code)


def own_draft(user: User, entry: ReportEntry) -> EntryDraft | None:
    return EntryDraft.objects.visible_to(user).filter(entry=entry).first()


def new_mark(draft: EntryDraft | None) -> PageMark:
    """For a page about to be shown: a name of its own, and the kept text it begins with."""
    return PageMark(page=uuid.uuid4(), follows=draft.mark if draft is not None else "")


def same_mark(data: Mapping[str, Any]) -> PageMark:
    """For a page shown again: it has seen what it had seen, not what was kept elsewhere in the meantime."""
    form = forms.DraftForm(data)
    return PageMark(page=uuid.uuid4(), follows=form.mark().follows if form.is_valid() else "")


def close(user: User, entry: ReportEntry, data: Mapping[str, Any]) -> None:
    form = forms.DraftForm(data)
    if form.is_valid():
        services.close_draft(entry=entry, mark=form.mark(), actor=user)


def keep(user: User, entry: ReportEntry, data: Mapping[str, Any]) -> EntryDraft | None:
    """Keep a form that could not be saved. None where that cannot be: the page that is shown holds it all the same."""
    form = forms.DraftForm(data)
    try:
        return _keep(user, entry, form) if form.is_valid() else None
    except PortalError:
        return None


def _keep(user: User, entry: ReportEntry, form: forms.DraftForm) -> EntryDraft:
    version = form.cleaned_data["version"]
    return services.keep_draft(entry=entry, version=version, answer=form.answer(), mark=form.mark(), actor=user)


def editable_entry(user: User, reference: str, code: str) -> ReportEntry:
    entry = visible_entry(user, reference, code)
    if not permissions.can_edit_entry(user, entry):
        raise PermissionDenied
    return entry


@require_POST
def entry_autosave(request: SignedInRequest, reference: str, code: str) -> JsonResponse:
    entry = editable_entry(request.user, reference, code)
    form = forms.DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": _("This text cannot be kept. Save it.")}, status=422)
    try:
        draft = _keep(request.user, entry, form)
    except StaleVersion as refusal:
        return JsonResponse({"message": str(refusal.message)}, status=409)
    return JsonResponse({"time": f"{timezone.localtime(draft.kept_at):%H:%M}"})


@require_POST
def entry_draft(request: SignedInRequest, reference: str, code: str) -> HttpResponseRedirect:
    """Set one's unsaved text aside and show what is stored; or bring it back."""
    entry = editable_entry(request.user, reference, code)
    services.set_discarded(entry=entry, discarded=request.POST.get("do") != "restore", actor=request.user)
    return redirect(entry)


@require_GET
def entry_action_fields(request: SignedInRequest, reference: str, code: str, row: int) -> HttpResponse:
    """What is asked of an action of the kind just chosen."""
    entry = editable_entry(request.user, reference, code)
    form = forms.one_action(request.GET, f"actions-{row}", entry)
    return render(request, "workplan/_action_details.html", {"row": form})


@require_GET
def entry_presence(request: SignedInRequest, reference: str, code: str) -> HttpResponse:
    """A sign of a page that is open, answered with who else is here; with nothing where the page says so already."""
    entry = editable_entry(request.user, reference, code)
    services.note_presence(entry=entry, actor=request.user)
    others = presenters.others_in(entry, request.user)
    if request.GET.get("shown") == others.key:
        return HttpResponse(status=204)
    return render(request, "workplan/_presence.html", {"others": others})
