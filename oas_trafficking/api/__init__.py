"""The addresses of the API, and its description."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator

from accounts.api import endpoint
from oas_trafficking.api import dashboard, jobs, notifications


def described() -> dict[str, Any]:
    """The description, as OpenAPI 3.1."""
    generator: Any = SchemaGenerator
    patterns = [path("api/v1/", include("oas_trafficking.api"))]
    return generator(patterns=patterns).get_schema(request=None, public=True)  # type: ignore[no-any-return]


@login_not_required
@require_safe
@conditional_page
def api_schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(described())


urlpatterns = [
    path("schema/", api_schema, name="api_schema"),
    path("jobs/", endpoint(jobs.JobsView), name="api_jobs"),
    path("jobs/<uuid:public_id>/", endpoint(jobs.JobView), name="api_job"),
    path("jobs/<uuid:public_id>/cancel/", endpoint(jobs.JobCancelView), name="api_job_cancel"),
    path("jobs/<uuid:public_id>/file/", endpoint(jobs.JobFileView), name="api_job_file"),
    path("notifications/", endpoint(notifications.NotificationsView), name="api_notifications"),
    path("notifications/read/", endpoint(notifications.NotificationsReadView), name="api_notifications_read"),
    path("dashboard/", endpoint(dashboard.DashboardView), name="api_dashboard"),
    path("dashboard/exports/", endpoint(dashboard.DashboardExportView), name="api_dashboard_export"),
    path("rounds/<slug:round_code>/reminders/", endpoint(dashboard.RoundRemindersView), name="api_round_reminders"),
    path("states/<slug:iso2>/figures/", endpoint(dashboard.StateFiguresView), name="api_state_figures"),
    path("states/<slug:iso2>/exports/", endpoint(dashboard.StateExportView), name="api_state_export"),
    path("", include("workplan.api")),
    path("", include("contributions.api")),
    path("", include("networks.api")),
    path("", include("indicators.api")),
    path("", include("evaluations.api")),
]
