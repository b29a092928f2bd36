"""More time for a report: asked for, and decided."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from core.exceptions import NotAllowed
from workplan import forms, permissions, serializers, services
from workplan.api.reports import report_of
from workplan.models import Extension


class ExtensionsView(ListModelMixin, KeyView):
    """Requests for more time for a report."""

    serializer_class = serializers.ExtensionSerializer
    ordering = "requested_at"

    def get_queryset(self) -> "QuerySet[Extension]":
        of_report = {"report__reference": self.kwargs.get("reference", "")}
        return Extension.objects.visible_to(self.request.user).filter(**of_report).with_report()

    @extend_schema(operation_id="extensions")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report_of(request, reference)
        return self.list(request)

    @extend_schema(operation_id="extension_ask", responses={201: serializers.ExtensionSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Ask for more time. One request waits at a time."""
        report = report_of(request, reference)
        if not permissions.can_ask_for_time(request.user, report):
            raise NotAllowed("You cannot ask for more time for this report.")
        form = filled(forms.ExtensionForm, self.read())
        extension = services.request_extension(report=report, actor=request.user, **form.cleaned_data)
        return self.shown(extension, code=201, location=reverse("api_extension", args=[extension.public_id]))


def _extension(request: KeyRequest, public_id: Any) -> Extension:
    return get_object_or_404(Extension.objects.visible_to(request.user).with_report(), public_id=public_id)


class ExtensionView(KeyView):
    """One request for more time."""

    serializer_class = serializers.ExtensionSerializer

    @extend_schema(operation_id="extension")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        extension = _extension(request, public_id)
        return self.shown(extension, etag=extension.decision or "waits")


class VerdictView(KeyView):
    """Grant a request for more time, or refuse it."""

    serializer_class: Any = serializers.VerdictSerializer

    @extend_schema(operation_id="extension_decide", responses=serializers.ExtensionSerializer)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        extension = _extension(request, public_id)
        if not permissions.can_decide_extension(request.user, extension):
            raise NotAllowed("Only the Secretariat decides on more time.")
        form = filled(forms.VerdictForm, self.read())
        decided = services.decide_extension(extension=extension, verdict=form.verdict(), actor=request.user)
        self.serializer_class = serializers.ExtensionSerializer
        return self.shown(decided, location=reverse("api_extension", args=[public_id]))


urlpatterns = [
    path("reports/<slug:reference>/extensions/", endpoint(ExtensionsView), name="api_extensions"),
    path("extensions/<uuid:public_id>/", endpoint(ExtensionView), name="api_extension"),
    path("extensions/<uuid:public_id>/decision/", endpoint(VerdictView), name="api_extension_decision"),
]
