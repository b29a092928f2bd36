"""The API of statistics: what was released, and for an authority its own returns."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, PublicView, endpoint
from indicators import serializers
from indicators.models import Release, ReleaseFile, StatisticalReturn


class ReleasesView(ListModelMixin, PublicView):
    """Releases of statistics, the newest first."""

    serializer_class = serializers.ReleaseSerializer
    ordering = "-number"

    def get_queryset(self) -> "QuerySet[Release]":
        return Release.objects.visible_to(self.request.user)

    @extend_schema(operation_id="releases")
    def get(self, request: Request) -> Response:
        return self.list(request)


class ReleaseFilesView(ListModelMixin, PublicView):
    """The files of a release: every table, in four languages."""

    serializer_class = serializers.ReleaseFileSerializer

    def get_queryset(self) -> "QuerySet[ReleaseFile]":
        files = ReleaseFile.objects.visible_to(self.request.user).select_related("content__release")
        return files.filter(content__release__number=self.kwargs.get("number", 0))

    @extend_schema(operation_id="release_files")
    def get(self, request: Request, number: int) -> Response:
        get_object_or_404(Release.objects.visible_to(request.user), number=number)
        return self.list(request)


class ReturnsView(ListModelMixin, KeyView):
    """The returns of one's own State."""

    serializer_class = serializers.ReturnSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[StatisticalReturn]":
        return StatisticalReturn.objects.visible_to(self.request.user).select_related("state")

    @extend_schema(operation_id="returns")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ReturnView(KeyView):
    """One return, with its cells."""

    serializer_class = serializers.WholeReturnSerializer

    @extend_schema(operation_id="return")
    def get(self, request: KeyRequest, iso2: str, year: int, table: str) -> Response:
        rows = StatisticalReturn.objects.visible_to(request.user).select_related("state").prefetch_related("cells")
        filled = get_object_or_404(rows, state__iso2=iso2.upper(), year=year, table=table)
        return self.shown(filled, etag=str(filled.version))


urlpatterns = [
    path("releases/", endpoint(ReleasesView), name="api_releases"),
    path("releases/<int:number>/files/", endpoint(ReleaseFilesView), name="api_release_files"),
    path("returns/", endpoint(ReturnsView), name="api_returns"),
    path("returns/<slug:iso2>/<int:year>/<slug:table>/", endpoint(ReturnView), name="api_return"),
]
