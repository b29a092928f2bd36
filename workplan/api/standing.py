"""With whom the answers of a report are, and whether its State shows it. Both are changed with the second factor."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint
from workplan import serializers
from workplan.api.reports import report_of
from workplan.models import EntryUserObjectPermission, PublicConsent
from workplan.queries import published_versions


class GrantsView(ListModelMixin, KeyView):
    """Answers handed to single people: for whoever manages the people of the State, and to each their own."""

    serializer_class = serializers.GrantSerializer
    ordering = "pk"

    def get_queryset(self) -> "QuerySet[EntryUserObjectPermission]":
        return EntryUserObjectPermission.objects.visible_to(self.request.user).in_force().with_list_data()

    @extend_schema(operation_id="grants")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ReportGrantsView(GrantsView):
    """Those of one report."""

    def get_queryset(self) -> "QuerySet[EntryUserObjectPermission]":
        return super().get_queryset().filter(content_object__report__reference=self.kwargs.get("reference", ""))

    @extend_schema(operation_id="report_grants")
    def get(self, request: KeyRequest, reference: str) -> Response:  # type: ignore[override]
        report_of(request, reference)
        return self.list(request)


class PublicationView(KeyView):
    """Whether everybody is shown what was accepted, and since when the State consents to it."""

    serializer_class: Any = serializers.ShownSerializer

    @extend_schema(operation_id="report_publication")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report = report_of(request, reference)
        shown = published_versions().filter(report=report).first()
        consents = PublicConsent.objects.visible_to(request.user).filter(version__report=report, ended_at=None)
        consent = consents.select_related("version").last()
        return self.shown({
            "is_shown": shown is not None,
            "version": consent.version.number if consent else None,
            "consented_at": consent.given_at if consent else None,
        })  # fmt: skip


urlpatterns = [
    path("grants/", endpoint(GrantsView), name="api_grants"),
    path("reports/<slug:reference>/grants/", endpoint(ReportGrantsView), name="api_report_grants"),
    path("reports/<slug:reference>/publication/", endpoint(PublicationView), name="api_publication"),
]
