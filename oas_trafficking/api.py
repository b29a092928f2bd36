"""The addresses of the API, and its description."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint
from core.models import Job


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
    path("", include("workplan.api")),
    path("", include("contributions.api")),
    path("", include("networks.api")),
    path("", include("indicators.api")),
    path("", include("evaluations.api")),
]
