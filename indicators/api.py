"""The API of statistics: what was released, and for an authority its own returns."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, Precondition, PublicView, endpoint
from accounts.models import State, User
from core.exceptions import NotAllowed, StaleVersion
from indicators import forms, imports, permissions, serializers, services
from indicators.enums import TABLES
from indicators.models import Release, ReleaseFile, ReturnProposal, ReturnUpload, StatisticalReturn
from indicators.querysets import counting_states

SHOWN_FAULTS = 50
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


class ReleaseBuildsView(KeyView):
    """Have the next release made."""

    serializer_class = serializers.ReleaseAskedSerializer

    @extend_schema(operation_id="release_build", responses={202: None})
    def post(self, request: KeyRequest) -> Response:
        """202 with the job. What it made is published by a person, on the pages."""
        if not permissions.can_prepare_releases(request.user):
            raise NotAllowed("Only the Secretariat prepares releases.")
        year = self.read()["year"]
        try:
            release = services.request_release(year=year, actor=request.user)
        except DjangoValidationError as fault:
            raise ValidationError({"year": fault.messages}) from fault
        return Response(
            status=202, headers={"Location": reverse("api_job", args=[release.job and release.job.public_id])}
        )


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
        filled = get_object_or_404(returns_of(request.user, iso2, year, table))
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
        filled = returns_of(request.user, iso2, year, table).first()
        if not permissions.can_write(request.user, state):
            raise NotAllowed("Only the State's own authority fills in its returns.")
        version = version_of(self, filled)
        blank = StatisticalReturn(state=state, year=year, table=table, language=request.user.language)
        data = self._checked(filled or blank)
        opened = services.open_return(state=state, year=year, table=table, actor=request.user)
        services.save_return(filled=opened, version=version, data=data, actor=request.user)
        return self._told(iso2, year, table, code=200 if filled else 201)

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
        filled, location = (
            returns_of(self.request.user, iso2, year, table).get(),
            reverse("api_return", args=[iso2, year, table]),
        )
        return self.shown(filled, code=code, etag=str(filled.version), location=location)


class ProposalsView(ListModelMixin, KeyView):
    """What was counted from a State's own cases and waits beside its returns."""

    serializer_class = serializers.ProposalSerializer

    def get_queryset(self) -> "QuerySet[ReturnProposal]":
        return ReturnProposal.objects.visible_to(self.request.user).undecided().select_related("state")

    @extend_schema(operation_id="proposals")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ProposalView(KeyView):
    """Put the counted figures into one's draft, or keep the return as it is."""

    serializer_class: Any = serializers.ProposalSerializer

    @extend_schema(operation_id="proposal")
    def get(self, request: KeyRequest, iso2: str, year: int, table: str) -> Response:
        return self.shown(self._waiting(iso2, year, table))

    @extend_schema(
        operation_id="proposal_decide",
        parameters=CONDITIONS,
        request=serializers.ProposalDecisionSerializer,
        responses={200: serializers.WholeReturnSerializer, 204: None},
    )
    def post(self, request: KeyRequest, iso2: str, year: int, table: str) -> Response:
        """To take it, say which version of the return was read. 204 where it is declined and nothing was begun."""
        proposal = self._waiting(iso2, year, table)
        if not permissions.can_write(request.user, proposal.state):
            raise NotAllowed("Only the State's own authority fills in its returns.")
        self.serializer_class = serializers.ProposalDecisionSerializer
        begun = returns_of(request.user, iso2, year, table)
        if self.read()["decision"] == "take":
            services.take_proposal(proposal=proposal, version=version_of(self, begun.first()), actor=request.user)
        else:
            services.decline_proposal(proposal=proposal, actor=request.user)
        self.serializer_class = serializers.WholeReturnSerializer
        filled = begun.all().first()
        if filled is None:
            return Response(status=204)
        location = reverse("api_return", args=[iso2, year, table])
        return self.shown(filled, etag=str(filled.version), location=location)

    def _waiting(self, iso2: str, year: int, table: str) -> ReturnProposal:
        rows = ReturnProposal.objects.visible_to(self.request.user).undecided().select_related("state")
        return get_object_or_404(rows, state__iso2=iso2.upper(), year=year, table=table)


# --- workbooks ------------------------------------------------------------------------------------


class UploadsView(KeyView):
    """Hand in the filled-in template of a State and a year."""

    serializer_class: Any = serializers.TemplateSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="return_upload", responses={201: serializers.UploadSerializer})
    def post(self, request: KeyRequest, iso2: str, year: int) -> Response:
        """Nothing is written before it is confirmed."""
        state = _own_state(request, iso2, year)
        if not permissions.can_write(request.user, state):
            raise NotAllowed("Only the State's own authority fills in its returns.")
        file = self.read()["file"]
        content = file.read(imports.MAX_BYTES + 1)
        try:
            tables = imports.read_workbook(content, file.name, state=state.iso2, year=year)
        except imports.FaultyFile as refusal:
            raise ValidationError({"file": [str(fault) for fault in refusal.faults][:SHOWN_FAULTS]}) from refusal
        digest = hashlib.sha256(content).hexdigest()
        upload = services.keep_upload(state=state, year=year, content=tables, sha256=digest, actor=request.user)
        self.serializer_class = serializers.UploadSerializer
        return self.shown(upload, code=201, location=reverse("api_upload", args=[upload.public_id]))


class OneUploadView(KeyView):
    """What concerns one workbook, of its sender alone."""

    serializer_class = serializers.UploadSerializer

    def found(self, public_id: Any) -> ReturnUpload:
        uploads = ReturnUpload.objects.visible_to(self.request.user).select_related("state")
        return get_object_or_404(uploads, public_id=public_id)


class UploadView(OneUploadView):
    """A workbook that was read, and the tables that it would write."""

    @extend_schema(operation_id="upload")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.shown(self.found(public_id))


class UploadConfirmView(OneUploadView):
    """Write its tables as drafts, all or none."""

    @extend_schema(operation_id="upload_confirm", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        services.apply_upload(upload=self.found(public_id), actor=request.user)
        return self.shown(self.found(public_id), location=reverse("api_upload", args=[public_id]))


def returns_of(user: User, iso2: str, year: int, table: str) -> "QuerySet[StatisticalReturn]":
    rows = StatisticalReturn.objects.visible_to(user).filter(state__iso2=iso2.upper())
    return rows.filter(year=year, table=table).select_related("state").prefetch_related("cells")


def version_of(view: KeyView, filled: StatisticalReturn | None) -> int:
    """The version that was read; of a table that is not begun there is none, which is said too."""
    if filled is None and not view.is_first():
        raise Precondition("This table is not begun. Say that yours is the first: If-None-Match: *")
    if filled is not None and view.is_first():
        raise StaleVersion("This table is begun. Read it first.")
    return view.version_read(filled.version) if filled else 1


def _own_state(request: KeyRequest, iso2: str, year: int, table: str = "") -> State:
    """The State whose exact figures the person works with; another's does not exist for them."""
    if year not in forms.RETURN_YEARS or (table and table not in TABLES):
        raise Http404
    own = State.objects.visible_to(request.user).filter(pk__in=counting_states(request.user))
    return get_object_or_404(own, iso2=iso2.upper())


urlpatterns = [
    path("proposals/", endpoint(ProposalsView), name="api_proposals"),
    path("proposals/<slug:iso2>/<int:year>/<slug:table>/", endpoint(ProposalView), name="api_proposal"),
    path("returns/<slug:iso2>/<int:year>/uploads/", endpoint(UploadsView), name="api_uploads"),
    path("return-uploads/<uuid:public_id>/", endpoint(UploadView), name="api_upload"),
    path("return-uploads/<uuid:public_id>/confirm/", endpoint(UploadConfirmView), name="api_upload_confirm"),
    path("releases/", endpoint(ReleasesView), name="api_releases"),
    path("releases/builds/", endpoint(ReleaseBuildsView), name="api_release_builds"),
    path("releases/<int:number>/files/", endpoint(ReleaseFilesView), name="api_release_files"),
    path("returns/", endpoint(ReturnsView), name="api_returns"),
    path("returns/<slug:iso2>/<int:year>/<slug:table>/", endpoint(ReturnView), name="api_return"),
]
