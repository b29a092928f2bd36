"""The API of evaluations: those that were published."""

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import PublicView, endpoint
from evaluations import serializers
from evaluations.models import Publication


class EvaluationsView(ListModelMixin, PublicView):
    """Published evaluations with their documents, the newest first."""

    serializer_class = serializers.PublicationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Publication]":
        rows = Publication.objects.visible_to(self.request.user).with_page_data()
        return rows.defer("snapshot__content").prefetch_related("snapshot__documents")

    @extend_schema(operation_id="evaluations")
    def get(self, request: Request) -> Response:
        return self.list(request)


urlpatterns = [path("evaluations/", endpoint(EvaluationsView), name="api_evaluations")]
