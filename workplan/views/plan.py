"""The Work Plan: public."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from workplan import forms, presenters
from workplan.enums import Theme
from workplan.models import Activity
from workplan.queries import current_catalogue


@login_not_required
@require_safe
def plan_detail(request: HttpRequest) -> HttpResponse:
    catalogue = current_catalogue()
    form = forms.PlanFilterForm(request.GET)
    wanted = form.wanted()
    activities = Activity.objects.visible_to(request.user).filter(catalogue=catalogue).select_related("area")
    context = {
        "catalogue": catalogue,
        "plan": catalogue.plan,
        "years": presenters.plan_years(catalogue.plan),
        "events": presenters.plan_events(catalogue.plan),
        "form": form,
        "chips": presenters.chips(form, wanted, reverse("plan_detail")),
        "themes": Theme,
        "areas": presenters.plan_areas(activities.matching(**wanted)),
    }
    return render(request, "workplan/plan_detail.html", context)
