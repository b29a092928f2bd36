"""Pages that belong to no single app."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.permissions import audit_chains
from accounts.views.fresh import fresh_download
from core.exceptions import PortalError
from oas_trafficking import services
from oas_trafficking.context import desk_of
from oas_trafficking.forms import AuditFilterForm
from oas_trafficking.presenters import audit_row, due_items
from oas_trafficking.queries import audit_events

AUDIT_PAGE = 50


@login_not_required
@require_GET
def language_choice(request: HttpRequest) -> HttpResponse:
    """The root asks for the language: no guess from the browser, no redirect."""
    return render(request, "language_choice.html")


@require_GET
def language_root(request: HttpRequest) -> HttpResponse:
    """What somebody types who knows the portal's address and a language."""
    return redirect("home")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this person has to do, oldest deadline first."""
    return render(request, "home.html", {"items": due_items(desk_of(request))})


@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Who did what with the State's data; newest first, older pages by the number of the last event shown."""
    form = _audit_filter(request)
    if not form.is_valid():
        return _audit_page(request, form, status=422)
    events = list(audit_events(form.chosen_chain, form.cleaned_data)[: AUDIT_PAGE + 1])
    rows = [audit_row(event) for event in events[:AUDIT_PAGE]]
    return _audit_page(request, form, rows=rows, has_older=len(events) > AUDIT_PAGE)


@require_GET
@fresh_download
def audit_export(request: HttpRequest) -> HttpResponse:
    form = _audit_filter(request)
    if not form.is_valid():
        return _audit_page(request, form, status=422)
    chain, user = form.chosen_chain, request.user
    try:
        text = services.export_trail(chain=chain, events=audit_events(chain, form.cleaned_data), actor=user)  # type: ignore[arg-type]
    except PortalError as refusal:
        form.add_error("since", str(refusal))
        return _audit_page(request, form, status=422)
    name = f'attachment; filename="audit-{chain}.csv"'
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _audit_filter(request: HttpRequest) -> AuditFilterForm:
    chains = audit_chains(request.user)
    if not chains:
        raise PermissionDenied
    return AuditFilterForm(request.GET, chains=chains)


def _audit_page(request: HttpRequest, form: AuditFilterForm, *, status: int = 200, **more: Any) -> HttpResponse:
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {"form": form, "query": kept.urlencode(), "paged": "before" in request.GET, **more}
    return render(request, "audit/trail.html", context, status=status)


@login_not_required
@require_GET
def static_page(request: HttpRequest, name: str) -> HttpResponse:
    """Help, accessibility and privacy: the same for everybody, in four languages."""
    return render(request, f"pages/{name}.html")
