"""The API of statistics: what was released, and for an authority its own returns."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, Precondition, PublicView, endpoint
from accounts.models import State
from core.exceptions import NotAllowed, StaleVersion
from indicators import forms, permissions, serializers, services
from indicators.enums import TABLES
from indicators.models import Release, ReleaseFile, StatisticalReturn
from indicators.querysets import counting_states

CONDITIONS = [
    OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read."),
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="* where the table is not begun."),
]


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

    serializer_class: Any = serializers.WholeReturnSerializer

    @extend_schema(operation_id="return")
    def get(self, request: KeyRequest, iso2: str, year: int, table: str) -> Response:
        filled = get_object_or_404(self._begun(iso2, year, table))
        return self.shown(filled, etag=str(filled.version))

    @extend_schema(
        operation_id="return_write",
        parameters=CONDITIONS,
        request=serializers.ReturnDraftSerializer,
        responses={200: serializers.WholeReturnSerializer, 201: serializers.WholeReturnSerializer},
    )
    def put(self, request: KeyRequest, iso2: str, year: int, table: str) -> Response:
        """Write a table whole, as a draft. To send it and to sign it off stay with people, on the pages."""
        state = _own_state(request, iso2, year, table)
        filled = self._begun(iso2, year, table).first()
        if not permissions.can_write(request.user, state):
            raise NotAllowed("Only the State's own authority fills in its returns.")
        version = self._version(filled)
        blank = StatisticalReturn(state=state, year=year, table=table, language=request.user.language)
        data = self._checked(filled or blank)
        opened = services.open_return(state=state, year=year, table=table, actor=request.user)
        services.save_return(filled=opened, version=version, data=data, actor=request.user)
        return self._told(iso2, year, table, code=200 if filled else 201)

    def _begun(self, iso2: str, year: int, table: str) -> "QuerySet[StatisticalReturn]":
        rows = StatisticalReturn.objects.visible_to(self.request.user).filter(state__iso2=iso2.upper())
        return rows.filter(year=year, table=table).select_related("state").prefetch_related("cells")

    def _version(self, filled: StatisticalReturn | None) -> int:
        if filled is None and not self.is_first():
            raise Precondition("This table is not begun. Say that yours is the first: If-None-Match: *")
        if filled is not None and self.is_first():
            raise StaleVersion("This table is begun. Read it first.")
        return self.version_read(filled.version) if filled else 1

    def _checked(self, filled: StatisticalReturn) -> services.ReturnData:
        """By the form of the page: the same rules hold whichever way a table comes."""
        self.serializer_class = serializers.ReturnDraftSerializer
        sent = self.read()
        form = forms.ReturnForm(forms.posted(filled, sent), filled=filled)
        about: dict[str, Any] = {
            name: list(errors) for name, errors in form.errors.items() if name[:2] not in ("n-", "w-")
        }
        cells = forms.cell_faults(form, sent["cells"])
        if about or any(cells):
            raise ValidationError({**about, "cells": cells})
        return form.return_data()

    def _told(self, iso2: str, year: int, table: str, code: int) -> Response:
        self.serializer_class = serializers.WholeReturnSerializer
        filled, location = self._begun(iso2, year, table).get(), reverse("api_return", args=[iso2, year, table])
        return self.shown(filled, code=code, etag=str(filled.version), location=location)


def _own_state(request: KeyRequest, iso2: str, year: int, table: str) -> State:
    """The State whose exact figures the person works with; another's does not exist for them."""
    if year not in forms.RETURN_YEARS or table not in TABLES:
        raise Http404
    own = State.objects.visible_to(request.user).filter(pk__in=counting_states(request.user))
    return get_object_or_404(own, iso2=iso2.upper())


urlpatterns = [
    path("releases/", endpoint(ReleasesView), name="api_releases"),
    path("releases/<int:number>/files/", endpoint(ReleaseFilesView), name="api_release_files"),
    path("returns/", endpoint(ReturnsView), name="api_returns"),
    path("returns/<slug:iso2>/<int:year>/<slug:table>/", endpoint(ReturnView), name="api_return"),
]
