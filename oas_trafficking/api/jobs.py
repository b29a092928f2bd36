"""Longer pieces of work as resources: asked for, followed, and taken by whoever asked."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView
from core.exceptions import StepRefused
from core.jobs import cancel_job
from core.models import Job, JobFile
from core.presenters import job_context
from oas_trafficking import serializers
from oas_trafficking.delivery import EXPORTS


class JobsView(ListModelMixin, KeyView):
    """Longer pieces of work that the person asked for or follows, the newest first."""

    serializer_class = serializers.BriefJobSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Job]":
        return Job.objects.visible_to(self.request.user)

    @extend_schema(operation_id="jobs")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class JobView(KeyView):
    """A longer piece of work, and how far it is."""

    serializer_class = serializers.JobSerializer

    @extend_schema(operation_id="job")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
        return self.shown(job, etag=f"{job.state}-{job.updated_at.timestamp()}")


class JobCancelView(KeyView):
    """Stop a longer piece of work that is not over."""

    serializer_class = serializers.JobSerializer

    @extend_schema(operation_id="job_cancel", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        jobs = Job.objects.visible_to(request.user).exclude(message=None).select_related("message")
        job = get_object_or_404(jobs, public_id=public_id)
        job_context(job, request.user)  # what it makes has a scope of its own
        if not cancel_job(job=job, actor=request.user):
            raise StepRefused("This work was already over.")
        job.refresh_from_db()
        return self.shown(job, location=reverse("api_job", args=[job.public_id]))


class JobFileView(KeyView):
    """The file that a job made for whoever asked for it. It is kept for a day."""

    @extend_schema(operation_id="job_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: KeyRequest, public_id: Any) -> FileResponse:
        row = get_object_or_404(
            JobFile.objects.visible_to(request.user).select_related("job"), job__public_id=public_id
        )
        return FileResponse(
            row.file.open("rb"), as_attachment=True, filename=row.name, content_type=EXPORTS[row.format]
        )
