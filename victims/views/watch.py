"""What the watch over the access log found, for whoever answers for it in the State."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.views.fresh import fresh_to_change
from victims import queries
from victims.forms import AlertForm
from victims.models import Alert
from victims.permissions import Officer, can_watch
from victims.services import watch
from victims.views.common import attempt, officer_at

PAGE_SIZE = 25


@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """Who looked at what, how often and when; not into which case."""
    officer = officer_at(request)
    if not can_watch(officer):
        raise PermissionDenied
    alerts = Alert.objects.visible_to(officer)
    shown = alerts if "all" in request.GET else alerts.open()
    page = Paginator(shown.order_by("-day", "-found_at", "id"), PAGE_SIZE).get_page(request.GET.get("page"))
    names = queries.people([*(row.subject for row in page), *(row.closed_by or "" for row in page)])
    notes = watch.read_notes(actor=officer, alerts=list(page))
    rows = [
        {
            "alert": row,
            "name": names.get(row.subject, ""),
            "closed_by": names.get(row.closed_by or "", ""),
            "words": notes.get(row.id, ""),
        }
        for row in page
    ]
    return render(request, "victims/alert_list.html", {"rows": rows, "page": page, "shows_all": "all" in request.GET})


@require_http_methods(["GET", "POST"])
@fresh_to_change
def alert_close(request: HttpRequest, alert: UUID) -> HttpResponse:
    officer = officer_at(request)
    found = get_object_or_404(Alert.objects.visible_to(officer), id=alert)
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _close(officer, found, form)):
        messages.success(request, _("The alert is closed."))
        return redirect("alert_list")
    name = queries.people([found.subject]).get(found.subject, "")
    context = {"form": form, "alert": found, "name": name}
    return render(request, "victims/alert_close.html", context, status=422 if form.is_bound else 200)


def _close(officer: Officer, alert: Alert, form: AlertForm) -> None:
    watch.close(actor=officer, alert=alert, outcome=form.cleaned_data["outcome"], words=form.cleaned_data["words"])
