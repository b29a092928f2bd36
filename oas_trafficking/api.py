"""The addresses of the API, and its description."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path, reverse
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint
from core.exceptions import StepRefused
from core.jobs import cancel_job
from core.models import Job
from core.presenters import job_context


class JobSerializer(serializers.Serializer[Job]):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class JobView(KeyView):
    """A longer piece of work, and how far it is."""

    serializer_class = JobSerializer

    @extend_schema(operation_id="job")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
        return self.shown(job, etag=f"{job.state}-{job.updated_at.timestamp()}")


class JobCancelView(KeyView):
    """Stop a longer piece of work that is not over."""

    serializer_class = JobSerializer

    @extend_schema(operation_id="job_cancel", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        jobs = Job.objects.visible_to(request.user).exclude(message=None).select_related("message")
        job = get_object_or_404(jobs, public_id=public_id)
        job_context(job, request.user)  # what it makes has a scope of its own
        if not cancel_job(job=job, actor=request.user):
            raise StepRefused("This work was already over.")
        job.refresh_from_db()
        return self.shown(job, location=reverse("api_job", args=[public_id]))


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
    path("jobs/<uuid:public_id>/", endpoint(JobView), name="api_job"),
    path("jobs/<uuid:public_id>/cancel/", endpoint(JobCancelView), name="api_job_cancel"),
    path("", include("workplan.api")),
    path("", include("contributions.api")),
    path("", include("networks.api")),
    path("", include("indicators.api")),
    path("", include("evaluations.api")),
]
