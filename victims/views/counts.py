"""Counting a State's own cases for its statistics."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.views.fresh import fresh_to_change
from indicators.enums import TABLES
from victims.forms import CountForm
from victims.permissions import can_count_cases
from victims.presenters import running_counts
from victims.services.counts import COUNTED, ask_for_count, open_counts
from victims.views.common import officer_at


@require_http_methods(["GET", "POST"])
@fresh_to_change
def case_count(request: HttpRequest) -> HttpResponse:
    """Only the totals of whole tables leave, to wait beside the State's own return."""
    officer = officer_at(request)
    if not can_count_cases(officer):
        raise PermissionDenied
    form = CountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(ask_for_count(actor=officer, year=form.cleaned_data["year"]))
    context = {
        "form": form,
        "tables": [TABLES[code] for code in COUNTED],
        "running": running_counts(open_counts(officer.state), officer),
    }
    return render(request, "victims/case_count.html", context, status=422 if form.is_bound else 200)
