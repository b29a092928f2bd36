"""The Work Plan and its activities: public."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from workplan import forms, presenters
from workplan.models import Activity
from workplan.queries import current_catalogue


@login_not_required
@require_GET
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
        "areas": presenters.plan_areas(activities.matching(**wanted)),
    }
    return render(request, "workplan/plan_detail.html", context)


@login_not_required
@require_GET
def activity_detail(request: HttpRequest, code: str) -> HttpResponse:
    catalogue = current_catalogue()
    activities = list(
        Activity.objects.visible_to(request.user).filter(catalogue=catalogue).select_related("area", "catalogue__plan")
    )
    activity = next((row for row in activities if row.code == code), None)
    if activity is None:
        raise Http404
    context = {
        "catalogue": catalogue,
        "activity": activity,
        "neighbors": presenters.neighbors(activities, activity),
        "translations": presenters.translations(activity),
    }
    return render(request, "workplan/activity_detail.html", context)
