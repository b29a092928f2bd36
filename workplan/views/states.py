"""States and their national authorities. Only facts are shown as facts."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_GET, require_safe

from accounts.enums import InstitutionKind
from accounts.models import Institution
from workplan import forms, presenters
from workplan.queries import grouping_choices, states_with_facts


@login_not_required
@require_safe
@conditional_page
def state_list(request: HttpRequest) -> HttpResponse:
    form = forms.StateFilterForm(request.GET, groupings=grouping_choices())
    states = states_with_facts(request.user)
    grouping = form.wanted()
    if grouping:
        states = states.filter(groupings__grouping__slug=grouping).distinct()
    context = {"form": form, "grouping": grouping, "states": presenters.by_name(states)}
    return render(request, "workplan/state_list.html", context)


@require_GET
def authority_list(request: HttpRequest) -> HttpResponse:
    authorities = (
        Institution.objects.visible_to(request.user)
        .current()
        .filter(kind=InstitutionKind.AUTHORITY)
        .select_related("state")
    )
    context = {"authorities": presenters.by_state(authorities)}
    return render(request, "workplan/authority_list.html", context)
